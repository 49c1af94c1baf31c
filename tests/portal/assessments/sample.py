"""A small questionnaire with every type of answer, published beside the packaged ones in tests."""

from functools import cache
from pathlib import Path

from portal.assessments.translations import TranslationFile
from questionnaires import construction, texts, translating
from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition
from questionnaires.faults import FaultList
from questionnaires.profile import Profile
from questionnaires.source import read_yaml
from questionnaires.translation import Entry, Overlay

KEY = "sample"
QUESTIONNAIRE = """
format: questionnaire/1
questionnaire:
  key: sample
  publisher: portal
  version: 1.0.0
  locale: en
  purpose: self_assessment
  title: Sample
  description: For tests.
tiers: [{key: micro, title: Micro}, {key: basic, title: Basic}, {key: standard, title: Standard}]
pillars: [{key: labour, title: Labor}, {key: safety, title: Safety}]
option_sets:
  yes_partly_no: [{key: "yes", title: "Yes"}, {key: partly, title: Partly}, {key: "no", title: "No"}]
sections:
  - key: facts
    title: Facts
    questions:
      - {key: headcount, type: integer, tier: micro, kind: fact, title: People, why: Size., unit: person, min: 0,
         max: 9000, concept: workforce.headcount, required: true}
      - {key: founded, type: date, tier: micro, kind: fact, title: Founded, why: Age.}
      - {key: remark, type: text, tier: micro, kind: fact, title: Remark, why: Room., max_length: 200}
      - {key: area, type: decimal, tier: micro, kind: fact, title: Area, why: Space., unit: square_metre}
      - key: sites
        type: group
        tier: basic
        kind: fact
        title: Sites
        why: Places.
        repeat: {min: 0, max: 5}
        questions:
          - {key: site_people, type: integer, tier: basic, kind: fact, title: People here, unit: person}
          - {key: site_dorm, type: boolean, tier: basic, kind: fact, title: Dormitory}
  - key: labour
    title: Pay
    pillar: labour
    questions:
      - key: fees_repaid
        type: choice
        tier: micro
        kind: measure
        title: Are fees repaid?
        why: Debt binds people.
        action: Repay fees and keep the receipts.
        options_ref: yes_partly_no
        required: true
        not_applicable: {allowed: true, help: Nobody was recruited.}
        enable_when: {all: [{q: headcount, op: gte, value: 2}]}
        evidence: {accept: [record], required_from: standard}
        request_limit: {up_to_10: voluntary, up_to_1000: unknown}
      - {key: trained, type: percent, tier: micro, kind: measure, title: Trained, why: Skill., action: Train.,
         decimals: 1}
  - key: safety
    title: Safety
    pillar: safety
    questions:
      - {key: exits_locked, type: boolean, tier: micro, kind: measure, title: Locked?, why: Fire., action: Unlock.,
         required: true}
      - {key: waste, type: multi_choice, tier: basic, kind: measure, title: Waste, why: Waste., action: Sort.,
         options: [{key: paper, title: Paper}, {key: metal, title: Metal}, {key: none, title: None, exclusive: true}]}
      - {key: drills, type: integer, tier: standard, kind: measure, title: Drills, why: Fire., action: Drill.,
         unit: drill}
checks:
  - {key: sites_fit, severity: error, tier: basic, rule: {sum_rows: site_people, op: lte, than: headcount},
     title: Fits.}
"""
PROFILE = """
format: scoring-profile/1
profile: {questionnaire: sample, version: 1.0.0, number: 1, description: For tests.}
validity_days: 365
max_na_share: 40
pillars: {labour: 60, safety: 40}
questions:
  fees_repaid: {weight: 3, points: {"yes": 100, partly: 50, "no": 0}}
  trained: {weight: 1, bands: [{from: 0, points: 0}, {from: 50, points: 50}, {from: 90, points: 100}]}
  exits_locked: {weight: 2, points: {true: 0, false: 100}}
  waste: {weight: 1, sum: {paper: 50, metal: 50, none: 0}}
  drills: {weight: 1, ramp: {from: 0, to: 2}}
bands: [{key: d, title: D, min: 0}, {key: c, min: 40, title: C}, {key: a, min: 80, title: A, requires_coverage: 90}]
critical:
  - {key: locked, question: exits_locked, options: [true], cap_band: d, title: Locked exits, explanation: People die.}
"""


@cache
def make_definition(text: str = QUESTIONNAIRE) -> Definition:
    return construction.construct(Definition, read_yaml(text, FaultList("")), FaultList(""))


@cache
def make_profile(text: str = PROFILE) -> Profile:
    return construction.construct(Profile, read_yaml(text, FaultList("")), FaultList(""))


def make_packaged() -> Packaged:
    return Packaged(make_definition(), (make_profile(),))


def make_overlay(locale: str = "es", mark: str = "¡{}!", **changed: Entry | None) -> Overlay:
    """A translation of every text, by a machine, except for what is changed; None leaves an entry out."""
    sources = texts.list_texts(make_definition(), make_profile())
    entries: dict[str, Entry | None] = {
        path: Entry(of=texts.hash_text(text), text=mark.format(text), by="machine") for path, text in sources.items()
    }
    kept = {path: one for path, one in (entries | changed).items() if one is not None}
    return Overlay(format="translation/1", questionnaire=KEY, locale=locale, entries=kept)


def write_translation(folder: Path, overlay: Overlay) -> TranslationFile:
    """The file of a translation in the folder of its questionnaire."""
    path = folder / "translations" / f"{overlay.locale}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(translating.write_overlay(overlay), encoding="utf-8")
    return TranslationFile(overlay.questionnaire, overlay.locale, path)
