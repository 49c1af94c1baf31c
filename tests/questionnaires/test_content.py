"""The questionnaires that ship keep their promises: burden, plain words, passports, mappings."""

from __future__ import annotations

import csv
import re
from decimal import Decimal

import pytest

from questionnaires import catalogue, reading
from questionnaires.definition import Definition, Tier, contains
from questionnaires.profile import Profile
from tests.questionnaires import wording

CONTENT = catalogue.find_content_folder()
TIER_CAPS: dict[Tier, int] = {"micro": 15, "basic": 40, "standard": 90, "advanced": 160}
WORDS_OF_A_QUESTION = 25
WORDS_OF_AN_OPTION = 24
WORDS_OF_A_SENTENCE = 26
# Words of offices and auditors; a reader in a second language meets them nowhere else.
JARGON = """
    accountability adhere adverse applicable audited benchmark capa clause comply compliance compliant consultation
    corrective criteria disclosure diligence engagement ensure ergonomic escalate esg ethical facilitate facilitation
    framework governance grievance hierarchy holistic implement implementation incident indicator initiative kpi
    leverage materiality mechanism methodology mitigate mitigation modern monitoring nonconformity nonconformance ohs
    policies policy ppe premises procedure procedures protocol reasonable regulatory remedial remediate remediation
    remuneration respective robust safeguard salient scope sds stakeholder stakeholders subcontract subcontracting
    subcontractor sustainable sustainability systematic tier transparency utilize verify verification vulnerable
    whistleblower workforce
"""
# Papers that hold for as long as they say themselves, however long ago they were issued.
VALID_BY_ITSELF = {"environmental_permits", "building_condition", "written_terms"}
NEVER_BENCHMARKED = re.compile(r"\b(price|cost|order|customer|volume|turnover|sales|kwh)", re.IGNORECASE)


def test_every_file_is_free_of_errors_and_warnings() -> None:
    found = reading.lint_folder(CONTENT, tier_caps=TIER_CAPS, standards=catalogue.read_standards())
    assert [str(fault) for fault in found] == []


@pytest.mark.parametrize(("tier", "most"), TIER_CAPS.items())
def test_counts_stay_within_the_burden_promised(definition: Definition, tier: Tier, most: int) -> None:
    assert sum(contains(tier, question.tier) for question in definition.questions.values()) <= most


def test_minutes_are_those_the_tier_announces(definition: Definition) -> None:
    for tier in definition.tiers:
        asked = [q for q in definition.questions.values() if contains(tier.key, q.tier)]
        minutes = sum((question.minutes for question in asked), Decimal(0))
        announced = re.search(r"About (\d+) minutes", tier.description)
        assert announced
        assert abs(minutes - int(announced[1])) < 1


def test_each_measure_has_a_whole_passport(definition: Definition) -> None:
    for question in wording.list_measures(definition):
        assert question.required, question.key
        assert question.help, question.key
        assert question.action, question.key
        assert question.why, question.key
        assert question.probe, question.key
        assert question.maps_to, question.key
        assert question.evidence, question.key
        assert question.evidence.hint, question.key
        assert question.evidence.max_age_days or question.key in VALID_BY_ITSELF, question.key
        assert question.request_limit, question.key


def test_actions_say_what_to_do_and_never_what_to_answer(definition: Definition) -> None:
    for question in wording.list_measures(definition):
        assert wording.count_words(question.action) >= 15, question.key
        assert not re.search(r"\b(answer|select|option|this line|upper line)\b", question.action, re.IGNORECASE), (
            question.key
        )


def test_each_measure_of_a_choice_has_a_middle(definition: Definition) -> None:
    for question in wording.list_measures(definition):
        if question.type == "choice":
            assert len(question.options) >= 4, question.key
            assert all(wording.count_words(option.title) >= 3 for option in question.options), question.key


def test_the_mappings_used_and_the_table_are_the_same() -> None:
    asked = [question for one in catalogue.list_packaged() for question in one.definition.questions.values()]
    used = {(m.standard, m.ref) for question in asked for m in question.maps_to}
    table = {(standard, ref) for standard, refs in catalogue.read_standards().items() for ref in refs}
    assert used == table


def test_the_table_of_standards_names_source_and_status() -> None:
    with (CONTENT / "standards.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert all(row.values()), row
            assert row["status"] in {"verified", "unconfirmed"}, row


def test_questions_and_options_are_short(definition: Definition) -> None:
    long = [
        *(q.title for q in definition.questions.values() if wording.count_words(q.title) > WORDS_OF_A_QUESTION),
        *(o.title for o in wording.list_options(definition) if wording.count_words(o.title) > WORDS_OF_AN_OPTION),
    ]
    assert long == []


def test_sentences_are_short(definition: Definition, profile: Profile) -> None:
    texts = [*wording.read_respondent_texts(definition), *wording.read_profile_texts(profile)]
    sentences = [(place, sentence) for place, text in texts for sentence in wording.split_sentences(text)]
    assert [found for found in sentences if wording.count_words(found[1]) > WORDS_OF_A_SENTENCE] == []
    average = sum(wording.count_words(sentence) for _, sentence in sentences) / len(sentences)
    assert average < 13


def test_every_question_title_is_a_question(definition: Definition) -> None:
    assert [q.title for q in definition.questions.values() if not q.title.endswith("?")] == []


def test_no_word_of_the_trade_reaches_the_respondent(definition: Definition, profile: Profile) -> None:
    stopped = re.compile(rf"\b({'|'.join(re.findall(r'[a-z]+', JARGON))})\b", re.IGNORECASE)
    texts = [*wording.read_respondent_texts(definition), *wording.read_profile_texts(profile)]
    assert [(place, found[0]) for place, text in texts if (found := stopped.search(text))] == []


def test_no_answer_asks_for_free_text(definition: Definition) -> None:
    assert {question.type for question in definition.questions.values()} <= {
        "choice", "multi_choice", "integer", "decimal", "percent"
    }  # fmt: skip


def test_evidence_about_people_says_what_to_leave_out(definition: Definition) -> None:
    leave_out = re.compile(
        r"\b(cover|covered|without names|without faces|no names|no faces|no papers|no cases|never)\b", re.I
    )
    for section, question, _ in definition.walk():
        about_people = section.pillar != "environment" and question.key != "building_condition"
        if about_people and question.evidence:
            assert leave_out.search(question.evidence.hint), question.key


def test_evidence_is_never_demanded_of_the_smallest_and_seldom_in_basic(definition: Definition) -> None:
    rules = [q.evidence for q in definition.questions.values() if q.evidence]
    assert not [rule for rule in rules if rule.required_from == "micro"]
    assert not [rule for rule in rules if rule.required_when and rule.required_from is None]
    demanded = [rule for rule in rules if rule.required_from == "basic"]
    assert len(demanded) <= 4
    assert all(rule.required_when for rule in demanded)


def test_probes_never_expose_a_worker(definition: Definition) -> None:
    for question in definition.questions.values():
        assert question.probe, question.key
        probe = f"{question.probe.ask} {question.probe.look}"
        assert not re.search(r"\b(confront|accuse|reveal|write down the names?)\b", probe, re.IGNORECASE), question.key


def test_benchmarks_hold_harmless_measures_only(definition: Definition, profile: Profile) -> None:
    critical = {rule.question for rule in profile.critical}
    for question in definition.questions.values():
        if question.benchmark:
            assert question.kind == "measure", question.key
            assert question.key not in critical, question.key
            assert not NEVER_BENCHMARKED.search(f"{question.title} {question.unit or ''}"), question.key
