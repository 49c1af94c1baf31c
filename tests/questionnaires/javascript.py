"""The reader in JavaScript as a process of Node.js that answers line by line."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.questionnaires.observing import DAY

SCRIPT = Path(__file__).parents[1] / "node" / "vectors.mjs"
OLDEST = 18
PARTS = ("tier", "answers", "attachments", "staff", "unconfirmed", "earlier", "saves", "period_start")


class Reader:
    """Sees of a case what `observing.observe` sees of it; a process serves as many cases as there are."""

    def __enter__(self) -> "Reader":
        self.process = subprocess.Popen(
            [find_node(), SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        _, complaint = self.process.communicate(timeout=30)
        if error is None:
            assert (self.process.returncode, complaint) == (0, b""), complaint.decode()

    def observe(self, vectors: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.process.stdin.write(f"{json.dumps(write_case(vectors, case))}\n".encode())
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode()
        return dict(json.loads(line))


def write_case(vectors: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    documents = {name: vectors[name] for name in ("definition", "profile") if name in vectors}
    return {**documents, **{name: case[name] for name in PARTS if name in case}, "day": case.get("day", DAY)}


def find_node() -> str:
    """Node.js in a version that the reader runs on, which needs no package; skips without, and fails on CI."""
    node = shutil.which("node")
    if node is not None:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.strip().removeprefix("v").split(".")[0]) >= OLDEST:
            return node
    reason = f"Node.js from {OLDEST} on is not installed, so the reader in JavaScript cannot run."
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
