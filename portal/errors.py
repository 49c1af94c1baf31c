"""Expected failures: what a caller did that cannot be done, in words that name where and why."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

MOST_REASONS = 3  # of several problems, repeated in the message


class WrittenKey(str):
    """A key of an author's document in a path: it stays as it was written, where names of input fields may not."""

    __slots__ = ()


@dataclass(frozen=True)
class FieldProblem:
    """One thing that is wrong with an input: where (path of input fields), a stable code, and a sentence."""

    path: tuple[str | int, ...]
    code: str
    message: str


class PortalError(Exception):
    """An expected failure; leaving a transaction with it rolls the transaction back."""

    code = "FAILED"

    def __init__(self, message: str, *, code: str | None = None, path: Sequence[str | int] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)
        if code is not None:
            self.code = code


class InvalidInput(PortalError):
    """The input breaks a rule; `problems` names every one found, not only the first.

    Who reads the message alone learns the reasons, too, and the place where there is one problem.
    """

    code = "INVALID_INPUT"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        path: Sequence[str | int] = (),
        problems: Sequence[FieldProblem] = (),
    ) -> None:
        if type(self) is InvalidInput and code is None and not path:
            message = _name_reasons(message, problems)
            path = problems[0].path if len(problems) == 1 else ()
        super().__init__(message, code=code, path=path)
        self.problems = tuple(problems) or (FieldProblem(self.path, self.code, message),)


def _name_reasons(message: str, problems: Sequence[FieldProblem]) -> str:
    reasons = [_name_reason(one) if len(problems) > 1 else one.message for one in problems]
    return " ".join(part for part in (message, join_reasons(reasons, "`problems`")) if part)


def _name_reason(problem: FieldProblem) -> str:
    """A sentence behind the name of its place, unless it names that itself."""
    if not problem.path or f"{problem.path[-1]}: " in problem.message:
        return problem.message
    return f"{problem.path[-1]}: {problem.message}"


def join_reasons(reasons: Sequence[str], rest: str) -> str:
    """The first reasons as sentences, and how many more stand where `rest` says."""
    told = [one if one.endswith((".", "!", "?")) else f"{one}." for one in reasons[:MOST_REASONS]]
    more = [f"{len(reasons) - MOST_REASONS} more stand in {rest}."] if len(reasons) > MOST_REASONS else []
    return " ".join([*told, *more])


class NotFound(PortalError):
    """No such object for this caller; a row of somebody else answers exactly like one that does not exist."""

    code = "NOT_FOUND"


class NotAllowed(PortalError):
    """The caller may see the object but lacks the role for this act."""

    code = "NOT_ALLOWED"


class Unauthenticated(PortalError):
    """No credential, or one that is wrong, ended or revoked."""

    code = "UNAUTHENTICATED"


class Conflict(PortalError):
    """The act meets a state that has moved on, or an idempotency key used for something else."""

    code = "CONFLICT"


class RateLimited(PortalError):
    """Too many tries; `retry_after` says in how many seconds the next one may come."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after: int, code: str | None = None) -> None:
        super().__init__(f"{message} The next try may come {_spell_wait(retry_after)}.", code=code)
        self.retry_after = retry_after


def _spell_wait(seconds: int) -> str:
    if seconds < 120:
        return f"in {seconds} seconds" if seconds > 1 else "in a second"
    return f"in {-(-seconds // 60)} minutes" if seconds < 7_200 else f"in {-(-seconds // 3_600)} hours"


class Unavailable(PortalError):
    """A part the portal needs does not answer just now; trying again later is safe."""

    code = "UNAVAILABLE"
    is_undone = False  # whether it is known that nothing of the transaction stands, so that it may run again at once


class Busy(Unavailable):
    """This process has more to do at once than it takes; nothing was done, and `retry_after` is in seconds."""

    code = "BUSY"

    def __init__(self, message: str, *, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def write_keys(path: Sequence[str | int]) -> tuple[str | int, ...]:
    """A path within an author's document, each key as it stands there."""
    return tuple(WrittenKey(part) if isinstance(part, str) else part for part in path)


@contextmanager
def name_below(*place: str | int, kind: type[PortalError] = PortalError) -> Iterator[None]:
    """Let a failure of this kind name its path below `place`, where the caller gave what is checked inside."""
    try:
        yield
    except kind as error:
        if error.path:
            error.path = (*place, *error.path)
        if isinstance(error, InvalidInput):
            error.problems = tuple(
                replace(one, path=(*place, *one.path)) if one.path else one for one in error.problems
            )
        raise


class SetupError(Exception):
    """The installation cannot run as it is configured; the message says what to change."""


class EmbeddedServerError(SetupError):
    """The embedded PostgreSQL cannot be made or started; the message names the folder and what to do."""


class FolderInUse(EmbeddedServerError):
    """Another process runs, starts or stops the embedded PostgreSQL of this folder."""
