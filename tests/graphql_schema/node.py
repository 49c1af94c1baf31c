"""The protocol suites of npm: installed from the lock file once per test process, and run as processes."""

import asyncio
import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "node"


@functools.cache
def prepare() -> None:
    """Install what package-lock.json names; without Node the test is skipped, on CI that is a failure."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        reason = "Node.js with npm is not installed, so the protocol suites cannot run."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    marker = FOLDER / "node_modules" / ".package-lock.json"
    if marker.exists() and marker.stat().st_mtime >= (FOLDER / "package-lock.json").stat().st_mtime:
        return
    subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=FOLDER, check=True, capture_output=True
    )


async def start(script: str, *arguments: str) -> asyncio.subprocess.Process:
    """Start one of the scripts."""
    prepare()
    return await asyncio.create_subprocess_exec(
        "node",
        str(FOLDER / script),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
