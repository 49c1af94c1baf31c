"""A firm that has every kind of worker and danger and gives the best answer to all: what one changed answer does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from questionnaires import critical, scoring
from questionnaires.answers import Answer, Answers, index_answers
from questionnaires.applicability import find_applicable
from questionnaires.catalogue import Packaged
from questionnaires.definition import Question, Tier, contains
from questionnaires.profile import Profile
from questionnaires.result import Result

DAY = date(2026, 11, 23)
Given = Mapping[str, str | tuple[str, ...]]
FACTS: Given = {
    "headcount": "400",
    "worker_groups": ("agency_workers", "migrant_workers", "home_workers", "under_18", "housed_by_us"),
    "agency_workers": "90",
    "work_hazards": ("machines", "chemicals", "dirty_water"),
    "injured_people": "0",
    "electricity_used": "2400000",
    # From standard on.
    "work_patterns": ("temporary_contracts", "night_work", "trainees", "guards", "loans"),
    "women_workers": "220",
    "temporary_workers": "60",
    "people_left": "35",
    "deaths_at_work": "0",
    "hours_worked": "760000",
    "peak_hours": "48",
    "agreement_cover": "100",
    "training_hours": "12.5",
    "pay_gap": "-1.5",
    "spills": "1",
    "other_energy_used": "310000.5",
    "direct_gases": "84.25",
    "power_gases": "960",
    "water_used": "52000",
    "waste_total": "140",
    "waste_recycled": "110.75",
    "hazardous_waste": "3.2",
    "protected_nature": "further_away",
    "bribery_fines": "0",
    "complaints_received": "31",
    "complaints_settled": "31",
    # Advanced.
    "site_features": (
        "vehicles", "pressure_or_lifting", "noise_dust_fumes", "heat_or_cold", "heavy_lifting", "special_jobs",
        "other_firms", "chimneys",
    ),
    "lost_days": "0",
    "living_wage_gap": "0",
    "women_supervisors": "50",
    "residents": "40",
    "space_per_resident": "6.5",
    "renewable_share": "35",
    "recycled_material": "20",
    "environment_fines": "0",
    "sensitive_sales": ("none_of_these",),
    "severe_cases": ("none_of_these",),
    "women_at_top": "40",
    "sensitive_materials": ("cotton", "metals"),
}  # fmt: skip
# Nobody but the owner.
ALONE: Given = {**FACTS, "headcount": "1", "worker_groups": ("nobody_employed",)}


def answer_best(shipped: Packaged) -> Given:
    """The facts, and for each measure of the version what earns most."""
    definition, profile = shipped.definition, shipped.profiles[-1]
    facts = {key: value for key, value in FACTS.items() if key in definition.questions}
    return {**facts, **{q.key: _find_best(profile, q) for q in definition.questions.values() if q.kind == "measure"}}


def _find_best(profile: Profile, question: Question) -> str | tuple[str, ...]:
    score = profile.questions[question.key]
    if score.points:
        points = score.points
        # Of two that earn the same, the first is about a firm that does it, the second about one that has no need.
        return max(points, key=lambda key: points[key])
    return tuple(key for key, points in score.sum.items() if points) if score.sum else "100"


def choose(shipped: Packaged, question: str, option: str) -> Given:
    """One option in the form that its question takes."""
    many = shipped.definition.questions[question].type == "multi_choice"
    return {question: (option,) if many else option}


def index_given(shipped: Packaged, tier: Tier, given: Given) -> Answers:
    """Those of the answers that the tier asks for."""
    asked = shipped.definition.questions
    return index_answers(
        Answer(question=key, state="value", value=value)
        for key, value in given.items()
        if key in asked and contains(tier, asked[key].tier)
    )


def score(shipped: Packaged, tier: Tier, given: Given) -> Result:
    answers = index_given(shipped, tier, given)
    return scoring.score_answers(shipped.definition, shipped.profiles[-1], tier, answers, DAY)


def find_band(shipped: Packaged, tier: Tier, given: Given) -> str | None:
    """The band alone, without a score at each lower tier: many single changes are tried."""
    profile = shipped.profiles[-1]
    applicability = find_applicable(shipped.definition, tier, index_given(shipped, tier, given))
    _, scored = scoring.score_tier(applicability, profile, DAY)
    return scoring.grade(profile, scored, critical.apply_rules(applicability, profile))[1]


def list_asked(shipped: Packaged, tier: Tier, given: Given) -> set[str]:
    """The keys of the questions that are asked after these answers."""
    found = find_applicable(shipped.definition, tier, index_given(shipped, tier, given))
    return {item.question.key for item in found.enabled}
