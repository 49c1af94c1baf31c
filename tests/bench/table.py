"""The figures of a run as people and programs read them."""

from typing import Any

HEAD = (
    "                        requests/s        p50 ms          p99 ms       server CPU ms   database CPU ms\n"
    "case                  portal    hand  portal   hand  portal   hand  portal   hand    portal   hand   ratio"
)


def write_line(measured: dict[str, Any]) -> str:
    """One case: the portal's figures, each beside the hand-written one's, and the ratio of the requests per second."""
    ours, theirs = measured["portal"], measured["handwritten"]
    rates = f"{ours['requests_per_second']:8.0f}{theirs['requests_per_second']:8.0f}"
    halves = f"{ours['p50_ms']:8.2f}{theirs['p50_ms']:7.2f}"
    tails = f"{ours['p99_ms']:8.2f}{theirs['p99_ms']:7.2f}"
    server = f"{ours['server_cpu_ms']:8.3f}{theirs['server_cpu_ms']:7.3f}"
    database = f"{ours['database_cpu_ms']:10.3f}{theirs['database_cpu_ms']:7.3f}"
    return f"{measured['case']:<20}{rates}{halves}{tails}{server}{database}{measured['ratio']:8.2f}"


def write_table(report: dict[str, Any]) -> str:
    """The whole run."""
    lines = ["", HEAD, *(write_line(one) for one in report["cases"]), ""]
    lines.append(f"{report['suppliers']} suppliers, {report['connections']} connections; {report['cores']}.")
    lines.append(f"The load generator reaches {report['load_generator_per_second']:.0f} requests/s at most.")
    lines.append("ratio: requests/s of the portal as a share of the hand-written endpoint's, median of paired slices.")
    return "\n".join(lines)
