"""What the reader of a letter about a request answers by the signed links in it, without signing in.

A link is of one request and one person. It does what the person's own mutations do, as long as the request waits, and
says nothing of answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import received
from portal.database import audit
from portal.delivery import signed_links, titles
from portal.directory import suggesting

PATH = "/letters/answer"
PURPOSE = b"portal.answer-request:"
Said = Literal["declined", "not_us", "wrong_contact"]
SAID: tuple[Said, ...] = ("declined", "not_us", "wrong_contact")
# What may be said for a no: of none of these does a buyer learn more than that it is one.
REASONS = {
    "no_time": "We have no time for it now.",
    "answered_elsewhere": "We have answered much the same elsewhere.",
    "too_much": "It asks too much of a firm of our size.",
    "no_business": "We do no business with you at present.",
}
NOT_US = "Said by the link in the letter: somebody else is meant."
OPEN = text("SELECT * FROM portal.open_request_letter(:buyer, :request, :person)")
ASKED = text(
    """
    SELECT q.key AS questionnaire_key, q.title AS questionnaire
      FROM portal.request r JOIN portal.questionnaire q ON q.key = r.questionnaire
     WHERE r.buyer_id = :buyer AND r.id = :request
    """
)


@dataclass(frozen=True)
class Reader:
    """To whom a letter about which request went."""

    buyer: UUID
    request: UUID
    person: UUID


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A request as its letter told it, and what holds now: `waiting`, `over`, or what was said."""

    actor: Actor
    standing: str  # waiting | over | declined | not_us | wrong_contact
    facts: dict[str, str]
    buyer_locale: str


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """What the reader chose, and with "wrong contact" who is the right one, if the reader knows."""

    said: Said
    reason: str | None = None  # a key of REASONS
    name: str | None = None
    email: str | None = None


def make_link(public_url: str, secret_key: str, reader: Reader, said: Said | None = None) -> str:
    """The address of a page with the button for one answer, or for each of them."""
    token = signed_links.make_token(secret_key, PURPOSE, (reader.buyer, reader.request, reader.person))
    return f"{public_url}{PATH}?token={token}" + (f"&say={said}" if said else "")


def read_token(secret_key: str, token: str) -> Reader | None:
    """Whose letter a link stood in; none where we did not make it."""
    found = signed_links.read_token(secret_key, PURPOSE, token, 3)
    return None if found is None else Reader(*found)


async def open_letter(session: AsyncSession, reader: Reader) -> Opened | None:
    """The request of a letter; none where the person may not answer for the supplier any more.

    The transaction acts for the person's organization from here on.
    """
    values = {"buyer": reader.buyer, "request": reader.request, "person": reader.person}
    row = (await session.execute(OPEN, values)).one_or_none()
    if row is None:
        return None
    return Opened(
        actor=Actor(
            user_id=reader.person,
            organization_id=row.organization_id,
            member_role=row.member_role,
            organization_roles=frozenset({"supplier"}),
        ),
        standing=_find_standing(row),
        facts={
            "buyer": row.buyer_name,
            "organization": row.organization_name,
            "questionnaire": row.questionnaire,
            "due": row.due_on.isoformat(),
        },
        buyer_locale=row.buyer_locale,
    )


async def name_questionnaire(session: AsyncSession, reader: Reader, locale: str) -> str:
    """The title of what is asked for, as a letter in this language has it; for whoever has opened the letter."""
    row = (await session.execute(ASKED, {"buyer": reader.buyer, "request": reader.request})).one()
    return (await titles.load(session, locale, row)).questionnaire


def _find_standing(row: Any) -> str:
    """Whether somebody works on it or has answered it is nothing that a letter's reader need know: it waits, or not."""
    if row.state in ("open", "accepted"):
        return "wrong_contact" if row.is_wrong_contact else "waiting"
    return str(row.state) if row.state in ("declined", "not_us") else "over"


async def answer(
    session: AsyncSession, opened: Opened, reader: Reader, spoken: Spoken, say_to_buyer: Callable[[str], str]
) -> None:
    """Do what the reader says, as the mutation for it does; `say_to_buyer` gives our words in the buyer's language.

    Raises Conflict where the request does not wait any more, InvalidInput for a name or an address that is none.
    """
    actor, request = opened.actor, reader.request
    if spoken.said == "wrong_contact":
        if not await suggesting.note_wrong_person(session, actor, buyer=reader.buyer, request=request):
            return
        await _suggest(session, actor, request, spoken)
    elif spoken.said == "not_us":
        await received.disown_request(session, actor, request_id=request, reason=say_to_buyer(NOT_US))
    else:
        reason = None if spoken.reason is None else say_to_buyer(REASONS[spoken.reason])
        await received.decline_whole(session, actor, request_id=request, reason=reason)
    said = {"said": spoken.said}
    await audit.add_audit(session, actor, "letter.answered", "request", request, owner=reader.buyer, detail=said)


async def _suggest(session: AsyncSession, actor: Actor, request: UUID, spoken: Spoken) -> None:
    """Tell the buyer; where enough people were named already, only that the reader is the wrong one."""
    if spoken.name is None and spoken.email is None:
        await suggesting.add_unnamed(session, actor, request_id=request)
        return
    try:
        await suggesting.suggest_contact(session, actor, request_id=request, name=spoken.name, email=spoken.email)
    except errors.Conflict as error:
        if error.code != "TOO_MANY":
            raise
        await suggesting.add_unnamed(session, actor, request_id=request)
