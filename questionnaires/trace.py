"""The trace of a result: every figure exact and stated, cut by section, and a recomputation from the trace alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from questionnaires.canonical import write_decimal
from questionnaires.definition import TIERS, Definition
from questionnaires.points import count_hundredths
from questionnaires.profile import Band, Profile
from questionnaires.result import Fired, Line, OpenRule, PillarScore, Result, TierScore

ROUNDING = "half up to hundredths, of the exact figure"
_ZERO = Fraction(0)


def write_trace(result: Result, definition: Definition, profile: Profile) -> dict[str, Any]:
    """Plain JSON: `summary` for whoever may see the result, `sections` by key for whoever may see that section.

    Exact figures are fractions as text ("200/3"); stated ones are decimals with at most two places.
    """
    return {
        "format": "trace/1",
        "summary": write_summary(result, profile),
        "sections": {section.key: _write_section(result, section.key) for section in definition.sections},
    }


def write_summary(result: Result, profile: Profile) -> dict[str, Any]:
    """What the right to the summary shows: no answer and no critical rule can be read from it, only their effect."""
    return {**write_figures(result), "rules": write_profile(profile)}


def write_figures(result: Result) -> dict[str, Any]:
    """The summary without what the profile says of all results alike."""
    return {
        "questionnaire": result.questionnaire,
        "version": result.version,
        "profile": result.profile,
        "tier": result.tier,
        "day": result.day.isoformat(),
        "valid_until": result.valid_until.isoformat(),
        "total": state_figure(result.total),
        "total_exact": _write_exact(result.total),
        "pillars": [_write_pillar(pillar) for pillar in result.pillars],
        "coverage": state_figure(result.coverage * 100),
        "coverage_exact": str(result.coverage),
        "rests_on": result.rests_on,
        "earned_band": result.earned_band,
        "band": result.band,
        "band_reason": result.band_reason,
        "lower": [_write_tier(tier) for tier in result.lower],
        **_write_shortfalls(result),
    }


def write_profile(profile: Profile) -> dict[str, Any]:
    """The rules by which a total and a band come about."""
    return {
        "rounding": ROUNDING,
        "max_na_share": write_decimal(profile.max_na_share),
        "sections": {key: write_decimal(weight) for key, weight in profile.sections.items()},
        "bands": [_write_band(band) for band in profile.bands],
        **_write_shape(profile),
    }


def _write_shortfalls(result: Result) -> dict[str, Any]:
    """The floors that were not reached, left out where there are none."""
    missed = [
        {"band": s.band, "pillar": s.pillar, "floor": state_figure(s.floor), "score": state_figure(s.score)}
        for s in result.shortfalls
    ]
    return {"below_floor": missed} if missed else {}


def _write_band(band: Band) -> dict[str, Any]:
    floors = {key: write_decimal(floor) for key, floor in band.floors.items()}
    return {
        "key": band.key,
        "min": write_decimal(band.min),
        "requires_coverage": write_decimal(band.requires_coverage),
        **({"floors": floors} if floors else {}),
    }


def _write_shape(profile: Profile) -> dict[str, Any]:
    """Levels and capped sum, left out where a profile has none: older traces stay as they are."""
    shape: dict[str, Any] = {}
    if profile.levels:
        shape["levels"] = [
            {"key": level.key, "weight": write_decimal(level.weight), "requires": write_decimal(level.requires)}
            for level in profile.levels
        ]
    if profile.capped_sum is not None:
        shape["capped_sum"] = {"cap": write_decimal(profile.capped_sum.cap), "better": profile.capped_sum.better}
    return shape


def state_figure(exact: Fraction | None) -> str | None:
    """A figure as it is shown, or None where there is none."""
    if exact is None:
        return None
    whole, rest = divmod(count_hundredths(exact), 100)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)


def _write_exact(figure: Fraction | None) -> str | None:
    return None if figure is None else str(figure)


def _write_pillar(pillar: PillarScore) -> dict[str, Any]:
    return {
        "key": pillar.key,
        "weight": str(pillar.weight),
        "state": pillar.state,
        "score": state_figure(pillar.score),
        "score_exact": _write_exact(pillar.score),
        "na_share": str(pillar.na_share),
        **({} if pillar.added is None else {"added": str(pillar.added)}),
    }


def _write_tier(scored: TierScore) -> dict[str, Any]:
    return {
        "tier": scored.tier,
        "total": state_figure(scored.total),
        "total_exact": _write_exact(scored.total),
        "pillars": [_write_pillar(pillar) for pillar in scored.pillars],
        "coverage": state_figure(scored.coverage * 100),
        "coverage_exact": str(scored.coverage),
        "rests_on": scored.rests_on,
    }


def _write_section(result: Result, section: str) -> dict[str, Any]:
    return {
        "lines": [write_line(line) for line in result.lines if line.section == section],
        **write_rules(result, section),
    }


def write_rules(result: Result, section: str) -> dict[str, Any]:
    """The critical rules of a section that fired or stay open, as plain JSON."""
    return {
        "critical": [write_outcome(fired) for fired in result.fired if fired.section == section],
        "critical_open": [write_outcome(left) for left in result.open_rules if left.section == section],
    }


def write_outcome(outcome: Fired | OpenRule) -> dict[str, Any]:
    """What a critical rule came to."""
    found = {"rule": outcome.rule, "question": outcome.question, "row": outcome.row_id}
    return found | ({"cap_band": outcome.cap_band} if isinstance(outcome, Fired) else {"state": outcome.state})


def write_line(line: Line) -> dict[str, Any]:
    """One measure as plain JSON, its figures exact."""
    return {
        "question": line.question,
        "row": line.row_id,
        "tier": line.tier,
        "pillar": line.pillar,
        "weight": str(line.weight),
        "status": line.status,
        "points": _write_exact(line.points),
        "share": str(line.share),
        "why": dict(line.why),
        **({} if line.level is None else {"level": line.level}),
        **({} if line.held is None else {"held": str(line.held)}),
    }


def recompute(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Total, pillars, coverage and bands from the lines of a whole trace, in the form of its summary.

    Shares nothing with the scoring but the rounding, so that an equal outcome means something. Points of closed levels
    are held back anew, at each tier by the measures of that tier.
    """
    lines = [{**line, "section": key} for key, part in trace["sections"].items() for line in part["lines"]]
    outcome = _recompute_tier(trace["summary"], lines)
    lower = []
    for stated in trace["summary"]["lower"]:
        asked = TIERS[: TIERS.index(stated["tier"]) + 1]
        figures = _recompute_tier(trace["summary"], [line for line in lines if line["tier"] in asked])
        lower.append({"tier": stated["tier"], **figures})
    return outcome | _recompute_band(outcome, trace) | {"lower": lower}


def _recompute_tier(summary: Mapping[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    rules = summary["rules"]
    lines = _hold_back(lines, rules.get("levels", []))
    pillars = [
        _recompute_pillar(p, [ln for ln in lines if ln["pillar"] == p["key"]], rules) for p in summary["pillars"]
    ]
    rated = [(Fraction(p["weight"]), Fraction(p["score_exact"])) for p in pillars if p["score_exact"] is not None]
    points, whole = sum((w * s for w, s in rated), _ZERO), sum((w for w, _ in rated), _ZERO)
    total = points / whole if rated else None
    live = [line for line in lines if line["points"] is not None]
    asked = [line for line in lines if line["points"] is not None or line["status"] == "declined"]
    known = _add_weights(line for line in live if line["status"] == "value")
    coverage = known / _add_weights(asked) if asked else Fraction(0)
    return {
        "total": state_figure(total),
        "total_exact": _write_exact(total),
        "pillars": pillars,
        "coverage": state_figure(coverage * 100),
        "coverage_exact": str(coverage),
        "rests_on": len(live),
    }


def _hold_back(lines: list[dict[str, Any]], levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines with no points where a measure of a lower level of their section earned less than their level requires."""
    rank = {level["key"]: place for place, level in enumerate(levels)}
    requires = {level["key"]: Fraction(level["requires"]) for level in levels}
    earned = [(line, Fraction(line.get("held", line["points"] or 0))) for line in lines]

    def is_open(line: dict[str, Any]) -> bool:
        below = [
            points
            for other, points in earned
            if other["section"] == line["section"]
            and other["points"] is not None
            and rank[other["level"]] < rank[line["level"]]
        ]
        return all(points >= requires[line["level"]] for points in below)

    return [
        line if line["points"] is None or not levels else {**line, "points": str(points if is_open(line) else 0)}
        for line, points in earned
    ]


def _add_weights(lines: Iterable[Mapping[str, Any]]) -> Fraction:
    return sum((Fraction(line["weight"]) for line in lines), Fraction(0))


def _recompute_pillar(
    stated: Mapping[str, Any], lines: list[dict[str, Any]], rules: Mapping[str, Any]
) -> dict[str, Any]:
    live = [line for line in lines if line["points"] is not None]
    standing = [line for line in lines if line["points"] is not None or line["status"] == "not_applicable"]
    na_share = _average([(ln, Fraction(ln["status"] == "not_applicable")) for ln in standing], rules)
    state, score = "rated", _average([(line, Fraction(line["points"])) for line in live], rules)
    added = sum((Fraction(line["weight"]) * Fraction(line["points"]) for line in live), _ZERO)
    if "capped_sum" in rules:
        score = min(added, Fraction(rules["capped_sum"]["cap"]))
    if not live:
        state, score = "nothing_to_score" if lines else "no_questions", None
    if na_share is not None and na_share * 100 > Fraction(rules["max_na_share"]):
        state, score = "too_much_not_applicable", None
    return {
        "key": stated["key"],
        "weight": stated["weight"],
        "state": state,
        "score": state_figure(score),
        "score_exact": _write_exact(score),
        "na_share": str(na_share or Fraction(0)),
        **({"added": str(added)} if "capped_sum" in rules and state == "rated" else {}),
    }


def _average(figures: list[tuple[dict[str, Any], Fraction]], rules: Mapping[str, Any]) -> Fraction | None:
    """Weighted mean of figures, first inside each level of a section, then inside each section, then over sections."""
    if not figures:
        return None
    by_section: dict[str, list[tuple[dict[str, Any], Fraction]]] = {}
    for line, figure in figures:
        by_section.setdefault(line["section"], []).append((line, figure))
    means = []
    for section, inside in by_section.items():
        own = _add_weights(line for line, _ in inside)
        means.append((Fraction(rules["sections"].get(section, own)), _average_levels(inside, rules)))
    return _mean(means)


def _average_levels(figures: list[tuple[dict[str, Any], Fraction]], rules: Mapping[str, Any]) -> Fraction:
    if "levels" not in rules:
        return _mean([(Fraction(line["weight"]), figure) for line, figure in figures])
    means = []
    for level in rules["levels"]:
        inside = [(Fraction(line["weight"]), figure) for line, figure in figures if line["level"] == level["key"]]
        if inside:
            means.append((Fraction(level["weight"]), _mean(inside)))
    return _mean(means)


def _mean(weighted: list[tuple[Fraction, Fraction]]) -> Fraction:
    return sum((w * figure for w, figure in weighted), _ZERO) / sum((w for w, _ in weighted), _ZERO)


def _recompute_band(outcome: Mapping[str, Any], trace: Mapping[str, Any]) -> dict[str, Any]:
    if outcome["total"] is None:
        return {"earned_band": None, "band": None, "band_reason": "not_rated"}
    bands = trace["summary"]["rules"]["bands"]
    order = [band["key"] for band in bands]
    by_total = [b for b in bands if Decimal(b["min"]) <= Decimal(outcome["total"])]
    covered = [b for b in by_total if Decimal(b["requires_coverage"]) <= Decimal(outcome["coverage"])]
    reached = [b for b in covered if not _misses_floor(b, outcome["pillars"])]
    earned = order.index(reached[-1]["key"])
    parts = trace["sections"].values()
    caps = [order.index(hit["cap_band"]) for part in parts for hit in part["critical"]]
    if any(part["critical_open"] for part in parts):
        return {"earned_band": order[earned], "band": None, "band_reason": "critical_open"}
    reason = "floor" if reached[-1] != covered[-1] else "total" if reached[-1] == by_total[-1] else "coverage"
    if min([earned, *caps]) < earned:
        reason = "critical_rule"
    return {"earned_band": order[earned], "band": order[min([earned, *caps])], "band_reason": reason}


def _misses_floor(band: Mapping[str, Any], pillars: list[dict[str, Any]]) -> bool:
    stated = {pillar["key"]: pillar["score"] for pillar in pillars if pillar["state"] != "no_questions"}
    floors = [(stated[key], floor) for key, floor in band.get("floors", {}).items() if key in stated]
    return any(score is None or Decimal(score) < Decimal(floor) for score, floor in floors)
