"""The portal's server as operators start it, which also counts what its process holds.

Run as a process of its own: `python -m tests.soak.watched`; the counts are told at the port in SOAK_WATCH_PORT. With
SOAK_SMALL its bounded caches have room for a few values only, so that a short run fills them.
"""

import gc
import os
import sys
from collections import Counter
from typing import Any

from graphql_schema import budgets, documents, projection, selection
from portal import __main__ as command_line
from portal.reading import reads
from tests.bench import watching

SMALL = 8  # values in each bounded cache of a short run


def count_held() -> dict[str, Any]:
    """Blocks of memory that Python has given out, objects by type, and how full the caches are."""
    gc.collect()
    types = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())
    return {"blocks": sys.getallocatedblocks(), "caches": count_kept(), "types": types}


def count_kept() -> dict[str, int]:
    """How many values each cache holds whose keys clients can make up."""
    return {
        "documents": len(documents._known),
        "shapes": len(selection._trees.kept),
        "plans": len(reads.PLANS),
        "writers": len(projection._writers),
    }


def make_small() -> None:
    documents.MOST_DOCUMENTS = selection.MOST_SHAPES = budgets.MOST_CLIENTS = SMALL
    reads.PLANS.most = reads.PLACES.most = projection._writers.size = projection._texts.size = SMALL


if __name__ == "__main__":
    if os.environ.get("SOAK_SMALL"):
        make_small()
    watching.tell(int(os.environ["SOAK_WATCH_PORT"]), count_held)
    sys.argv = ["portal", "serve"]
    command_line.main()
