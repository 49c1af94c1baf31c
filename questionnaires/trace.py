"""The trace of a result: every figure exact and stated, cut by section, and a recomputation from the trace alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from questionnaires.canonical import write_decimal
from questionnaires.definition import TIERS, Definition
from questionnaires.points import count_hundredths
from questionnaires.profile import Profile
from questionnaires.result import Line, PillarScore, Result, TierScore

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
        "rules": {
            "rounding": ROUNDING,
            "max_na_share": write_decimal(profile.max_na_share),
            "sections": {key: write_decimal(weight) for key, weight in profile.sections.items()},
            "bands": [
                {"key": b.key, "min": write_decimal(b.min), "requires_coverage": write_decimal(b.requires_coverage)}
                for b in profile.bands
            ],
        },
    }


def state_figure(exact: Fraction | None) -> str | None:
    """A figure as it is shown, or None where there is none."""
    return None if exact is None else write_decimal(Decimal(count_hundredths(exact)) / 100)


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
        "lines": [_write_line(line) for line in result.lines if line.section == section],
        "critical": [
            {"rule": f.rule, "question": f.question, "row": f.row_id, "cap_band": f.cap_band}
            for f in result.fired
            if f.section == section
        ],
        "critical_open": [
            {"rule": r.rule, "question": r.question, "row": r.row_id, "state": r.state}
            for r in result.open_rules
            if r.section == section
        ],
    }


def _write_line(line: Line) -> dict[str, Any]:
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
    }


def recompute(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Total, pillars, coverage and bands from the lines of a whole trace, in the form of its summary.

    Shares nothing with the scoring but the rounding, so that an equal outcome means something.
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


def _add_weights(lines: Iterable[Mapping[str, Any]]) -> Fraction:
    return sum((Fraction(line["weight"]) for line in lines), Fraction(0))


def _recompute_pillar(
    stated: Mapping[str, Any], lines: list[dict[str, Any]], rules: Mapping[str, Any]
) -> dict[str, Any]:
    live = [line for line in lines if line["points"] is not None]
    standing = [line for line in lines if line["points"] is not None or line["status"] == "not_applicable"]
    na_share = _average([(ln, Fraction(ln["status"] == "not_applicable")) for ln in standing], rules)
    state, score = "rated", _average([(line, Fraction(line["points"])) for line in live], rules)
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
    }


def _average(figures: list[tuple[dict[str, Any], Fraction]], rules: Mapping[str, Any]) -> Fraction | None:
    """Weighted mean of figures, first inside each section and then over sections."""
    if not figures:
        return None
    means, weights = [], []
    for section in {line["section"] for line, _ in figures}:
        inside = [(Fraction(line["weight"]), figure) for line, figure in figures if line["section"] == section]
        own = sum((weight for weight, _ in inside), Fraction(0))
        means.append(sum((weight * figure for weight, figure in inside), Fraction(0)) / own)
        weights.append(Fraction(rules["sections"].get(section, own)))
    return sum((w * m for w, m in zip(weights, means, strict=True)), Fraction(0)) / sum(weights, Fraction(0))


def _recompute_band(outcome: Mapping[str, Any], trace: Mapping[str, Any]) -> dict[str, Any]:
    if outcome["total"] is None:
        return {"earned_band": None, "band": None, "band_reason": "not_rated"}
    bands = trace["summary"]["rules"]["bands"]
    order = [band["key"] for band in bands]
    by_total = [b for b in bands if Decimal(b["min"]) <= Decimal(outcome["total"])]
    reached = [b for b in by_total if Decimal(b["requires_coverage"]) <= Decimal(outcome["coverage"])]
    earned = order.index(reached[-1]["key"])
    parts = trace["sections"].values()
    caps = [order.index(hit["cap_band"]) for part in parts for hit in part["critical"]]
    if any(part["critical_open"] for part in parts):
        return {"earned_band": order[earned], "band": None, "band_reason": "critical_open"}
    reason = (
        "critical_rule" if min([earned, *caps]) < earned else "total" if reached[-1] == by_total[-1] else "coverage"
    )
    return {"earned_band": order[earned], "band": order[min([earned, *caps])], "band_reason": reason}
