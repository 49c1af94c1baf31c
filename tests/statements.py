"""What is sent to the database while a test looks: by SQLAlchemy, and by readers on the driver itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import event

from portal.database.reader import Reader

Sent = list[tuple[str, tuple[Any, ...]]]


@contextmanager
def record_statements(engine: Any) -> Iterator[Sent]:
    """The statements with their values, in order, of an engine and of all readers; one for each run of a statement."""
    sent: Sent = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        # The driver runs a statement once for each of many sets of values, so it counts as often.
        sent.extend((statement, tuple(one)) for one in (parameters if many else [parameters]))

    def spy(read: Callable[..., Any]) -> Callable[..., Any]:
        def noting(reader: Reader, sql: str, *values: Any) -> Any:
            # A list of values, or the values one by one.
            sent.append((sql, tuple(values[0]) if read.__name__ == "fetch_text" else values))
            return read(reader, sql, *values)

        return noting

    event.listen(engine, "before_cursor_execute", note)
    methods = {name: spy(getattr(Reader, name)) for name in ("fetch", "fetch_row", "fetch_text")}
    try:
        with mock.patch.multiple(Reader, **methods):
            yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
