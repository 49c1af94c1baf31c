"""`make bench`: the portal beside other servers, hand-written endpoints and COPY, and compiled scoring beside plain."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from tests.bench import bulk, lag, pair, releases, respondents, scoring, usefulness
from tests.bench.contest import comparison
from tests.bench.contest.contenders import CONTENDERS
from tests.bench.contest.questions import SHAPES

PLOT = Path(__file__).parent / "plot.svg"
ALONE: dict[str, Any] = {
    "lag": lag,
    "scoring": scoring,
    "respondents": respondents,
    "releases": releases,
    "usefulness": usefulness,
}
LEAST_SCALE = 200  # so that two suppliers have an open assessment


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Options, whose defaults come from the environment, so that `make bench SCALE=1000000` works."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)

    def add(name: str, kind: Any, default: str, words: str) -> None:
        parser.add_argument(f"--{name}", type=kind, default=kind(os.environ.get(name.upper(), default)), help=words)

    known = (*SHAPES, *pair.CASES, *bulk.CASES, *(one.CASE for one in ALONE.values()))
    add("cases", split, "", f"only these, with commas between them: {', '.join(known)}")
    add("contenders", split, "", f"of the shapes that are read: {', '.join(one.name for one in CONTENDERS)}")
    add("scale", int, "50000", "suppliers of the buyer whose lists are read")
    add("seconds", float, "10", "for each shape and contender")
    add("rounds", int, "5", "in which these seconds come")
    add("suppliers", int, "2000", "of the buyer whose suppliers also write")
    add("duration", float, "12", "seconds for each case beside a hand-written endpoint and side, a quarter for scoring")
    add("rows", int, "100000", "of the supplier list that is imported, and then asked")
    add("rescored", int, "100000", "stored assessments that are scored anew, from file to file")
    add("stored", int, "1000000", "assessments that are stored while people save, beside a thousand")
    add("assessed", int, "1000000", "assessed suppliers that two releases are made of, beside a thousand")
    add("markets", split_counts, "600,6000,60000", "suppliers of the markets in which the use of releases is told")
    add("rules", split, "", f"of releases, only these: {', '.join(usefulness.RULES)}")
    add("connections", int, "8", "kept open to each server")
    parser.add_argument("--json", type=Path, default=os.environ.get("JSON"), help="a file for the figures")
    parser.add_argument("--plot", type=Path, default=os.environ.get("PLOT"), help=f"a file to draw, like {PLOT.name}")
    options = parser.parse_args(arguments)
    unknown = set(options.cases) - set(known)
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    if options.suppliers < pair.LEAST_SUPPLIERS or options.scale < LEAST_SCALE:
        parser.error(f"--suppliers must be at least {pair.LEAST_SUPPLIERS}, --scale at least {LEAST_SCALE}")
    if min(options.rows, options.rescored, options.stored, options.assessed, *options.markets) < 1:
        parser.error("--rows, --rescored, --stored, --assessed and --markets must be at least 1")
    return options


def split(words: str) -> list[str]:
    return [one.strip() for one in words.split(",") if one.strip()]


def split_counts(words: str) -> list[int]:
    return [int(one) for one in split(words)]


def main() -> None:
    """Run what the command line wants, the reads first, and write the figures."""
    options = read_options(sys.argv[1:])
    figures: dict[str, Any] = {}
    shapes = [one for one in SHAPES if not options.cases or one in options.cases]
    cases = [one for one in pair.CASES if not options.cases or one in options.cases]
    if shapes:
        figures |= comparison.run(options, shapes)
    if cases:
        figures["pair"] = pair.run(options, cases)
    loads = [one for one in bulk.CASES if not options.cases or one in options.cases]
    if loads:
        figures["bulk"] = bulk.run(options, loads)
    for name, one in ALONE.items():
        if not options.cases or one.CASE in options.cases:
            figures[name] = one.run(options)
    if options.json:
        options.json.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
