"""The disclosure rules: from contributions to figures that may be published, or to the reason why none may.

Pure; every threshold stands in Policy, and every decision says why. The order is fixed: whether anything changed,
how many contribute, whether one of them dominates, whether a figure shows an end of the range, and what could be
computed with earlier releases or by readers who know contributors.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from questionnaires import peers
from questionnaires.peers import Figures

PUBLISHED, NOT_PUBLISHED = "published", "not_published"
TOO_FEW, DOMINATED, UNCHANGED = "TOO_FEW", "DOMINATED", "UNCHANGED"
WOULD_DISCLOSE, TOO_RECENT = "WOULD_DISCLOSE", "TOO_RECENT"
TAILS, QUARTILES = frozenset({"p10", "p90"}), frozenset({"p25", "p50", "p75"})


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What must hold; `p_percent` is drawn per installation from 10 to 20 and never published."""

    p_percent: int = field(repr=False)
    for_mean: int = 10
    for_part: int = 10
    for_quartiles: int = 20
    for_tails: int = 40
    most_percent: int = 25
    age_days: int = 90
    changed: int = 5
    unknown: int = 5
    least_range: int = 1_000  # hundredths of a point, that no contributor can be placed within
    steady: int = 500  # hundredths of a point; a contributor whose value moved by less counts with the former one
    partition_quarters: int = 4

    def describe(self) -> dict[str, int]:
        """The thresholds that anybody may know."""
        return {name: value for name, value in asdict(self).items() if name != "p_percent"}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The figures last made for a cell, by which release, and whether they are recent enough to stand once more."""

    release: int
    figures: Figures
    is_recent: bool = True


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What one reading organization with its group knows of a cell: contributors surely, and perhaps, known to it."""

    surely: int
    perhaps: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that a decision on one measure of one cell stands on.

    `values` ascend, one per contributor, in hundredths of a point or of an indicator's step; `waiting` would come in
    if submissions were older; `changed` counts contributors that differ from those behind `last`; `overlaps` the same
    for every earlier published cell that shares a contributor.
    """

    values: Sequence[int]
    waiting: int = 0
    last: Standing | None = None
    changed: int = 0
    overlaps: Sequence[int] = ()
    readers: Sequence[Reader] = ()


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What becomes of one measure of one cell; `kept_from` names the older release whose figures stand."""

    status: str
    reason: str | None = None
    figures: Figures | None = None
    kept_from: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def decide(case: Case, policy: Policy) -> Decision:
    """Publish, let older figures stand, or withhold, with the first rule that is broken."""
    count = len(case.values)
    detail: dict[str, Any] = {"contributors": count}
    if case.last is not None and case.changed < policy.changed:
        return Decision(
            status=PUBLISHED,
            reason=UNCHANGED,
            figures=case.last.figures,
            kept_from=case.last.release,
            detail=detail | {"changed": case.changed},
        )
    if count < policy.for_mean:
        reason = TOO_RECENT if count + case.waiting >= policy.for_mean else TOO_FEW
        return Decision(status=NOT_PUBLISHED, reason=reason, detail=detail | {"waiting": case.waiting})
    if (rule := find_dominance(case.values, policy)) is not None:
        return Decision(status=NOT_PUBLISHED, reason=DOMINATED, detail=detail | {"rule": rule})
    if (rule := find_exposure(case, policy)) is not None:
        return withhold(case.last, detail | {"rule": rule})
    return Decision(status=PUBLISHED, figures=make_figures(case.values, policy), detail=detail)


def withhold(last: Standing | None, detail: dict[str, Any]) -> Decision:
    """Figures that would disclose something do not go out; recent ones that are out already stand, with their date."""
    if last is None or not last.is_recent:
        return Decision(status=NOT_PUBLISHED, reason=WOULD_DISCLOSE, detail=detail)
    return Decision(
        status=PUBLISHED, reason=WOULD_DISCLOSE, figures=last.figures, kept_from=last.release, detail=detail
    )


def find_dominance(ordered: Sequence[int], policy: Policy) -> str | None:
    """The rule by which one contributor makes too much of the sum behind a mean; None where none does.

    p % rule: whoever gave the second largest value subtracts it and knows the largest within what the others add up
    to, so these must be at least p percent of it (Cox 1981; Hundepool et al., "Statistical Disclosure Control", 2012).
    """
    total, largest = sum(ordered), ordered[-1]
    if 100 * largest > policy.most_percent * total:
        return "dominance"
    if 100 * (total - largest - ordered[-2]) < policy.p_percent * largest:
        return "p_percent"
    return None


def find_exposure(case: Case, policy: Policy) -> str | None:
    """How somebody could compute a contributor's value from this figure; None where no such way is known here."""
    if not peers.lies_inside(peers.find_mean(case.values), case.values):
        return "end_of_range"
    if any(0 < differing < policy.changed for differing in case.overlaps):
        return "difference"
    for reader in case.readers:
        unknown_at_most = len(case.values) - reader.surely
        unknown_at_least = len(case.values) - reader.perhaps
        if unknown_at_most > 0 and unknown_at_least < policy.unknown:
            return "reader"
    return None


def make_figures(ordered: Sequence[int], policy: Policy) -> Figures:
    """The figures that so many contributors allow; a quantile that shows an end of the range is left out."""
    count = len(ordered)
    wanted = list_wanted(count, policy)
    quantiles = {name: _show(peers.find_quantile(ordered, percent), ordered) for name, percent in wanted.items()}
    band = peers.name_band(count, policy.for_mean)
    return Figures(count_band=band, mean=peers.round_points(peers.find_mean(ordered)), **quantiles)


def list_wanted(count: int, policy: Policy) -> dict[str, int]:
    """The quantiles that so many contributors allow, with their percents."""
    fewest = dict.fromkeys(QUARTILES, policy.for_quartiles) | dict.fromkeys(TAILS, policy.for_tails)
    return {name: percent for name, percent in peers.QUANTILES.items() if count >= fewest[name]}


def read_figures(row: Any) -> Figures:
    """The figures in a row of release_cell."""
    return Figures(**{name: row[name] for name in ("count_band", "mean", "p10", "p25", "p50", "p75", "p90")})


def _show(figure: Fraction, ordered: Sequence[int]) -> int | None:
    return peers.round_points(figure) if peers.lies_inside(figure, ordered) else None
