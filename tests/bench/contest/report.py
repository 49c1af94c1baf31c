"""The figures of the comparison as people and programs read them."""

from collections.abc import Sequence
from typing import Any

from tests.bench.contest.contenders import PORTAL, Contender
from tests.bench.contest.rounds import Results

NOTES = (
    "of raw, of raw+s.: requests/s as a share of theirs; portal x: the portal's as a multiple of this one's; each is the",
    "median over the rounds of what two neighbours in time reached. CPU: milliseconds per request; CPU x: this one's, server",
    "and database together, as a multiple of the portal's, which other work on the machine disturbs least.",
    "profile in depth: the portal alone also keeps the receipts of who read what. assessment: PostGraphile answers with",
    "the whole document of the questionnaire, since that is what the table holds.",
)


def describe(results: Results, shapes: Sequence[str], taking_part: Sequence[Contender]) -> dict[str, Any]:
    """Figures by shape and contender, with their ratios."""
    names = [one.name for one in taking_part]
    found: dict[str, dict[str, Any]] = {}
    for shape in shapes:
        found[shape] = {name: results.describe(shape, name) for name in names}
        for name in names:
            if PORTAL in names:
                found[shape][name]["cpu_times_portal"] = find_cpu_ratio(found[shape][name], found[shape][PORTAL])
            found[shape][name]["times"] = {
                other: ratio for other in names if (ratio := results.find_ratio(shape, name, other)) is not None
            }
    words = {one.name: one.words for one in taking_part}
    return {"contenders": words, "shapes": found, "others_share": results.others_share}


def find_cpu_ratio(own: dict[str, Any], other: dict[str, Any]) -> float:
    """Processor time per request, of server and database together, as a multiple of the other's."""
    ours, theirs = (one["server_cpu_ms"] + one["database_cpu_ms"] for one in (own, other))
    return float(round(ours / theirs, 3)) if theirs else 0.0


def write_table(figures: dict[str, Any]) -> str:
    """The whole run."""
    lines = []
    for shape, found in figures["shapes"].items():
        lines += ["", write_head(shape), *(write_line(name, own) for name, own in found.items())]
        if PORTAL in found:
            lines.append(f"  the portal's fast finish: {100 * found[PORTAL]['fast_share']:.0f} % of its operations")
    lines += ["", *(f"{name}: {words}" for name, words in figures["contenders"].items())]
    before, after = (", ".join(f"{one:.1f}" for one in figures[f"load_average_{at}"]) for at in ("before", "after"))
    lines.append(
        f"{figures['suppliers']} suppliers; {figures['connections']} connections, {figures['pool']} to the database;"
        f" {figures['rounds']} rounds of {figures['seconds'] / figures['rounds']:.2g} s; {figures['cores']}."
    )
    lines.append(
        f"Load average before and after: {before}; {after}. Other processes took {100 * figures['others_share']:.0f} % of all"
        " processors meanwhile."
    )
    return "\n".join([*lines, *NOTES])


def write_head(shape: str) -> str:
    columns = (
        "requests/s",
        "p50 ms",
        "p99 ms",
        "server CPU",
        "database CPU",
        "of raw",
        "of raw+s.",
        "portal x",
        "CPU x",
    )
    return f"{shape:<18}" + "".join(f"{one:>13}" for one in columns)


def write_line(name: str, own: dict[str, Any]) -> str:
    times = own["times"]
    shares = [times.get("raw"), times.get("raw+session"), 1 / times[PORTAL] if times.get(PORTAL) else None]
    shares.append(own.get("cpu_times_portal"))
    values = [own["requests_per_second"], own["p50_ms"], own["p99_ms"], own["server_cpu_ms"], own["database_cpu_ms"]]
    shown = [f"{values[0]:>13.0f}", *(f"{one:>13.2f}" for one in values[1:])]
    shown += [f"{one:>13.2f}" if one is not None else f"{'-':>13}" for one in shares]
    return f"  {name:<16}" + "".join(shown)
