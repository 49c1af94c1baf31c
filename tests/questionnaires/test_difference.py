"""Each kind of change has its code and the step it needs; the same content needs none."""

import copy
import dataclasses
from collections.abc import Callable
from typing import Any, get_args

import pytest

from questionnaires import carryover, change_texts, difference, reasons, texts
from questionnaires.definition import Definition, Header, Question, Section
from questionnaires.difference import Difference
from tests.questionnaires import changing, samples

Mutate = Callable[[dict[str, Any]], object]


def change(mutate: Mutate) -> Difference:
    raw = copy.deepcopy(samples.make_document())
    mutate(raw)
    return difference.compare(samples.make_definition(), changing.build(raw))


def question(raw: dict[str, Any], key: str) -> dict[str, Any]:
    for section in raw["sections"]:
        for one in section["questions"]:
            for inner in (one, *one.get("questions", ())):
                if inner["key"] == key:
                    found: dict[str, Any] = inner
                    return found
    raise LookupError(key)


def sets(key: str, **fields: Any) -> Mutate:
    return lambda raw: question(raw, key).update(fields)


def rename(raw: dict[str, Any], old: str, new: str) -> None:
    question(raw, old)["key"] = new
    raw["renamed"] = [{"from": old, "to": new}]


def rename_everywhere(raw: dict[str, Any]) -> None:
    """`headcount` is named by a condition and by two checks: to follow the name is no change of theirs."""
    rename(raw, "headcount", "people")
    question(raw, "fees_repaid")["enable_when"]["all"][0]["q"] = "people"
    for check in raw["checks"]:
        check["rule"]["than"] = "people"


ADDED = {"key": "extra", "type": "text", "tier": "micro", "kind": "fact", "title": "More", "why": "Room."}
OPTION = {"key": "glass", "title": "Glass"}
CASES: list[tuple[str, Mutate, set[str]]] = [
    ("patch", lambda raw: raw["questionnaire"].update(title="Other"), {"header_changed"}),
    ("patch", lambda raw: raw["questionnaire"].update(description="Other"), {"header_changed"}),
    ("major", lambda raw: raw["questionnaire"].update(purpose="pulse"), {"header_changed"}),
    ("major", lambda raw: raw["questionnaire"].update(publisher="other"), {"header_changed"}),
    ("none", lambda raw: raw["questionnaire"].update(version="1.0.1", supersedes="1.0.0"), set()),
    ("patch", lambda raw: raw["tiers"][0].update(title="Small"), {"tier_reworded"}),
    ("minor", lambda raw: raw["tiers"].append({"key": "standard", "title": "S"}), {"tier_added"}),
    ("major", lambda raw: raw["tiers"].pop(), {"tier_removed"}),
    ("patch", lambda raw: raw["pillars"][0].update(title="Work"), {"pillar_reworded"}),
    ("minor", lambda raw: raw["pillars"].append({"key": "more", "title": "M"}), {"pillar_added"}),
    ("major", lambda raw: raw["pillars"].pop(), {"pillar_removed"}),
    ("patch", lambda raw: raw["sections"][1].update(title="Wages"), {"section_reworded"}),
    ("minor", lambda raw: raw["sections"][1].update(pillar="safety"), {"section_moved"}),
    ("patch", lambda raw: raw["sections"].reverse(), {"questions_reordered"}),
    ("patch", lambda raw: raw["sections"][0]["questions"].reverse(), {"questions_reordered"}),
    ("minor", lambda raw: raw["sections"][0]["questions"].append(ADDED), {"question_added"}),
    ("major", lambda raw: raw["sections"][0]["questions"].pop(2), {"question_removed"}),
    ("minor", lambda raw: rename(raw, "founded", "born"), {"question_renamed"}),
    ("minor", rename_everywhere, {"question_renamed"}),
    ("major", lambda raw: question(raw, "founded").update(key="born"), {"question_removed", "question_added"}),
    ("patch", sets("founded", title="Since when?"), {"reworded"}),
    ("patch", sets("trained", action="Teach."), {"reworded"}),
    ("patch", sets("founded", help="The year."), {"note_changed"}),
    ("patch", sets("trained", minutes="2"), {"note_changed"}),
    ("patch", sets("trained", probe={"ask": "Who?", "look": "Badges."}), {"note_changed"}),
    ("patch", sets("fees_repaid", maps_to=[{"standard": "eti", "ref": "1.1", "relation": "equal"}]), {"note_changed"}),
    ("minor", sets("exits_locked", kind="fact"), {"use_changed"}),
    ("patch", lambda raw: raw["tiers"].reverse(), {"tiers_reordered"}),
    ("patch", lambda raw: raw["pillars"].reverse(), {"pillars_reordered"}),
    ("patch", lambda raw: raw["checks"].reverse(), {"checks_reordered"}),
    ("minor", sets("headcount", concept="workforce.people"), {"use_changed"}),
    ("minor", sets("trained", benchmark=True), {"use_changed"}),
    ("minor", sets("headcount", max="10"), {"limit_changed"}),
    ("minor", sets("trained", decimals=0), {"limit_changed"}),
    ("minor", sets("remark", max_length=10), {"limit_changed"}),
    ("minor", sets("sites", repeat={"min": 1, "max": 5}), {"limit_changed"}),
    ("minor", sets("founded", required=True), {"rule_changed"}),
    ("minor", sets("trained", not_applicable={"allowed": True}), {"rule_changed"}),
    ("minor", sets("trained", request_limit={"up_to_10": "voluntary", "up_to_1000": "unknown"}), {"rule_changed"}),
    ("minor", sets("site_beds", enable_when={"all": [{"q": "site_people", "op": "gt", "value": "5"}]}),
     {"condition_changed"}),
    ("minor", sets("fees_repaid", evidence={"accept": ["record", "photo"], "required_from": "basic"}),
     {"evidence_changed"}),
    ("minor", sets("remark", tier="basic"), {"tier_changed"}),
    ("minor", lambda raw: question(raw, "waste")["options"].insert(0, OPTION), {"option_added"}),
    ("minor", lambda raw: raw["option_sets"]["yes_partly_no"].append({"key": "soon", "title": "S"}), {"option_added"}),
    ("major", lambda raw: question(raw, "waste")["options"].pop(0), {"option_removed"}),
    ("minor", lambda raw: question(raw, "waste")["options"][0].update(exclusive=True), {"option_changed"}),
    ("patch", lambda raw: question(raw, "waste")["options"][0].update(title="Papers"), {"option_reworded"}),
    ("patch", lambda raw: question(raw, "waste")["options"].reverse(), {"options_reordered"}),
    ("major", sets("trained", meaning=2), {"meaning_raised"}),
    ("major", sets("headcount", unit="worker"), {"unit_changed"}),
    ("major", sets("remark", type="boolean", max_length=None), {"type_changed"}),
    ("major", lambda raw: raw["sections"][0]["questions"].append(question(raw, "sites")["questions"].pop(0)),
     {"type_changed", "questions_reordered"}),
    ("minor", lambda raw: raw["checks"].pop(), {"check_removed"}),
    ("patch", lambda raw: raw["checks"][0].update(title="Fits well."), {"check_reworded"}),
    ("minor", lambda raw: raw["checks"][0].update(severity="error"), {"check_changed"}),
    ("minor", lambda raw: raw["sections"][2]["questions"].append(raw["sections"][1]["questions"].pop()),
     {"question_moved", "questions_reordered"}),
    ("patch", lambda raw: raw["sections"][0].update(intro="First."), {"section_reworded"}),
    ("patch", lambda raw: raw["sections"][0].update(key="about"),
     {"section_added", "section_removed", "question_moved"}),
    ("minor", lambda raw: raw["checks"][0].update(rule={"value": "temporary", "jump": {"factor": "2"}}),
     {"check_changed"}),
    ("minor", lambda raw: raw["checks"].append(raw["checks"][0] | {"key": "again"}), {"check_added"}),
]  # fmt: skip


@pytest.mark.parametrize(("step", "mutate", "codes"), CASES)
def test_a_change_has_its_code_and_step(step: str, mutate: Mutate, codes: set[str]) -> None:
    found = change(mutate)
    assert {one.code for one in found.changes} == codes
    assert found.least_step == step
    assert all(one.path and reasons.write_sentence(one.code) for one in found.changes)
    assert {one.step for one in found.reasons} <= {step}


def test_every_code_has_a_sentence_and_is_tried() -> None:
    tried = {code for _, _, codes in CASES for code in codes}
    documents = {f"document_{one}" for one in ("expired", "rejected", "answer_left", "not_reused")}
    answers = {carryover.ANOTHER_PERIOD, carryover.FIGURE, carryover.GONE}
    answers |= {"question_changed", "nothing_to_confirm", "set_by_head_office", "base_revision", "write_id_reused"}
    answers |= {"draft_discarded", "answer_locked"}
    answers |= {f"row_site_{one}" for one in ("unknown", "taken", "not_expected")}
    declining = {f"decline_{one}" for one in ("up_to_10", "up_to_1000", "law")}
    others = answers | documents | declining | set(get_args(carryover.Footing))
    assert tried.isdisjoint(others)
    assert tried | others == set(reasons.read_sentences("en"))


TEXTS = {
    "header_changed", "tier_added", "tier_reworded", "tier_removed", "pillar_added", "pillar_reworded",
    "pillar_removed", "section_added", "section_reworded", "section_removed", "check_added", "check_removed",
    "option_added", "option_reworded", "option_removed", "reworded", "note_changed",
}  # fmt: skip


def test_every_text_of_a_change_is_found_in_its_version() -> None:
    """What a reader is told in another language: exactly the words that the change names, and no value."""
    met = set()
    for _, mutate, _ in CASES:
        found = change(mutate)
        for one in found.changes:
            old_key = None if one.question is None else found.find_old_key(one.question)
            for version, key, words in ((found.old, old_key, one.old), (found.new, one.question, one.new)):
                path = change_texts.find_text(version, one, key) if words else None
                if path is not None:
                    assert texts.list_texts(version)[path] == words, one
                    met.add(one.code)
    assert met == TEXTS


def test_the_texts_of_a_renamed_question_stand_under_its_two_keys() -> None:
    def mutate(raw: dict[str, Any]) -> None:
        rename(raw, "founded", "born")
        question(raw, "born")["title"] = "Since when?"

    found = change(mutate)
    one = next(one for one in found.changes if one.code == "reworded")
    assert change_texts.find_text(found.old, one, "founded") == "questions.founded.title"
    assert change_texts.find_text(found.new, one, "born") == "questions.born.title"


@pytest.mark.parametrize(
    ("step", "expected"), [("none", "1.2.3"), ("patch", "1.2.4"), ("minor", "1.3.0"), ("major", "2.0.0")]
)
def test_raises_a_version(step: difference.Step, expected: str) -> None:
    assert difference.raise_version("1.2.3", step) == expected


@pytest.mark.parametrize(("version", "enough"), [("1.0.1", False), ("1.1.0", True), ("1.10.0", True), ("2.0.0", True)])
def test_a_lower_step_is_not_enough(version: str, enough: bool) -> None:
    def mutate(raw: dict[str, Any]) -> None:
        raw["sections"][0]["questions"].append(ADDED)
        raw["questionnaire"]["version"] = version

    assert difference.is_step_enough(change(mutate)) is enough


def test_two_questionnaires_are_not_compared() -> None:
    raw = samples.make_document()
    raw["questionnaire"]["key"] = "other"
    with pytest.raises(ValueError, match="two questionnaires"):
        difference.compare(samples.make_definition(), changing.build(raw))


def test_every_field_of_the_format_is_compared() -> None:
    """A field that is added to the format must be given a code, or the content changes and nobody is told."""
    alone = {"key", "type", "meaning", "unit", "tier", "options", "options_ref", "enable_when", "evidence", "questions"}
    lists = (difference.WORDS, difference.NOTES, difference.LIMITS, difference.RULES, difference.USES)
    compared = [name for names in lists for name in names]
    assert len(compared) == len(set(compared))
    assert {*compared, *alone} == {one.name for one in dataclasses.fields(Question)}
    assert {one.name for one in dataclasses.fields(Section)} == {"key", "title", "intro", "pillar", "questions"}
    parts = {"questionnaire", "tiers", "pillars", "sections", "checks"}
    unlike = {"format", "option_sets", "renamed"}  # the same for all; seen by its questions; how the rest is compared
    assert {one.name for one in dataclasses.fields(Definition)} == parts | unlike
    header = {"title", "description", "locale", "purpose", "publisher"}
    assert {one.name for one in dataclasses.fields(Header)} == header | {"key", "version", "supersedes"}


def test_a_name_that_is_taken_is_no_renaming() -> None:
    found = change(lambda raw: (raw["sections"][0]["questions"].pop(2), raw.update(renamed=RENAMED)))
    assert [(one.code, one.question) for one in found.changes] == [("question_removed", "founded")]


RENAMED = [{"from": "founded", "to": "remark"}]
