"""The solver is loaded by who needs it, a second of each start otherwise: by releases and attacks."""

import subprocess
import sys

import pytest

from tests import databases

LOADED = """
import importlib, sys
portal = importlib.import_module("portal.__main__")
for module, _ in portal.COMMANDS.values():
    importlib.import_module(f"portal.commands.{module}")
importlib.import_module("graphql_schema.schema").get_schema()
print("scipy" in sys.modules, "numpy" in sys.modules)
importlib.import_module("portal.benchmarks.shifts")
print("scipy" in sys.modules)
"""


@pytest.mark.slow
def test_no_command_and_no_request_loads_the_solver() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=databases.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False", "True"]
