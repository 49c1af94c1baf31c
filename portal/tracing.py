"""Spans of requests, operations, statements and jobs for OpenTelemetry; nothing is made or sent without an address.

An attribute is a name, a number or a statement of our own code: no path, id, value, address or word of anybody, and of
a failure its kind alone.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

import portal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

PATH = "/v1/traces"
SERVICE = "supplier-portal"
SEND_SECONDS = 5
MOST_CHARACTERS = 4_000  # of a statement
ERROR = "error.type"
OPEN = "portal.spans"
NOTHING = nullcontext()

_tracer: "Tracer | None" = None
_provider: "TracerProvider | None" = None


def start(endpoint: str) -> None:
    """Send spans to an OTLP receiver from here on; names, headers and sampling are OTEL_... variables of its own.

    The library is loaded only now. Without an address nothing happens.
    """
    global _tracer, _provider
    if not endpoint or _tracer is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = {SERVICE_VERSION: portal.VERSION, SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", SERVICE)}
    _provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + PATH, timeout=SEND_SECONDS)
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = _provider.get_tracer("portal", portal.VERSION)


def stop() -> None:
    """Send what is left, and no more."""
    global _tracer, _provider
    provider, _tracer, _provider = _provider, None, None
    if provider is not None:
        provider.shutdown()


def is_on() -> bool:
    """Whether spans are made."""
    return _tracer is not None


@contextmanager
def trace(
    name: str, kind: str = "INTERNAL", attributes: Mapping[str, str | int] | None = None, *, parent: str = ""
) -> Iterator["Span | None"]:
    """A span around what happens inside, below the one around it or the `traceparent` of a caller; none without."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    with _tracer.start_as_current_span(
        name,
        _read_parent(parent),
        SpanKind[kind],
        attributes,
        record_exception=False,  # its words may quote what somebody wrote
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_attribute(ERROR, type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise


def _read_parent(traceparent: str) -> Any:
    if not traceparent:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": traceparent})


def trace_statement(sql: str) -> AbstractContextManager["Span | None"]:
    """A span of a statement: its text, in which values have places."""
    if _tracer is None:
        return NOTHING
    verb = sql.split(None, 1)[0].upper()
    told = {"db.system.name": "postgresql", "db.query.text": sql[:MOST_CHARACTERS]}
    return trace(verb if verb.isalpha() else "SQL", "CLIENT", told)


def follow_engine(engine: Engine) -> None:
    """Make a span of each statement that SQLAlchemy sends."""
    event.listen(engine, "before_cursor_execute", _begin_statement)
    event.listen(engine, "after_cursor_execute", _end_statement)
    event.listen(engine, "handle_error", _fail_statement)


def _begin_statement(connection: Connection, _cursor: Any, sql: str, _values: Any, _context: Any, _many: bool) -> None:
    opened = ExitStack()
    opened.enter_context(trace_statement(sql))
    connection.info.setdefault(OPEN, []).append(opened)


def _end_statement(connection: Connection, *_: Any) -> None:
    if connection.info.get(OPEN):
        connection.info[OPEN].pop().close()


def _fail_statement(failure: ExceptionContext) -> None:
    if failure.connection is not None and failure.connection.info.get(OPEN):
        error = failure.original_exception
        failure.connection.info[OPEN].pop().__exit__(type(error), error, None)


def read_id(span: "Span | None") -> dict[str, str]:
    """The trace's id for the log; nothing without a span."""
    return {} if span is None else {"trace_id": f"{span.get_span_context().trace_id:032x}"}
