"""Made-up firms with their answers to the tiers micro and basic of responsible-sourcing."""

from typing import Any

from questionnaires.answers import Answer, Answers, index_answers

# Asked wherever somebody is employed.
ABOUT_WORKERS = {
    "lowest_pay",
    "written_terms",
    "pay_slips",
    "week_in_peak",
    "identity_papers",
    "job_costs",
    "leaving_the_job",
    "treatment_at_work",
    "equal_chances",
    "workers_own_voice",
    "time_and_pay_records",
    "visitor_interviews",
    "speaking_up",
}
# A sewing workshop of twelve: decent people, hardly any paper, no critical rule, and much that is cheap to improve.
WORKSHOP: dict[str, str | tuple[str, ...]] = {
    "headcount": "12",
    "worker_groups": ("none_of_these",),
    "work_hazards": ("machines",),
    "exits_during_work": "free_not_checked",
    "fire_readiness": ("extinguishers",),
    "building_condition": "never_checked",
    "machine_guards": "on_not_checked",
    "danger_check": "walks_not_written",
    "safety_training_share": "40",
    "injured_people": "1",
    "injury_follow_up": "help_not_written",
    "first_aid": "box_only",
    "water_and_toilets": "clean_not_complete",
    "lowest_pay": "not_worked_out",
    "written_terms": "nothing_written",
    "pay_slips": "total_only",
    "week_in_peak": "hours_not_written",
    "age_of_workers": "paper_for_some",
    "identity_papers": "with_workers",
    "job_costs": "agreed_not_asked",
    "leaving_the_job": "paid_on_payday",
    "treatment_at_work": "calm_not_written",
    "equal_chances": "no_set_way",
    "workers_own_voice": "never_spoken_about",
    "harmful_waste": "with_normal_waste",
    "environmental_permits": "not_looked_into",
    "electricity_used": "9000",
    "use_tracking": "bills_kept",
    "requests_for_bribes": "never_asked",
    "time_and_pay_records": "gaps_or_later",
    "visitor_interviews": "never_came_up",
    "speaking_up": "own_supervisor_only",
    "gap_follow_up": "when_time_allows",
    "work_done_elsewhere": "told_some",
    "supplier_conditions": "list_only",
}
# A factory of four hundred with excellent files, where agency workers still pay off the price of their job.
FACTORY: dict[str, str | tuple[str, ...]] = {
    "headcount": "400",
    "worker_groups": ("agency_workers", "migrant_workers", "housed_by_us"),
    "agency_workers": "90",
    "work_hazards": ("machines", "chemicals", "dirty_water"),
    "exits_during_work": "checked_daily",
    "fire_readiness": ("alarm", "extinguishers", "trained_people", "practiced_leaving", "wiring_checked"),
    "building_condition": "approved_and_reviewed",
    "machine_guards": "checked_monthly",
    "chemical_handling": "sheets_and_gear",
    "danger_check": "written_by_us",
    "safety_training_share": "95",
    "injured_people": "6",
    "injury_follow_up": "cause_not_shared",
    "first_aid": "every_shift",
    "water_and_toilets": "clean_and_private",
    "lowest_pay": "at_minimum",
    "written_terms": "all_not_all_understand",
    "pay_slips": "everyone_not_explained",
    "week_in_peak": "over_60_hours",
    "age_of_workers": "paper_and_list",
    "identity_papers": "kept_same_day",
    "job_costs": "workers_in_debt",
    "leaving_the_job": "pay_cut_without_notice",
    "housing_conditions": "crowded_or_dirty",
    "treatment_at_work": "shouted_or_fined",
    "equal_chances": "work_only_not_compared",
    "workers_own_voice": "chosen_by_us",
    "harmful_waste": "licensed_all_receipts",
    "dirty_water": "tested_within_limits",
    "environmental_permits": "all_held_and_followed",
    "electricity_used": "2400000",
    "use_tracking": "compared_and_saved",
    "requests_for_bribes": "told_and_noted",
    "time_and_pay_records": "match_and_compared",
    "visitor_interviews": "alone_if_announced",
    "speaking_up": "second_way_and_noted",
    "gap_follow_up": "name_and_date",
    "work_done_elsewhere": "told_and_visited",
    "supplier_conditions": "visited",
}
# Whoever works for oneself.
ALONE: dict[str, Any] = {
    "headcount": "1",
    "worker_groups": ("nobody_employed",),
    "injury_follow_up": "written_no_cause",
}


def answer(firm: dict[str, str | tuple[str, ...]], **reasons: str) -> Answers:
    """The values of a firm; the questions named beside it do not apply, for the reason given."""
    given = [Answer(question=key, state="value", value=value) for key, value in firm.items() if key not in reasons]
    absent = [Answer(question=key, state="not_applicable", reason=why) for key, why in reasons.items()]
    return index_answers([*given, *absent])
