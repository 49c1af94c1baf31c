"""What an operator can count and measure; a label is a name that our own code gives, never a word or id of anybody."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import ParamSpec, TypeVar

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

import portal

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Where the processes of one server keep their figures; the library looks at it when it is imported."""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})
OTHER = "other"
LIMITS = frozenset({"BUSY", "OVERLOADED", "RATE_LIMITED", "TIMED_OUT", "TOO_COSTLY", "TOO_LARGE", "TOO_SLOW"})
"""Codes of answers that say a limit was reached; any other code is no matter of load."""

INFO = Gauge("portal_info", "1, with the version of this code.", ["version"], multiprocess_mode="livemax")
REQUESTS = Counter("portal_http_requests", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "portal_http_request_seconds", "From a request's head to the end of its answer.", ["route"], buckets=SECONDS
)
IN_FLIGHT = Gauge("portal_http_requests_in_flight", "Requests under way.", multiprocess_mode="livesum")
SOCKETS = Gauge("portal_websockets", "WebSockets that are open.", multiprocess_mode="livesum")
OPERATIONS = Counter("portal_graphql_operations", "GraphQL operations by type and outcome.", ["type", "outcome"])
OPERATION_SECONDS = Histogram("portal_graphql_operation_seconds", "How long they ran.", ["type"], buckets=SECONDS)
REFUSALS = Counter("portal_refusals", "Answers that said a limit was reached, by the code they gave.", ["code"])
LOCKS = Counter("portal_attempts_refused", "Tries beyond a limit, by what was tried.", ["path"])
SIGN_INS = Counter("portal_sign_ins", "Sign-ins by outcome.", ["outcome"])
CONNECTIONS = Gauge(
    "portal_database_connections",
    "Connections of the pool: at work, open and free, and how many there may be.",
    ["login", "state"],
    multiprocess_mode="livesum",
)
JOBS_RUN = Counter("portal_jobs_run", "Tries of jobs by outcome.", ["job", "outcome"])
JOB_SECONDS = Histogram("portal_job_seconds", "How long a try took.", ["job"], buckets=SECONDS)
LETTERS_SENT = Counter("portal_letters_tried", "Tries to hand a letter over, by outcome.", ["outcome"])
WEBHOOKS_SENT = Counter("portal_webhooks_tried", "Tries to deliver a message, by what became of it.", ["outcome"])
SCANS = Counter("portal_evidence_checks", "Documents looked at, by the verdict on them.", ["verdict"])
CLOCK_FAILURES = Counter("portal_clock_failures", "Rounds of what is due by the clock that failed.", ["work"])

# What the worker reads from the database every few seconds; each worker tells the same, so take the highest.
JOBS = Gauge("portal_jobs", "Jobs by state.", ["job", "state"], multiprocess_mode="livemostrecent")
JOB_AGE = Gauge(
    "portal_jobs_oldest_seconds", "How long the oldest due job waits.", ["job"], multiprocess_mode="livemostrecent"
)
OUTBOX = Gauge("portal_outbox_events", "Events to be passed on.", multiprocess_mode="livemostrecent")
OUTBOX_AGE = Gauge(
    "portal_outbox_oldest_seconds", "How long the oldest of them waits.", multiprocess_mode="livemostrecent"
)
LETTERS = Gauge("portal_letters", "Letters that wait or have failed.", ["state"], multiprocess_mode="livemostrecent")
WEBHOOKS = Gauge("portal_webhooks_waiting", "Messages to be sent.", multiprocess_mode="livemostrecent")
WEBHOOK_AGE = Gauge(
    "portal_webhooks_oldest_seconds", "How long the longest due message waits.", multiprocess_mode="livemostrecent"
)
UNSEALED = Gauge("portal_trail_unsealed_events", "Events without a block.", multiprocess_mode="livemostrecent")
UNSEALED_AGE = Gauge(
    "portal_trail_oldest_seconds", "How long the oldest of them waits.", multiprocess_mode="livemostrecent"
)
QUARANTINED = Gauge("portal_evidence_waiting", "Documents not looked at yet.", multiprocess_mode="livemostrecent")
LOOKED_AT = Gauge(
    "portal_worker_looked_at_seconds", "When all these were read, in Unix time.", multiprocess_mode="livemostrecent"
)

_folding = Lock()
Given = ParamSpec("Given")
Made = TypeVar("Made")


class _Summed:
    """The figures of all processes of a folder, while none of them is being put away."""

    def __init__(self, folder: Path) -> None:
        self.collector = MultiProcessCollector(None, str(folder))  # type: ignore[no-untyped-call]

    def collect(self) -> list[Metric]:
        """All of them."""
        with _folding:
            return list(self.collector.collect())  # type: ignore[no-untyped-call]


def open_registry(folder: Path | None = None) -> CollectorRegistry:
    """What is measured in this process, or in all that keep their figures in a folder, summed."""
    if folder is None:
        return REGISTRY
    registry = CollectorRegistry()
    registry.register(_Summed(folder))
    return registry


def tell_version() -> None:
    """Say which code this process runs."""
    INFO.labels(portal.VERSION).set(1)


def forget_process(folder: Path, pid: int) -> None:
    """Take out what a process that has ended said of itself; what it counted goes to a file of all that have ended.

    So no counter goes back, and processes that come and go leave no files.
    """
    with _folding:
        mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        for kind in ("counter", "histogram"):
            own, kept = folder / f"{kind}_{pid}.db", folder / f"{kind}_ended.db"
            if own.exists():
                _fold([str(one) for one in (own, kept) if one.exists()], kept)
                own.unlink()


def _fold(files: list[str], kept: Path) -> None:
    draft = kept.with_suffix(".draft")
    made = MmapedDict(str(draft))  # type: ignore[no-untyped-call]
    for metric in MultiProcessCollector.merge(files, accumulate=False):  # type: ignore[no-untyped-call]
        for one in metric.samples:
            names, values = list(one.labels), list(one.labels.values())
            key = mmap_key(metric.name, one.name, names, values, metric.documentation)
            made.write_value(key, one.value, 0.0)  # type: ignore[no-untyped-call]
    made.close()  # type: ignore[no-untyped-call]
    draft.replace(kept)


def name_method(method: str) -> str:
    """A method that our code knows, or that it is another: clients make up what they like."""
    return method if method in METHODS else OTHER


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """A request was answered; `route` is the path as our code spells it, and the method one that it knows."""
    REQUESTS.labels(method, route, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def count_refusal(code: str) -> None:
    """An answer gave this code; only those of limits are counted."""
    if code in LIMITS:
        REFUSALS.labels(code).inc()


@contextmanager
def time_operation(kind: str) -> Iterator[Callable[[str], None]]:
    """A GraphQL operation; its outcome is told through what this gives."""
    started = perf_counter()
    yield lambda outcome: OPERATIONS.labels(kind, outcome).inc()
    OPERATION_SECONDS.labels(kind).observe(perf_counter() - started)


def counting_sign_ins(act: Callable[Given, Awaitable[Made]]) -> Callable[Given, Awaitable[Made]]:
    """The same act, with its outcome counted: the code of the failure, or that a session was opened."""

    @wraps(act)
    async def counted(*args: Given.args, **given: Given.kwargs) -> Made:
        try:
            made = await act(*args, **given)
        except Exception as failure:
            SIGN_INS.labels(getattr(failure, "code", "FAULT").lower()).inc()
            raise
        SIGN_INS.labels("opened").inc()
        return made

    return counted
