"""POST /imports/assessments/{id}: a filled workbook or CSV of answers, first looked at and then applied."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from portal import access, errors
from portal.access import Actor, Credential
from portal.assessments import drafts, filled_forms, handed_forms
from portal.assessments.answers import Outcome
from portal.assessments.filled_forms import Applied, Plan, Planned
from portal.assessments.handed_forms import Handed, Source
from portal.assessments.speaking import Wish
from portal.database.engine import Database
from portal.http import exports, pace, parameters, refusals, uploads
from portal.identity import attempts
from portal.turnstile import Turnstile
from questionnaires.answers import Answer
from questionnaires.carryover import Carried
from questionnaires.definition import Definition
from questionnaires.filling import Filled
from questionnaires.wording import Words
from questionnaires.xlsx import MAX_FILE

PATH = "/imports/assessments/{id}"
FLAGS = ("carry", "anywhere", "overwrite")
SECONDS = 120.0
AT_ONCE = 24  # files that come in to one process; each is in memory as far as it has come
SHARE = 4  # of these for one organization
RECEIVING = "Too many files are coming in just now. Nothing was stored; send this again in a moment."


@dataclass(frozen=True)
class Asked:
    """What a call wants: only to look, or to apply on the change number that was looked at."""

    id: UUID
    seen: int | None
    carry: bool
    anywhere: bool
    overwrite: bool
    wish: Wish


def make_route(database: Database, turnstile: Turnstile) -> Route:
    return Route(PATH, make_importer(database, turnstile), methods=["POST"])


def make_importer(database: Database, turnstile: Turnstile) -> Callable[[Request], Awaitable[Response]]:
    """The answer to POST: 200 with every change and refused cell, or why the file cannot be taken.

    A file is let in before it is received, so that no more are in memory than there are places; when it is there, it
    takes one of the places to be read: who sends slowly keeps those from nobody.
    """
    receiving = Turnstile(AT_ONCE, 0, RECEIVING, share=SHARE)

    async def take(request: Request) -> Response:
        try:
            asked = read_query(request)
            credential = access.read_bearer(request.headers.get("authorization"))
            address = request.client.host if request.client else ""
            importing = Importing(database, credential, address, asked)
            client = await importing.check_right()
            with receiving.hold_place(client):
                data = await read_body(request)
                async with turnstile.enter(client):
                    document = await importing.run(data)
        except uploads.Rejected as rejected:  # who was too slow is not waited for any longer
            return refusals.write_refusal(rejected.status, rejected.code, rejected.message, rejected.headers)
        except errors.PortalError as error:
            await uploads.drain(request, 2 * MAX_FILE)
            return refusals.refuse(error)
        headers = {"Cache-Control": "private, no-store"}
        return Response(orjson.dumps(document, default=str), media_type="application/json", headers=headers)

    return take


class Importing:
    """One call: the file is read between two short transactions, so that none waits for it."""

    def __init__(self, database: Database, credential: Credential, address: str, asked: Asked) -> None:
        self.database, self.credential, self.address, self.asked = database, credential, address, asked

    async def check_right(self) -> UUID:
        """The organization that may write these answers, before it sends anything. Counts the call."""
        async with attempts.open_transaction(self.database, self.credential, address=self.address) as (session, actor):
            access.require(actor, access.SUPPLIER_EDITOR)
            await drafts.find_subject(session, actor, self.asked.id)
            await attempts.count_use(session, "form_import", str(actor.organization))
            return actor.organization

    async def run(self, data: bytes) -> dict[str, Any]:
        handed = await asyncio.to_thread(handed_forms.open_file, data)
        source = await self._find_source(handed)
        filled = await asyncio.to_thread(handed_forms.read_file, handed, source)
        async with attempts.open_transaction(self.database, self.credential, address=self.address) as (session, actor):
            return await self._plan(session, actor, handed, source, filled)

    async def _find_source(self, handed: Handed) -> Source:
        async with attempts.open_transaction(self.database, self.credential, address=self.address) as (session, actor):
            draft = await drafts.load_draft(session, actor, self.asked.id)
            return await handed_forms.find_source(
                session,
                actor,
                draft,
                handed,
                wish=self.asked.wish,
                carry=self.asked.carry,
                anywhere=self.asked.anywhere,
            )

    async def _plan(self, session: Any, actor: Actor, handed: Handed, source: Source, filled: Filled) -> dict[str, Any]:
        if self.asked.seen is None:
            plan = await filled_forms.plan_form(
                session, actor, assessment_id=self.asked.id, source=source, filled=filled
            )
            return write_plan(plan, source)
        applied = await filled_forms.apply_form(
            session,
            actor,
            assessment_id=self.asked.id,
            handed=handed,
            source=source,
            filled=filled,
            seen=self.asked.seen,
            overwrite=self.asked.overwrite,
        )
        return write_plan(applied.plan, source, applied)


def read_query(request: Request) -> Asked:
    """The parameters; raises InvalidInput for one that is not known, and NotFound for an id that is none."""
    given = request.query_params
    parameters.check_names(given, once=("apply", "locale", *FLAGS))
    for flag in FLAGS:
        parameters.check_values(flag, given.getlist(flag), ("true", "false"), code="PARAMETER")
    try:
        id_ = UUID(request.path_params["id"])
    except ValueError:
        raise errors.NotFound("There is no such assessment.") from None
    flags = {flag: given.get(flag) == "true" for flag in FLAGS}
    return Asked(id=id_, seen=_read_seen(given), wish=exports.read_wish(request), **flags)


def _read_seen(given: QueryParams) -> int | None:
    number = given.get("apply")
    if number is not None and not (number.isascii() and number.isdecimal() and len(number) < 16):
        words = "`apply` takes the change number of the preview that you have looked at."
        raise errors.InvalidInput(words, code="PARAMETER", path=("apply",))
    return None if number is None else int(number)


async def read_body(request: Request) -> bytes:
    """The file; raises InvalidInput for one that is empty, too large or cut off, and Rejected for one too slow."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(SECONDS):
            async for part in pace.keep_pace(request.stream()):
                size += len(part)
                if size > MAX_FILE:
                    raise errors.InvalidInput(f"A file may have {MAX_FILE} bytes at most.", code="TOO_LARGE")
                parts.append(part)
    except TimeoutError:
        words = "The file came too slowly; send it again."
        raise uploads.Rejected(408, "TOO_SLOW", words, Connection="close") from None
    except ClientDisconnect:
        raise errors.InvalidInput("The file was cut off; send it again.", code="CUT_OFF") from None
    if not size:
        raise errors.InvalidInput("The file has no content.", code="EMPTY")
    return b"".join(parts)


def write_plan(plan: Plan, source: Source, applied: Applied | None = None) -> dict[str, Any]:
    """Everything that the file changes, and each cell that was refused, with words in the language of the file."""
    words = Words(plan.filled.stamp.locale)
    outcomes = {} if applied is None else applied.outcomes
    row = plan.draft.row
    titles = source.told if source.is_own else plan.draft.definition
    return {
        "format": "answer-import/1",
        "assessment": row.id,
        "change_number": row.change_number if applied is None else applied.change_number,
        "made_of": {
            "questionnaire": source.definition.key,
            "version": source.definition.version,
            "is_own_version": source.is_own,
            "change_number": plan.filled.stamp.change_number,
        },
        "applied": applied is not None,
        "changes": [_write_change(titles, one, outcomes.get(one.change.key)) for one in plan.changes],
        "refused": [
            {
                "place": one.place,
                "question": one.problem.question,
                "row": one.problem.row_id,
                "code": one.problem.code.upper(),
                "message": words.explain(one.problem),
            }
            for one in plan.filled.refused
        ],
        "left": [_write_left(one) for one in plan.left],
    }


def _write_change(titles: Definition, planned: Planned, outcome: Outcome | None) -> dict[str, Any]:
    change, carried = planned.change, planned.carried
    question, row = change.key
    return {
        "place": change.place,
        "question": question,
        "row": row,
        "title": titles.questions[question].title,
        "old": _write_answer(change.old),
        "new": _write_answer(change.new),
        "is_newer": planned.is_newer,
        "is_locked": planned.standing.is_locked,
        "fate": None if carried is None else carried.fate.upper(),
        "reasons": [] if carried is None else [code.upper() for code in carried.reasons],
        "status": None if outcome is None else outcome.status.upper(),
    }


def _write_left(one: Carried) -> dict[str, Any]:
    return {
        "question": one.old_question,
        "row": one.row_id,
        "fate": one.fate.upper(),
        "reasons": [code.upper() for code in one.reasons],
        "old": _write_answer(one.old),
    }


def _write_answer(answer: Answer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    parts = asdict(answer)
    return {name: parts[name] for name in ("state", "value", "reason")}
