"""The compiled form answers as the interpreter does, on generated questionnaires and answers and on all that ship."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import (
    catalogue,
    compiled_scoring,
    compiled_stored,
    construction,
    nesting,
    reading,
    scoring,
    submission,
    trace,
)
from questionnaires.answers import Answer, Answers, index_answers
from questionnaires.applicability import find_applicable
from questionnaires.catalogue import Packaged
from questionnaires.compiled import CompiledProfile, CompiledVersion, StrangeAnswers
from questionnaires.definition import Definition, Question, Tier
from questionnaires.faults import FaultList
from questionnaires.profile import Profile
from questionnaires.submission import Attachment
from tests.questionnaires import generation, samples, shaped

DAY = date(2026, 1, 15)
SEEDS = st.integers(0, 2**32)
few = settings(max_examples=40, deadline=None)
PACKAGED = catalogue.list_packaged()
NUMBERS = ("1.0", "007", "-0", "+3", "1e3", "12.50", "0.001", "99999999999999999999999", "٣", "", " 5", "-4", "4000")


def spoil(rng: Random, definition: Definition, answers: Answers) -> Answers:
    """Some answers as no client should send them, or as an older version of the questionnaire let them pass."""
    found = dict(answers)
    for key, answer in answers.items():
        question = definition.questions[key[0]]
        if question.type == "group" or rng.random() > 0.2:
            continue
        found[key] = replace(answer, state="value", value=_pick_odd(rng, definition, question), reason="")
    return found


def _pick_odd(rng: Random, definition: Definition, question: Question) -> Any:
    match question.type:
        case "multi_choice":
            keys = [option.key for option in definition.options(question)]
            return tuple(rng.choices(keys, k=rng.randint(1, 3)))
        case "text":
            return rng.choice([" ", " a ", "a\r\nb", "a" * 10_001, "\x00", "fine"])
        case "date":
            return rng.choice(["2026-01-31", "2025-12-01"])
        case "choice":
            return definition.options(question)[0].key
        case "boolean":
            return rng.choice([True, False])
    return rng.choice(["1.0", "12.50", "-4", "4000", "0.001", "-0"])


def attach_some(rng: Random, definition: Definition) -> list[Attachment]:
    states: list[Any] = ["here", "checking", "awaited", "refused"]
    return [
        Attachment(
            question=rng.choice(list(definition.questions)),
            row_id=rng.choice([None, None, "r1"]),
            kind=rng.choice(["policy", "record"]),
            state=rng.choice(states),
            issued_on=rng.choice([None, DAY - timedelta(days=9000), DAY]),
        )
        for _ in range(rng.randint(0, 4))
    ]


def compare(definition: Definition, profiles: Sequence[Profile], rng: Random, responses: int) -> None:
    """Everything that is compiled, at each tier, beside the interpreter."""
    version = CompiledVersion(definition)
    compiled = [CompiledProfile(version, profile) for profile in profiles]
    for _ in range(responses):
        answers = generation.make_answers(rng, definition)
        odd, files = spoil(rng, definition, answers), attach_some(rng, definition)
        for tier in definition.tier_keys:
            for one in (answers, odd):
                staff = rng.choice([None, 5, 500, 5000])
                walk, asked = version.at(tier).walk(one), find_applicable(definition, tier, one)
                assert walk.applicability == asked
                given: Any = {"day": DAY, "attachments": files, "staff": staff, "unconfirmed": list(one)[::3]}
                assert version.at(tier).check_walk(walk, **given) == submission.check_submission(asked, **given)
                for scorer in compiled:
                    assert scorer.is_compiled
                    result = scoring.score_answers(definition, scorer.profile, tier, one, DAY)
                    scored, traced = scorer.score_and_trace(tier, one, DAY)
                    assert (scored, traced) == scorer.score_and_trace_walk(walk, DAY)
                    assert scored == result == scorer.score_answers(tier, one, DAY)
                    whole = trace.write_trace(result, definition, scorer.profile)
                    assert json.dumps(traced) == json.dumps(whole)
                    compare_stored(scorer, asked.keep_enabled(), one, tier)


def compare_stored(scorer: CompiledProfile, kept: Answers, given: Answers, tier: Tier) -> None:
    """From the stored text, in each of its spellings, to the text of the trace: frozen answers, and any others."""
    definition = scorer.version.definition
    for answers in (kept, given):
        nested = nesting.write_nested(definition, answers)
        read, _ = nesting.read_nested(definition, nested)
        parts = split_sections(definition, nested)
        for texts in ([write_tightly(nested)], [json.dumps(part, ensure_ascii=False) for part in parts]):
            if nested.keys() - {key for key, _ in read}:
                with pytest.raises(StrangeAnswers):
                    scorer.score_stored(tier, texts, DAY)
                continue
            result = scoring.score_answers(definition, scorer.profile, tier, read, DAY)
            written = scorer.score_stored(tier, texts, DAY)
            assert written.join() == write_tightly(trace.write_trace(result, definition, scorer.profile))
            assert replace(written.result, lines=()) == replace(result, lines=())


def split_sections(definition: Definition, nested: dict[str, Any]) -> list[dict[str, Any]]:
    return [{q.key: nested[q.key] for q in section.questions if q.key in nested} for section in definition.sections]


def write_tightly(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def compare_generated(seed: int) -> None:
    """A made-up questionnaire with a plain profile and a shaped one."""
    rng = Random(seed)
    raw, raw_profile = generation.make_shaped(rng)
    definition = reading.definition_from_document(raw)
    plain = reading.profile_from_document(generation.make_profile(rng, raw), definition)
    compare(definition, [plain, reading.profile_from_document(raw_profile, definition)], rng, 3)


@few
@given(SEEDS)
def test_as_the_interpreter_on_generated_questionnaires(seed: int) -> None:
    compare_generated(seed)


@pytest.mark.soak(part="compiled")
def test_as_the_interpreter_for_long(record_property: Callable[[str, object], None]) -> None:
    for seed in range(1_000):
        compare_generated(seed)
    record_property(
        "figures",
        "1,000 made-up questionnaires with a plain and a shaped profile each, 6 responses at each tier; applicability, "
        "problems, results and traces of the compiled form are those of the interpreter",
    )


@pytest.mark.parametrize("packaged", PACKAGED, ids=lambda p: f"{p.definition.key} {p.definition.version}")
def test_as_the_interpreter_on_what_ships(packaged: Packaged) -> None:
    compare(packaged.definition, packaged.profiles, Random(1), 4)


@pytest.mark.parametrize("key", shaped.SHAPES)
def test_as_the_interpreter_on_the_published_shapes(key: str) -> None:
    definition, profile = shaped.read_shape(key)
    compare(definition, [profile], Random(1), 4)


@few
@given(SEEDS)
def test_reads_stored_answers_as_nesting_does(seed: int) -> None:
    rng = Random(seed)
    definition = reading.definition_from_document(generation.make_documents(rng)[0])
    version = CompiledVersion(definition)
    for _ in range(5):
        nested = json.loads(json.dumps(nesting.write_nested(definition, generation.make_answers(rng, definition))))
        for _ in range(2):
            assert version.read_answers(nested) == nesting.read_nested(definition, nested)[0]


@pytest.mark.parametrize(
    "entry",
    [
        {"state": "value", "value": 1},
        {"state": "value", "value": True},
        {"state": "value", "value": "1"},
        {"state": "value", "value": 1.0},
        {"state": "value", "value": ["a", 1]},
        {"state": "value", "value": {"a": 1}},
        {"state": "value", "value": None},
        {"state": "value"},
        {"state": "unknown", "value": "x"},
        {"state": "unknown"},
        {"state": ["value"], "value": True},
        {"state": "not_applicable", "reason": "none"},
        {"value": True},
        {"state": "value", "value": True, "reason": "so"},
        "value",
        None,
    ],
    ids=str,
)
def test_reads_strange_entries_as_nesting_does(entry: Any) -> None:
    definition = samples.make_definition()
    version = CompiledVersion(definition)
    # What was read before must not answer for what only equals it, as 1 does True.
    for known in ({"state": "value", "value": True}, {"state": "value", "value": "1"}, {"state": "unknown"}):
        version.read_answers(dict.fromkeys(definition.questions, known))
    for key in (*definition.questions, "nothing"):
        nested = {key: entry}
        assert version.read_answers(nested) == nesting.read_nested(definition, nested)[0]


@pytest.mark.parametrize("value", [*NUMBERS, True, ("a",)], ids=str)
@pytest.mark.parametrize("kind", ["integer", "decimal", "percent"])
def test_numbers_pass_or_are_refused_alike(kind: str, value: Any) -> None:
    raw = samples.make_document()
    raw["sections"][0]["questions"][0] |= {
        "type": kind,
        "min": "-3",
        "max": "50",
        "decimals": 2 if kind != "integer" else None,
    }
    raw["sections"][0]["questions"][0].pop("unit" if kind == "percent" else "nothing", None)
    definition = construction.construct(Definition, raw, FaultList("sample"))
    answers = index_answers([Answer(question="headcount", state="value", value=value)])
    # A value that no number can be read from stands in no condition here, so that only the check sees it.
    definition = _without_conditions(definition)
    asked = find_applicable(definition, "micro", answers)
    found = CompiledVersion(definition).at("micro").check_submission(answers, day=DAY)
    assert found == submission.check_submission(asked, day=DAY)


def _without_conditions(definition: Definition) -> Definition:
    sections = tuple(
        replace(section, questions=tuple(replace(question, enable_when=None) for question in section.questions))
        for section in definition.sections
    )
    return replace(definition, sections=sections)


def test_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many values come, few are kept, and forgetting them changes nothing."""
    monkeypatch.setattr("questionnaires.compiled_scoring.MAX_DRAWN", 3)
    monkeypatch.setattr("questionnaires.compiled_stored.MAX_KEPT", 2)
    monkeypatch.setattr("questionnaires.compiled_stored.MAX_LENGTH", 60)
    monkeypatch.setattr("questionnaires.compiled_measures.MAX_KEPT", 2)
    monkeypatch.setattr("questionnaires.compiled.MAX_READ", 2)
    packaged = PACKAGED[-1]
    compare(packaged.definition, packaged.profiles, Random(3), 4)
    version = CompiledVersion(packaged.definition)
    compiled = version.at(packaged.definition.tier_keys[-1])
    scorer = compiled_scoring.CompiledScorer(packaged.definition, packaged.profiles[-1], compiled)
    stored = compiled_stored.StoredTier(packaged.definition, packaged.profiles[-1], compiled, scorer.measures)
    for seed in range(20):
        answers = generation.make_answers(Random(seed), packaged.definition)
        scorer.score(answers, DAY)
        stored.read([write_tightly(nesting.write_nested(packaged.definition, answers))])
    assert scorer.count_drawn() <= 3
    assert 0 < stored.count_known() <= 2 * len(packaged.definition.questions)


def test_what_stands_between_answers_may_stand_in_a_text() -> None:
    """Where a stored text cannot be cut answer by answer, it is read as a whole."""
    version, profile = CompiledVersion(samples.make_definition()), samples.make_profile()
    scorer = CompiledProfile(version, profile)
    for reason in ("},", "}, ", '"},"trained":{"', "\\", '\\"},"'):
        nested = {
            "trained": {"state": "value", "value": "60"},
            "fees_repaid": {"state": "not_applicable", "reason": f"because{reason}"},
            "headcount": {"state": "value", "value": "12"},
        }
        answers, problems = nesting.read_nested(version.definition, nested)
        assert not problems
        expected = write_tightly(scorer.score_and_trace("micro", answers, DAY)[1])
        assert scorer.score_stored("micro", [write_tightly(nested)], DAY).join() == expected
        assert scorer.score_stored("micro", [json.dumps(nested)], DAY).join() == expected


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a"}', "{}}", '{"trained":{"state":"value","value":"60"}'])
def test_what_is_no_object_of_answers_is_refused(text: str) -> None:
    scorer = CompiledProfile(CompiledVersion(samples.make_definition()), samples.make_profile())
    with pytest.raises(ValueError, match="are a JSON object"):
        scorer.score_stored("micro", [text], DAY)


def test_what_the_lint_would_refuse_is_scored_by_the_interpreter() -> None:
    """A condition on a higher tier, in a document of before that rule: the lower tier sees other answers."""
    raw = samples.make_document()
    raw["sections"][1]["questions"][0]["tier"] = "micro"
    raw["sections"][1]["questions"][0]["enable_when"] = {"all": [{"q": "late", "op": "eq", "value": True}]}
    late = {"key": "late", "type": "boolean", "tier": "basic", "kind": "fact", "title": "Late?", "why": "To test."}
    raw["sections"][0]["questions"].append(late)
    definition = construction.construct(Definition, raw, FaultList("sample"))
    profile = construction.construct(Profile, samples.make_profile_document(), FaultList("profile"))
    scorer = CompiledProfile(CompiledVersion(definition), profile)
    assert not scorer.is_compiled
    answers = index_answers(
        [
            Answer(question="late", state="value", value=True),
            Answer(question="fees_repaid", state="value", value="yes"),
            Answer(question="trained", state="value", value=str(Decimal(60))),
        ]
    )
    result = scoring.score_answers(definition, profile, "basic", answers, DAY)
    assert scorer.score_and_trace("basic", answers, DAY)[0] == result
    # That is why it is not compiled: without the answer to `late`, the lower tier does not ask for fees.
    assert result.lower[0].rests_on < result.rests_on - 1


def test_what_weighs_nothing_is_scored_by_the_interpreter() -> None:
    definition, raw = samples.make_definition(), samples.make_profile_document()
    raw["questions"]["waste"]["weight"] = "0"
    profile = construction.construct(Profile, raw, FaultList("profile"))
    assert CompiledProfile(CompiledVersion(definition), samples.make_profile()).is_compiled
    assert not CompiledProfile(CompiledVersion(definition), profile).is_compiled


def test_rows_share_a_weight_in_whole_numbers_where_they_can() -> None:
    """Three rows of a weight of one are fractions, which must add up as those of the interpreter do."""
    vector = json.loads((catalogue.find_content_folder().parent / "conformance/scored_groups.json").read_text())
    definition = construction.construct(Definition, vector["definition"], FaultList("vector"))
    profile = construction.construct(Profile, vector["profile"], FaultList("vector"))
    scorer = compiled_scoring.CompiledScorer(definition, profile, CompiledVersion(definition).at("micro"))
    for count in (1, 3, 7, 80):
        answers = index_answers(
            Answer(question="contract", row_id=f"r{row}", state="value", value=row % 2 == 0) for row in range(count)
        )
        assert scorer.score(answers, DAY) == scoring.score_answers(definition, profile, "micro", answers, DAY)
