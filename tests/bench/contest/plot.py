"""The figures of the comparison as a picture: one row of bars for each shape, drawn as plain SVG."""

import textwrap
from html import escape
from typing import Any

WIDTH, LABEL, NUMBER = 860, 150, 70
BAR, GAP, HEAD, LINE = 16, 4, 30, 16
QUIET = 0.1  # of the processors, below which other processes are not worth a word
COLORS = {
    "raw": "#9aa5b1",
    "raw+session": "#7b8794",
    "portal": "#1f7a4d",
    "postgraphile": "#c46a1b",
    "strawberry": "#b0508e",
    "ariadne": "#5a67b8",
}


def draw(figures: dict[str, Any]) -> str:
    """Requests per second, each shape on its own scale."""
    parts: list[str] = []
    top = 34
    for shape, found in figures["shapes"].items():
        parts += draw_shape(shape, found, top)
        top += HEAD + len(found) * (BAR + GAP) + 6
    words = textwrap.wrap(describe_run(figures), 125)
    height = top + len(words) * LINE + 14
    title = f"Requests per second, {figures['suppliers']:,} suppliers"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
            f' font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="{escape(title)}">',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            write(title, 16, 24, size=16, weight="bold"),
            *parts,
            *(write(line, 16, top + LINE * (at + 1), fill="#52606d") for at, line in enumerate(words)),
            "</svg>",
            "",
        ]
    )


def describe_run(figures: dict[str, Any]) -> str:
    """How the figures came about, with what disturbed them."""
    said = (
        f"One process of each server, {figures['connections']} connections; {figures['cores']}."
        f" Median of {figures['rounds']} rounds; behind each bar the median latency. Each shape has its own scale."
    )
    others = figures.get("others_share", 0.0)
    if others > QUIET:
        said += f" Not a quiet machine: other processes took {100 * others:.0f} % of its processors meanwhile."
    return said


def draw_shape(shape: str, found: dict[str, Any], top: int) -> list[str]:
    """A heading and a bar for each contender."""
    most = max(own["requests_per_second"] for own in found.values())
    room = WIDTH - LABEL - 2 * NUMBER - 40
    parts = [write(shape, 16, top + 20, weight="bold")]
    for place, (name, own) in enumerate(found.items()):
        y = top + HEAD + place * (BAR + GAP)
        length = max(1.0, room * own["requests_per_second"] / most)
        color = COLORS.get(name, "#52606d")
        parts.append(write(name, LABEL, y + 12, anchor="end", weight="bold" if name == "portal" else "normal"))
        parts.append(f'<rect x="{LABEL + 8}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{color}"/>')
        words = f"{own['requests_per_second']:,.0f}  ({own['p50_ms']:.1f} ms)"
        parts.append(write(words, LABEL + 14 + length, y + 12))
    return parts


def write(
    words: str,
    x: float,
    y: float,
    *,
    size: int = 12,
    anchor: str = "start",
    weight: str = "normal",
    fill: str = "#1f2933",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="{fill}">'
        f"{escape(words)}</text>"
    )
