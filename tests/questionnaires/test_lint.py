"""The lint finds each seeded fault in a questionnaire and in a profile, by name, and nothing in the clean sample."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from questionnaires import construction, lint, profile_lint
from questionnaires.definition import Definition
from questionnaires.faults import FaultList
from questionnaires.profile import Profile
from tests.questionnaires import samples

Edit = Callable[[dict[str, Any]], object]
STANDARDS = {"eti": frozenset({"1.2"})}


def find(raw: dict[str, Any], key: str) -> dict[str, Any]:
    asked = [q for s in raw["sections"] for g in s["questions"] for q in [g, *g.get("questions", [])]]
    return next(question for question in asked if question["key"] == key)


def change(question: str, /, **fields: Any) -> Edit:
    return lambda raw: find(raw, question).update(fields)


def drop(key: str, field: str) -> Edit:
    return lambda raw: find(raw, key).pop(field)


def condition(key: str, *clauses: tuple[Any, ...], name: str = "enable_when") -> Edit:
    written = [dict(zip(("q", "op", "value"), clause, strict=False)) for clause in clauses]
    return change(key, **{name: {"all": written}})


def rule(**fields: Any) -> Edit:
    return lambda raw: raw["checks"][0].update(rule=fields)


def lint_definition(raw: dict[str, Any], **known: Any) -> list[str]:
    faults = FaultList("sample 1.0.0")
    definition = construction.construct(Definition, raw, faults)
    lint.lint_definition(definition, faults, **known)
    return [str(fault) for fault in faults.faults]


def lint_profile(raw: dict[str, Any]) -> list[str]:
    faults = FaultList("profile 1 of sample 1.0.0")
    profile = construction.construct(Profile, raw, faults)
    profile_lint.lint_profile(profile, samples.make_definition(), faults)
    return [str(fault) for fault in faults.faults]


FAULTS: list[tuple[Edit, str]] = [
    (lambda raw: raw["tiers"].reverse(), "tiers: basic, micro; allowed: micro < basic < standard < advanced"),
    (lambda raw: raw["tiers"].clear(), "tiers: none"),
    (lambda raw: raw["tiers"].append({"key": "standard", "title": "S"}), "tier standard: warning: asks nothing more"),
    (lambda raw: raw["pillars"].append(raw["pillars"][0]), 'pillar key "labour" stands twice'),
    (
        lambda raw: raw["pillars"].append({"key": "climate", "title": "C"}),
        "pillar climate: warning: no measure at tier",
    ),
    (lambda raw: raw["sections"][1].update(key="facts"), 'section key "facts" stands twice'),
    (lambda raw: raw["sections"][1].update(pillar="labor"), 'unknown pillar "labor"; allowed: labour, safety or none'),
    (lambda raw: raw["sections"][1].pop("pillar"), "question trained: kind: a measure stands in a section without"),
    (lambda raw: raw["sections"][2].update(questions=[]), "section safety: questions: are missing"),
    (lambda raw: raw["option_sets"].update(other=[{"key": "a", "title": "A"}]), "option set other: 1 options; allowed"),
    (
        lambda raw: raw["option_sets"].update(other=[{"key": "a", "title": "A"}]),
        "other: warning: is used by no question",
    ),
    (lambda raw: raw["option_sets"]["yes_partly_no"][1].update(key="no"), 'option "no" stands twice; allowed: once'),
    (lambda raw: raw["questionnaire"].update(supersedes="1.0.0"), "supersedes: 1.0.0 is not below 1.0.0"),
    (lambda raw: raw["questionnaire"].update(supersedes="1.10.0"), "supersedes: 1.10.0 is not below 1.0.0"),
    (lambda raw: raw["questionnaire"].update(version="1.0"), 'version: "1.0" is not allowed; allowed: the pattern'),
    (lambda raw: raw.update(renamed=[{"from": "old", "to": "new"}]), 'renamed: unknown question "new"'),
    (lambda raw: raw.update(renamed=[{"from": "trained", "to": "waste"}]), 'renamed: "trained" is still asked'),
    (change("trained", key="headcount"), 'question key "headcount" stands twice (first in section facts, question'),
    (change("site_beds", key="headcount"), 'question key "headcount" stands twice'),
    (change("temporary", concept="workforce.headcount"), 'concept key "workforce.headcount" stands twice'),
    (change("temporary", concept="headcount"), 'concept: "headcount" is not allowed; allowed: the pattern'),
    (change("trained", tier="advanced"), 'tier: "advanced" is not a tier here; allowed: micro, basic'),
    (change("site_beds", tier="micro"), "tier: micro is lower than basic of its group"),
    (change("trained", type="text"), "kind: a text cannot be scored"),
    (change("headcount", action="Grow."), "action: a fact has nothing to improve"),
    (drop("trained", "action"), "action: is missing; a measure says what to do"),
    (drop("headcount", "unit"), "question headcount: unit: is missing"),
    (change("trained", unit="kWh"), 'unit: "kWh" on a percentage'),
    (change("remark", unit="word"), "unit: not for a text; allowed: numbers only"),
    (change("founded", min=3), "min: not for a date"),
    (change("headcount", min=10000), "min, max: 10000 is above 9000"),
    (change("headcount", decimals=2), "decimals: not for an integer; allowed: decimal, percent"),
    (change("trained", decimals=11), "decimals: 11; allowed: 0 to 10"),
    (change("headcount", max_length=9), "max_length: not for an integer; allowed: text"),
    (change("exits_locked", indicator={"name": "a", "unit": "b", "direction": "up"}), "indicator: not for a boolean"),
    (change("remark", benchmark=True), "benchmark: not for a text"),
    (change("fees_repaid", options_ref="yes_no"), 'unknown option set "yes_no"; allowed: yes_partly_no'),
    (change("waste", options_ref="yes_partly_no"), "options: both options and options_ref"),
    (drop("waste", "options"), "options: are missing"),
    (change("exits_locked", options_ref="yes_partly_no"), "options: not for a boolean"),
    (change("waste", type="choice"), "options: exclusive means nothing where one option is chosen"),
    (change("exits_locked", repeat={"min": 0, "max": 1}), "repeat, questions: not for a boolean"),
    (change("sites", repeat={"min": 3, "max": 2}), "repeat: 3 to 2; allowed: min up to max"),
    (change("sites", repeat={"min": 0, "max": 5000}), "repeat: 0 to 5000"),
    (drop("sites", "repeat"), "repeat: is missing"),
    (drop("sites", "questions"), "question sites: questions: are missing"),
    (change("site_dorm", type="group", repeat={"min": 0, "max": 1}, questions=[]), "type: a group inside a group"),
    (change("sites", evidence={"accept": ["record"]}), "evidence: not on a group"),
    (change("trained", meaning=0), "meaning: 0; allowed: 1 and up"),
    (change("trained", minutes=0), "minutes: 0; allowed: more than 0"),
    (drop("trained", "why"), "why: is missing"),
    (change("trained", evidence={"accept": []}), "evidence: accepts nothing"),
    (change("trained", evidence={"accept": ["selfie"]}), 'accept: "selfie" is unknown; allowed: policy'),
    (
        change("trained", maps_to=[{"standard": "eti", "ref": "1.2", "relation": "alike"}]),
        'relation: "alike" is unknown',
    ),
    (change("trained", maps_to=[{"standard": "etx", "ref": "1.2", "relation": "equal"}]), 'unknown standard "etx"'),
    (change("trained", maps_to=[{"standard": "eti", "ref": "9", "relation": "equal"}]), 'maps_to: eti has no "9"'),
    (change("trained", maps_to=[{"standard": "eti", "ref": "1.2", "relation": "equal"}] * 2), "eti 1.2 stands twice"),
    (change("trained", request_limit={"up_to_10": "maybe", "up_to_1000": "unknown"}), 'up_to_10: "maybe" is unknown'),
    (change("trained", required="yes"), 'required: "yes" is not allowed; allowed: true or false'),
    (condition("trained", ("nothing", "eq", "1")), 'enable_when: unknown question "nothing"'),
    (condition("temporary", ("trained", "eq", "1")), '"trained" comes later or is inside a group'),
    (condition("trained", ("trained", "eq", "1")), '"trained" comes later or is inside a group'),
    (condition("trained", ("site_people", "eq", "1")), '"site_people" comes later or is inside a group'),
    (
        condition("trained", ("sites", "answered")),
        '"sites" is asked from tier basic on; allowed: questions of tier micro',
    ),
    (condition("waste", ("sites", "answered")), 'operator answered on "sites", a group; allowed: none'),
    (condition("waste", ("remark", "eq", "x")), 'operator eq on "remark", a text; allowed: answered'),
    (condition("waste", ("exits_locked", "gt", True)), 'operator gt on "exits_locked", a boolean'),
    (condition("waste", ("exits_locked", "eq", "yes")), 'value "yes" for "exits_locked"; allowed: true or false'),
    (condition("waste", ("fees_repaid", "eq", "maybe")), "allowed: yes, partly, no"),
    (condition("waste", ("fees_repaid", "in", "yes")), "allowed: a list"),
    (condition("waste", ("fees_repaid", "eq", ["yes"])), "allowed: one value"),
    (condition("waste", ("fees_repaid", "in", [])), "allowed: at least one value"),
    (condition("waste", ("headcount", "gt", "many")), "allowed: a number"),
    (condition("waste", ("founded", "gt", "2025-02-30")), "allowed: a date such as 2026-01-31"),
    (condition("waste", ("headcount", "answered", False)), "allowed: true, or no value"),
    (change("waste", enable_when={"all": [], "any": []}), "enable_when: allowed: exactly one of all and any"),
    (change("trained", enable_when={"not": []}), 'enable_when: unknown key "not"; allowed: all, any'),
    (lambda raw: find(raw, "fees_repaid")["evidence"]["required_when"]["any"][0].update(q="waste"), "required_when: "),
    (rule(value="temporary", op="lte"), "rule: allowed: exactly one of than, than_value"),
    (rule(value="temporary", sum=["temporary"], op="lte", than="headcount"), "exactly one of sum, sum_rows, value"),
    (rule(value="temporary", than="headcount"), "rule: op: allowed: with than or than_value, and never with jump"),
    (rule(value="temporary", op="lte", jump={"factor": 2}), "rule: op: allowed: with than or than_value, and never"),
    (rule(value="temporary", op="lte", than_value=2, jump={"factor": 2}), "exactly one of than, than_value, jump"),
    (rule(value="temporary", jump={"factor": 1}), "jump: factor: 1; allowed: more than 1"),
    (rule(value="temporary", jump={"amount": 0}), "jump: amount: 0; allowed: more than 0"),
    (rule(value="temporary", jump={"percent": 50}), 'jump: unknown key "percent"; allowed: factor, amount'),
    (rule(value="founded", jump={"factor": 2}), "jump: factor on founded, a date; allowed: numbers only"),
    (rule(value="exits_locked", jump={"amount": 2}), "jump: amount on exits_locked, a boolean; allowed: numbers and"),
    (rule(value="remark", jump={}), "rule: remark is a text; allowed: numbers and dates"),
    (rule(sum=["exits_locked"], jump={}), "rule: exits_locked is a boolean; allowed: numbers and dates"),
    (rule(sum=["founded"], jump={"amount": 2}), "rule: a date is compared with another date; allowed: value and than"),
    (rule(value="nothing", op="lte", than="headcount"), 'check temporary_fits: rule: unknown question "nothing"'),
    (rule(value="remark", op="lte", than="headcount"), "rule: remark is a text; allowed: numbers and dates"),
    (rule(value="trained", op="lte", than="headcount"), "rule: units differ: trained in percent, headcount in person"),
    (rule(value="founded", op="lte", than_value=3), "rule: a date is compared with another date"),
    (rule(sum_rows="temporary", op="lte", than="headcount"), "sum_rows takes a question of a group"),
    (rule(value="site_people", op="lte", than="headcount"), "tier: micro does not contain site_people (basic)"),
    (
        lambda raw: raw["checks"][0].pop("rule"),
        "rule: is missing; a check has a rule, or a when that must not come true",
    ),
    (
        lambda raw: raw["checks"][0].update(unless={"all": [{"q": "nothing", "op": "answered"}]}),
        'check temporary_fits: unless: unknown question "nothing"',
    ),
    (rule(value="temporary", op="ne", than="headcount"), 'op: "ne" is unknown; allowed: eq, gt, gte, lt, lte'),
    (
        lambda raw: find(raw, "fees_repaid")["evidence"].update(required_from="standard"),
        'question fees_repaid: required_from: "standard" is not a tier here; allowed: micro, basic',
    ),
    (change("trained", evidence={"accept": ["record"], "max_age_days": 0}), "max_age_days: 0; allowed: 1 to 36500"),
    (change("trained", evidence={"accept": ["record"], "max_age_days": 36501}), "max_age_days: 36501; allowed: 1 to"),
    (change("trained", evidence={"accept": ["record", "photo", "record"]}), "evidence: accepts record twice"),
    (condition("waste", ("headcount", "in", [True])), "value: a list cannot be compared with"),
    (condition("waste", ("headcount", "gt", "٣")), "allowed: a number"),
    (lambda raw: raw["questionnaire"].update(version="1.٣.0"), 'version: "1.٣.0" is not allowed'),
    (
        lambda raw: raw.update(renamed=[{"from": "a1", "to": "waste"}, {"from": "a2", "to": "waste"}]),
        'renamed: "waste" stands twice as to; allowed: one to one',
    ),
    (
        lambda raw: raw.update(renamed=[{"from": "a1", "to": "waste"}, {"from": "a1", "to": "trained"}]),
        'renamed: "a1" stands twice as from; allowed: one to one',
    ),
    (
        lambda raw: raw.update(renamed=[{"from": "a1", "to": "waste"}] * 2),
        'renamed: "a1" stands twice as from; allowed: one to one',
    ),
    (lambda raw: raw["sections"].clear(), "sections: none; allowed: at least one"),
    (
        lambda raw: [option.update(exclusive=True) for option in find(raw, "waste")["options"]],
        "question waste: options: all are exclusive",
    ),
    (
        lambda raw: find(raw, "waste")["options"][1].update(title="PAPER "),
        'question waste: options: paper, metal have one title, "paper"',
    ),
    (
        lambda raw: raw["option_sets"]["yes_partly_no"][1].update(title="yes"),
        'option set yes_partly_no: options: yes, partly have one title, "yes"',
    ),
    (rule(sum=["temporary", "temporary"], op="lte", than="headcount"), "rule: temporary stands twice; allowed: each"),
    (rule(value="headcount", op="lt", than="headcount"), "rule: headcount stands twice; allowed: each question once"),
    (change("remark", max_length=0), "max_length: 0; allowed: 1 to 10000"),
    (change("remark", max_length=10001), "max_length: 10001; allowed: 1 to 10000"),
    (
        change("trained", indicator={"name": "a", "unit": "person", "direction": "up"}),
        'indicator: in "person"; allowed: the unit of the question, percent',
    ),
    (
        change("headcount", indicator={"name": "a", "unit": "kWh", "direction": "up"}),
        'indicator: in "kWh"; allowed: the unit of the question, person',
    ),
    (change("headcount", min="0.5"), "min: 0.5 of an integer; allowed: whole numbers"),
    (change("headcount", max="9.5"), "max: 9.5 of an integer; allowed: whole numbers"),
    (change("trained", min="-1"), "min: -1 of a percentage; allowed: 0 to 100"),
    (change("trained", max="101"), "max: 101 of a percentage; allowed: 0 to 100"),
    (
        change("headcount", title="Peo\u200bple"),
        "question headcount: title: hidden characters U+200B; allowed: what is",
    ),
    (change("headcount", title="\u202eelpoeP\u2066"), "title: hidden characters U+202E, U+2066"),
    (change("headcount", title="Pe\u200dople"), "title: hidden characters U+200D"),
    (lambda raw: raw["tiers"][0].update(title="Mi\ufeffcro"), "tier micro: title: hidden characters U+FEFF"),
    (
        lambda raw: raw["option_sets"]["yes_partly_no"][0].update(title="Y\u00ades"),
        "option yes: title: hidden characters U+00AD",
    ),
    (lambda raw: raw["checks"][0].update(title="Fi\u200ets"), "check temporary_fits: title: hidden characters U+200E"),
]

PROFILE_FAULTS: list[tuple[Edit, str]] = [
    (lambda raw: raw["profile"].update(version="2.0.0"), "is for sample 2.0.0; allowed: sample 1.0.0"),
    (lambda raw: raw["profile"].update(number=0), "number: 0; allowed: 1 and up"),
    (lambda raw: raw.update(validity_days=0), "validity_days: 0; allowed: 1 to 1100"),
    (lambda raw: raw.update(max_na_share=101), "max_na_share: 101; allowed: 0 to 100"),
    (lambda raw: raw["pillars"].pop("safety"), "pillar safety has no weight"),
    (lambda raw: raw["pillars"].update(climate=1), 'unknown pillar "climate"; allowed: labour, safety'),
    (lambda raw: raw["pillars"].update(safety=0), "pillar safety: weight 0; allowed: more than 0"),
    (lambda raw: raw.update(sections={"facts": 1}), 'section "facts" has no measures; allowed: labour, safety'),
    (lambda raw: raw.update(sections={"labour": 0}), "section labour: weight 0"),
    (lambda raw: raw["questions"].pop("waste"), "question waste: a measure without weight and points"),
    (lambda raw: raw["questions"].update(nothing={"weight": 1}), "question nothing: is not in the questionnaire"),
    (lambda raw: raw["questions"].update(headcount={"weight": 1}), "question headcount: is a fact"),
    (lambda raw: raw["questions"]["waste"].update(weight=0), "question waste: weight: 0; allowed: more than 0"),
    (lambda raw: raw["questions"]["waste"].pop("sum"), "nothing on a multi_choice; allowed: exactly one of sum"),
    (lambda raw: raw["questions"]["waste"].update(points={}), "points, sum on a multi_choice"),
    (
        lambda raw: raw["questions"]["trained"].update(bands=None, sum={"a": 1}),
        "sum on a percent; allowed: exactly one",
    ),
    (lambda raw: raw["questions"]["fees_repaid"]["points"].pop("partly"), 'fees_repaid: option "partly" has no points'),
    (
        lambda raw: raw["questions"]["fees_repaid"]["points"].update(may="1"),
        'unknown option "may"; allowed: yes, partly',
    ),
    (lambda raw: raw["questions"]["exits_locked"]["points"].pop("true"), 'option "true" has no points'),
    (lambda raw: raw["questions"]["waste"]["sum"].update(paper="101"), "paper: 101 points; allowed: 0 to 100"),
    (lambda raw: raw["questions"]["waste"]["sum"].update(paper="-1"), "paper: -1 points; allowed: 0 to 100"),
    (lambda raw: raw["questions"]["trained"]["bands"].reverse(), "bands: 50 after 90; allowed: from rising"),
    (lambda raw: raw["questions"]["trained"].update(bands=[]), "bands: none; allowed: at least one"),
    (lambda raw: raw["questions"]["trained"]["bands"][1].update(points="200"), "from 50: 200 points"),
    (
        lambda raw: raw["questions"].update(trained={"weight": 1, "ramp": {"from": 2, "to": 2}}),
        "ramp: from and to are both 2",
    ),
    (lambda raw: raw["bands"].pop(0), "bands: the first does not begin at 0"),
    (lambda raw: raw["bands"].reverse(), "bands: c from 40 after a from 80; allowed: rising"),
    (lambda raw: raw["bands"][1].update(key="d"), 'bands: "d" stands twice'),
    (lambda raw: raw["bands"][2].update(requires_coverage="101"), "bands: a: requires_coverage 101; allowed: 0 to 100"),
    (lambda raw: raw["bands"][0].update(requires_coverage="10"), "bands: the lowest band requires coverage"),
    (lambda raw: raw["critical"].append(raw["critical"][0]), "critical rule locked: stands twice"),
    (
        lambda raw: raw["critical"][0].update(cap_band="f"),
        'critical rule locked: cap_band: unknown band "f"; allowed: d',
    ),
    (lambda raw: raw["critical"][0].update(question="nothing"), 'locked: unknown question "nothing"'),
    (lambda raw: raw["critical"][0].update(question="remark"), "question remark is a text; allowed: boolean, choice"),
    (
        lambda raw: raw["critical"][0].update(options=["yes"]),
        'unknown option "yes" of exits_locked; allowed: true, false',
    ),
    (lambda raw: raw["critical"][0].update(options=["true", "false"]), "every option of exits_locked fires"),
    (lambda raw: raw["critical"][0].update(options=[]), "exits_locked is a boolean; allowed: options"),
    (lambda raw: raw["critical"][0].update(op="eq", value=True), "exits_locked is a boolean; allowed: options"),
    (lambda raw: raw["critical"][1].pop("value"), "question trained is a number; allowed: op and value"),
    (lambda raw: raw["critical"][1].update(value="many"), "question trained is a number; allowed: op and value"),
    (
        lambda raw: raw["critical"][1].update(question="headcount", op="gt", value="5"),
        "question headcount is a fact; allowed: measures only",
    ),
    (
        lambda raw: raw["critical"][0].update(cap_band="a"),
        'critical rule locked: cap_band: "a" is the highest band, so nothing is capped; allowed: d, c',
    ),
    (
        lambda raw: raw["questions"]["exits_locked"]["points"].update({"false": "0"}),
        "question exits_locked: points: 0 for every answer",
    ),
    (
        lambda raw: raw["questions"]["waste"].update(sum={"paper": "0", "metal": "0", "none": "0"}),
        "question waste: points: 0 for every answer",
    ),
    (
        lambda raw: [band.update(points="0") for band in raw["questions"]["trained"]["bands"]],
        "question trained: points: 0 for every answer",
    ),
    (lambda raw: raw["bands"][2].update(min="101"), "bands: a: min 101; allowed: 0 to 100"),
    (lambda raw: raw["bands"][0].update(title="D\u200b"), "band d: title: hidden characters U+200B"),
    (lambda raw: raw["critical"][1].update(limit=3), 'critical rule untrained: unknown key "limit"; allowed: key'),
]


def test_the_sample_is_clean() -> None:
    assert lint_definition(samples.make_document(), standards=STANDARDS, tier_caps={"micro": 7, "basic": 12}) == []
    assert lint_profile(samples.make_profile_document()) == []


@pytest.mark.parametrize(("edit", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_finds_the_seeded_fault(edit: Edit, message: str) -> None:
    raw = copy.deepcopy(samples.make_document())
    edit(raw)
    assert any(message in fault for fault in lint_definition(raw, standards=STANDARDS))


@pytest.mark.parametrize(("edit", "message"), PROFILE_FAULTS, ids=[message for _, message in PROFILE_FAULTS])
def test_finds_the_seeded_fault_of_a_profile(edit: Edit, message: str) -> None:
    raw = copy.deepcopy(samples.make_profile_document())
    edit(raw)
    assert any(message in fault for fault in lint_profile(raw))


def test_finds_many_seeded_faults_at_once() -> None:
    raw = copy.deepcopy(samples.make_document())
    seeded = [FAULTS[i] for i in (7, 18, 20, 26, 29, 44, 48, 59, 65)]
    for edit, _ in seeded:
        edit(raw)
    told = "\n".join(lint_definition(raw, standards=STANDARDS))
    assert [message for _, message in seeded if message not in told] == []


@pytest.mark.parametrize("title", ["نمی\u200cدانم", "क्\u200dष", "هل لديكم مخارج؟", "多少人？"])
def test_scripts_that_join_their_letters_may(title: str) -> None:
    raw = copy.deepcopy(samples.make_document())
    find(raw, "headcount")["title"] = title
    assert lint_definition(raw, standards=STANDARDS) == []


@pytest.mark.parametrize(
    ("op", "value", "limits", "always"),
    [
        ("gte", "0", {"min": "0"}, True),
        ("gt", "-1", {"min": "0"}, True),
        ("lt", "101", {"max": "100"}, True),
        ("lte", "100", {"max": "100"}, True),
        ("eq", "5", {"min": "5", "max": "5"}, True),
        ("gt", "0", {"min": "0", "max": "100"}, False),
        ("lt", "100", {"max": "100"}, False),
        ("gte", "0", {"max": "100"}, False),
        ("eq", "5", {"min": "0", "max": "5"}, False),
    ],
)
def test_a_critical_rule_leaves_an_answer_that_is_good(
    op: str, value: str, limits: dict[str, str], always: bool
) -> None:
    raw, profile_raw = copy.deepcopy(samples.make_document()), samples.make_profile_document()
    find(raw, "trained").update(limits)
    profile_raw["critical"][1].update(op=op, value=value)
    faults = FaultList("profile")
    profile = construction.construct(Profile, profile_raw, faults)
    profile_lint.lint_profile(profile, construction.construct(Definition, raw, faults), faults)
    assert any("every answer to trained fires" in str(fault) for fault in faults.faults) is always


def test_a_profile_needs_pillars() -> None:
    raw, profile_raw = samples.make_document(), samples.make_profile_document()
    raw["pillars"], profile_raw["pillars"] = [], {}
    faults = FaultList("profile")
    profile = construction.construct(Profile, profile_raw, faults)
    profile_lint.lint_profile(profile, construction.construct(Definition, raw, faults), faults)
    assert any("pillars: the questionnaire has none" in str(fault) for fault in faults.faults)


def test_nothing_is_said_of_scoring_what_could_not_be_read() -> None:
    raw, asked, faults = copy.deepcopy(samples.make_document()), FaultList("sample"), FaultList("profile")
    find(raw, "trained")["kind"] = "mesure"
    find(raw, "trained")["type"] = "procent"
    definition = construction.construct(Definition, raw, asked)
    unread = lint.list_unread(definition, asked)
    assert unread == {"trained"}
    profile = construction.construct(Profile, samples.make_profile_document(), faults)
    profile_lint.lint_profile(profile, definition, faults, unread=unread)
    assert faults.faults == []
    profile_lint.lint_profile(profile, definition, again := FaultList("profile"))
    assert any("question trained" in str(one) for one in again.faults)


def test_nothing_is_said_of_a_band_whose_beginning_could_not_be_read() -> None:
    definition = construction.construct(Definition, samples.make_document(), FaultList(""))
    for index in range(3):
        raw, faults = samples.make_profile_document(), FaultList("profile")
        raw["bands"][index]["min"] = "abc"
        profile_lint.lint_profile(construction.construct(Profile, raw, faults), definition, faults)
        assert [fault.path for fault in faults.faults] == [("bands", index, "min")], faults.faults


def test_a_list_says_of_what_it_is() -> None:
    raw = samples.make_document() | {"renamed": "x", "tiers": "x"}
    told = lint_definition(raw)
    assert 'sample 1.0.0: renamed: "x" is not a list; allowed: a list of mappings with from, to' in told
    assert 'sample 1.0.0: tiers: "x" is not a list; allowed: a list of mappings with key, title' in told


def test_versions_are_compared_as_numbers() -> None:
    raw = samples.make_document()
    raw["questionnaire"].update(version="1.10.0", supersedes="1.9.0")
    assert lint_definition(raw) == []


def test_a_broken_tier_is_told_once() -> None:
    raw = samples.make_document()
    raw["tiers"][1]["key"] = "bsic"
    assert [told for told in lint_definition(raw) if "tier" in told] == [
        'sample 1.0.0: tier bsic: key: "bsic" is unknown; allowed: micro, basic, standard, advanced'
    ]
    raw.pop("tiers")
    assert [told for told in lint_definition(raw) if "tier" in told] == [
        'sample 1.0.0: "tiers" is missing; allowed: a list'
    ]


def test_parts_without_a_key_are_named_by_their_number() -> None:
    raw = samples.make_document()
    raw["sections"][1].pop("key")
    raw["sections"][1]["questions"].clear()
    told = lint_definition(raw)
    assert any('section number 2: "key" is missing' in fault for fault in told)
    assert not any("section :" in fault for fault in told)


def test_tier_caps_count_questions_of_groups() -> None:
    told = lint_definition(samples.make_document(), tier_caps={"micro": 6, "basic": 11, "advanced": 1})
    assert told == [
        "sample 1.0.0: tier micro: holds 7 questions; allowed: at most 6",
        "sample 1.0.0: tier basic: holds 12 questions; allowed: at most 11",
    ]


def test_sections_of_a_pillar_are_weighted_all_or_none() -> None:
    raw = samples.make_document()
    raw["sections"].append({**copy.deepcopy(raw["sections"][2]), "key": "more"})
    raw["sections"][3]["questions"] = [{**raw["sections"][2]["questions"][0], "key": "drills"}]
    faults = FaultList("profile")
    profile_raw = samples.make_profile_document()
    profile_raw["sections"] = {"safety": "1"}
    profile = construction.construct(Profile, profile_raw, faults)
    profile_lint.lint_profile(profile, construction.construct(Definition, raw, faults), faults)
    assert any("section more has no weight, other sections of pillar safety have" in str(f) for f in faults.faults)
