"""The portal's server as operators start it, which also tells how its reads were finished.

Run as a process of its own: `python -m tests.bench.contest.watched`; the counts are told at the port in BENCH_WATCH_PORT.
"""

import os
import sys
from dataclasses import asdict

from portal import __main__ as command_line
from portal.reading import reads
from tests.bench import watching


def count_reads() -> dict[str, int]:
    return asdict(reads.FINISHES) | {"plan_hits": reads.PLANS.hits, "plan_misses": reads.PLANS.misses}


if __name__ == "__main__":
    watching.tell(int(os.environ["BENCH_WATCH_PORT"]), count_reads)
    sys.argv = ["portal", "serve"]
    command_line.main()
