"""Figures of processes that come and go: none is lost, and none leaves a file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from portal import metering
from tests import databases

COUNT = """
import os
from portal import metering
metering.count_request("GET", "/one", 200, 0.02)
metering.count_request("GET", "/two", 200, 7.0)
metering.IN_FLIGHT.inc(3)
print(os.getpid())
"""


def run_process(folder: Path) -> int:
    environment = {**os.environ, metering.FOLDER_VARIABLE: str(folder), "PYTHONPATH": str(databases.ROOT)}
    return int(subprocess.run([sys.executable, "-c", COUNT], env=environment, capture_output=True, check=True).stdout)


def test_what_ended_processes_counted_stays_and_their_files_go(tmp_path: Path) -> None:
    registry = metering.open_registry(tmp_path)
    pids = [run_process(tmp_path) for _ in range(3)]
    before = generate_latest(registry).decode().splitlines()
    assert 'portal_http_requests_total{method="GET",route="/one",status="200"} 3.0' in before
    assert 'portal_http_request_seconds_count{route="/two"} 3.0' in before
    assert 'portal_http_request_seconds_bucket{le="0.025",route="/one"} 3.0' in before
    assert "portal_http_requests_in_flight 9.0" in before
    for number, pid in enumerate(pids, 1):
        metering.forget_process(tmp_path, pid)
        metering.forget_process(tmp_path, pid)  # again does no harm
        assert not list(tmp_path.glob(f"*_{pid}.db"))
        after = generate_latest(registry).decode().splitlines()
        assert list_counts(after) == list_counts(before)
        assert ("portal_http_requests_in_flight 6.0" in after) == (number == 1)
    assert {one.name for one in tmp_path.iterdir()} <= {"counter_ended.db", "histogram_ended.db"}


def list_counts(lines: list[str]) -> list[str]:
    return sorted(one for one in lines if one.startswith(("portal_http_requests_total", "portal_http_request_seconds")))


@pytest.mark.parametrize("code", sorted(metering.LIMITS))
def test_codes_of_limits_are_counted_and_words_of_clients_are_not(code: str) -> None:
    before = metering.REFUSALS.labels(code)._value.get()
    metering.count_refusal(code)
    metering.count_refusal(f"{code} canary")
    assert metering.REFUSALS.labels(code)._value.get() == before + 1
    assert "canary" not in generate_latest(metering.open_registry()).decode()
