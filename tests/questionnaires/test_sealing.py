"""A summary can be checked without the answers, a section without the others, and erased texts leave the rest whole."""

import copy
import hashlib
import itertools
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from questionnaires import canonical, nesting, scoring, sealing, trace
from questionnaires.answers import Answers
from tests.questionnaires import samples

HEADER = {"questionnaire": "sample", "tier": "basic", "total": "83.33"}
RAW: dict[str, Any] = {
    "headcount": {"state": "value", "value": "12"},
    "remark": {"state": "value", "value": "The night shift is small."},
    "sites": {
        "state": "value",
        "value": [{"row": "r1", "answers": {"site_people": {"state": "value", "value": "12"}}}],
    },
    "fees_repaid": {"state": "not_applicable", "reason": "Nobody was recruited."},
    "exits_locked": {"state": "value", "value": False},
}
FILES = {"labour": [{"question": "fees_repaid", "sha256": "ab" * 32}]}


def read_answers() -> Answers:
    answers, problems = nesting.read_nested(samples.make_definition(), RAW)
    assert problems == []
    return answers


def make_seal(first_salt: int = 0) -> sealing.Seal:
    definition, profile = samples.make_definition(), samples.make_profile()
    result = scoring.score_answers(definition, profile, "basic", read_answers(), date(2026, 1, 15))
    salts = itertools.count(first_salt)
    return sealing.seal_submission(
        definition,
        header=HEADER,
        nested=nesting.write_nested(definition, read_answers()),
        trace=trace.write_trace(result, definition, profile),
        files=FILES,
        draw_salt=lambda: next(salts).to_bytes(16, "big"),
    )


def find_mismatches(seal: sealing.Seal, *disclosed: sealing.SealedSection, **changed: Any) -> list[str]:
    header = changed.get("header", seal.header)
    return sealing.find_mismatches(seal.root, header, changed.get("hashes", seal.section_hashes), disclosed)


def test_whole_and_parts_verify() -> None:
    seal = make_seal()
    assert find_mismatches(seal) == []
    assert find_mismatches(seal, *seal.sections) == []
    assert find_mismatches(seal, seal.sections[1]) == []


def test_survives_storage_as_json() -> None:
    seal = make_seal()
    stored = [replace(part, content=json.loads(json.dumps(part.content))) for part in seal.sections]
    assert find_mismatches(seal, *stored) == []


def test_another_salt_gives_other_hashes() -> None:
    first, second = make_seal(), make_seal(first_salt=1000)
    assert first.root != second.root
    assert not set(first.section_hashes.values()) & set(second.section_hashes.values())


def test_free_text_reasons_and_files_enter_as_digests_only() -> None:
    seal = make_seal()
    contents = json.dumps([section.content for section in seal.sections])
    hidden = [secret.text for section in seal.sections for secret in section.secrets.values()]
    listed = [text for text in hidden if text.startswith("[")]
    assert sorted(hidden) == sorted(["The night shift is small.", "Nobody was recruited.", "ab" * 32, *listed])
    assert [len(json.loads(text)) for text in listed] == [0, 1, 0]  # a section without files has a list as well
    assert not any(text in contents for text in hidden if text != "[]")


def test_documents_can_be_hidden_and_the_section_still_verifies() -> None:
    seal = make_seal()
    labour = seal.sections[1]
    hidden = sealing.hide_documents(labour)
    assert find_mismatches(seal, hidden) == []
    assert len(labour.secrets) - len(hidden.secrets) == 2
    assert "fees_repaid" not in json.dumps([one.text for one in hidden.secrets.values()])
    alone = {digest: one for digest, one in labour.secrets.items() if one.text == "ab" * 32}
    assert len(find_mismatches(seal, replace(labour, secrets=alone))) == 1  # nothing says that it was listed


def test_what_was_sealed_with_its_files_listed_openly_verifies_still() -> None:
    seal = make_seal()
    labour = seal.sections[1]
    content = {**labour.content, "format": "seal/1", "files": [{"question": "fees_repaid", "sha256": {"digest": "ab"}}]}
    hashes = seal.section_hashes | {"labour": sealing.hash_section(labour.salt, content)}
    tree = {"format": "seal/1", "header": seal.header, "sections": hashes}
    root = hashlib.sha256(b"\x01" + canonical.write_canonical(tree)).hexdigest()
    older = replace(labour, content=content, hash=hashes["labour"], secrets={})
    assert sealing.find_mismatches(root, seal.header, hashes, (older,)) == []
    assert len(sealing.find_mismatches(root, {**seal.header, "tier": "micro"}, hashes)) == 1
    with pytest.raises(ValueError, match="section labour was sealed with its files listed openly"):
        sealing.hide_documents(older)


def test_equal_texts_have_different_digests() -> None:
    one = sealing.Secret(salt="00" * 16, text="same")
    assert sealing.hash_secret(one) != sealing.hash_secret(replace(one, salt="01" * 16))


def test_erased_texts_leave_the_rest_verifiable() -> None:
    seal = make_seal()
    assert find_mismatches(seal, *(replace(section, secrets={}) for section in seal.sections)) == []


@pytest.mark.parametrize("header", [{**HEADER, "total": "90"}, {}])
def test_a_changed_header_is_found(header: dict[str, str]) -> None:
    assert find_mismatches(make_seal(), header=header) == ["root: header or section hashes were changed"]


def test_a_changed_answer_is_found_and_named() -> None:
    seal = make_seal()
    content = copy.deepcopy(dict(seal.sections[2].content))
    content["answers"]["exits_locked"]["value"] = True
    forged = replace(seal.sections[2], content=content)
    assert find_mismatches(seal, forged) == ["section safety: answers, trace or files were changed"]


def test_a_changed_text_is_found() -> None:
    seal = make_seal()
    facts = seal.sections[0]
    digest, secret = next(iter(facts.secrets.items()))
    forged = replace(facts, secrets={digest: replace(secret, text="The night shift is large.")})
    assert find_mismatches(seal, forged) == [f"section facts: a text or file does not fit its digest {digest}"]


def test_a_foreign_text_is_found() -> None:
    seal = make_seal()
    secret = sealing.Secret(salt="00" * 16, text="foreign")
    forged = replace(seal.sections[0], secrets={sealing.hash_secret(secret): secret})
    assert len(find_mismatches(seal, forged)) == 1


def test_a_left_out_section_is_found() -> None:
    seal = make_seal()
    hashes = {key: value for key, value in seal.section_hashes.items() if key != "safety"}
    assert find_mismatches(seal, seal.sections[2], hashes=hashes) == [
        "root: header or section hashes were changed",
        "section safety: was not sealed",
    ]


def test_refuses_a_short_salt() -> None:
    with pytest.raises(ValueError, match="a salt has 4 bytes; allowed: 16"):
        sealing.seal_submission(
            samples.make_definition(), header={}, nested={}, trace={"sections": {}}, files={}, draw_salt=lambda: b"salt"
        )
