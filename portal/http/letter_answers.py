"""Answering a request by a link of its letter, without signing in: a page with a button for each answer."""

import asyncio
import html
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from portal import errors
from portal.database.engine import Database
from portal.delivery import letter_answers, letter_texts
from portal.delivery.letter_answers import REASONS, SAID, Opened, Reader, Said, Spoken
from portal.delivery.letter_texts import LetterTexts
from portal.http import letters
from questionnaires import languages, messages

MOST_BYTES, BODY_SECONDS = 10_000, 15.0
TITLE = "A request for a self-assessment"
ASKED = '{buyer} asks {organization} to answer "{questionnaire}", by {due}.'
NOT_WHOLE = "This link is not whole. Copy all of it from the letter."
GONE = "This link works no more. Sign in to see what waits for you."
BAD_PERSON = "A person needs a name; an address looks like name@example.com."
HOLDS = {
    "over": "This request is over. You need not do anything.",
    "declined": "This is declined, and the buyer knows it. You need not do anything more.",
    "not_us": "The buyer knows that somebody else is meant. You need not do anything more.",
    "wrong_contact": "The buyer knows that you are not the right person. You get no more letters about this request.",
}
EXPLAINED = {
    "declined": "Say no. Nobody has to give a reason; the buyer reads the one that you choose, and nothing else.",
    "not_us": "The buyer means another company. This ends the request, and the buyer is told.",
    "wrong_contact": "The request stays open for your colleagues. You get no more letters about it, and the buyer is"
    " told.",
}
BUTTONS = {
    "declined": "We decline",
    "not_us": "This is not meant for us",
    "wrong_contact": "I am not the right person",
}
NO_REASON, WHO, ADDRESS, ELSE = "No reason", "Who is, if you know", "Address of that person", "Another answer"
FORM = (
    '<h2>{heading}</h2><p>{words}</p><form method="post"><input type="hidden" name="say" value="{said}">{fields}'
    "<p><button>{button}</button></p></form>"
)


class _Page:
    """What is shown in one language; what came from the database is escaped, and nothing came with the request."""

    def __init__(self, request: Request, folder: Path | None) -> None:
        self.texts: LetterTexts = letter_texts.read_texts(folder)
        wanted = languages.read_preferences(request.headers.get("accept-language", ""))
        self.locale = self.texts.choose_locale("request", wanted)

    def say(self, phrase: str) -> str:
        return html.escape(self.texts.say_phrase(phrase, self.locale))

    def show(self, content: str, status: int = 200) -> Response:
        parts = {"locale": self.locale, "direction": languages.find_direction(self.locale), "title": self.say(TITLE)}
        page = letters.PAGE.format(**parts, words="", form=content)
        return HTMLResponse(page, status, {**letters.HEADERS, "Content-Language": self.locale})

    def tell(self, phrase: str, status: int = 200) -> Response:
        return self.show(f"<p>{self.say(phrase)}</p>", status)

    def show_request(self, opened: Opened, wanted: Sequence[Said], token: str, wrong: str = "") -> Response:
        """What the letter told, with the forms while the request waits, else what holds now."""
        named = {name: f"<bdi>{html.escape(value)}</bdi>" for name, value in opened.facts.items()}
        content = f"<p>{messages.fill_text(self.say(ASKED), named)}</p>"
        if opened.standing != "waiting":
            return self.show(f"{content}<p>{self.say(HOLDS[opened.standing])}</p>")
        if wrong:
            content += f"<p><strong>{self.say(wrong)}</strong></p>"
        content += "".join(self._write_form(said) for said in wanted)
        if len(wanted) < len(SAID):
            content += f'<p><a href="?token={html.escape(token)}">{self.say(ELSE)}</a></p>'
        return self.show(content, 400 if wrong else 200)

    def _write_form(self, said: Said) -> str:
        fields = ""
        if said == "declined":
            choices = "".join(f'<option value="{key}">{self.say(words)}</option>' for key, words in REASONS.items())
            fields = f'<select name="reason"><option value="">{self.say(NO_REASON)}</option>{choices}</select>'
        if said == "wrong_contact":
            fields = (
                f'<p><label>{self.say(WHO)} <input name="name" maxlength="200"></label></p>'
                f'<p><label>{self.say(ADDRESS)} <input name="email" type="email" maxlength="254"></label></p>'
            )
        button = self.say(BUTTONS[said])
        return FORM.format(heading=button, words=self.say(EXPLAINED[said]), said=said, fields=fields, button=button)


def list_routes(database: Database, secret_key: str, folder: Path | None = None) -> list[BaseRoute]:
    """The one address; opening it changes nothing, since mail programs look at links before people do."""

    async def answer(request: Request) -> Response:
        page, token = _Page(request, folder), request.query_params.get("token", "")
        reader = letter_answers.read_token(secret_key, token)
        if reader is None:
            return page.tell(NOT_WHOLE, 400)
        spoken = await _read_spoken(request) if request.method == "POST" else None
        wrong = ""
        if spoken is not None:
            try:
                await _say(database, reader, spoken, page.texts)
            except errors.Conflict:
                pass  # the request was over before, and the page says what holds
            except errors.InvalidInput:
                wrong = BAD_PERSON
        async with database.transaction() as (session, _):
            opened = await letter_answers.open_letter(session, reader)
            if opened is None:
                return page.tell(GONE, 410)
            opened.facts["questionnaire"] = await letter_answers.name_questionnaire(session, reader, page.locale)
        chosen = spoken.said if spoken else request.query_params.get("say", "")
        return page.show_request(opened, [one for one in SAID if one == chosen] or SAID, token, wrong)

    return [Route(letter_answers.PATH, answer, methods=["GET", "POST"])]


async def _say(database: Database, reader: Reader, spoken: Spoken, texts: LetterTexts) -> None:
    async with database.transaction() as (session, _):
        opened = await letter_answers.open_letter(session, reader)
        if opened is None or opened.standing != "waiting":
            return
        locale = texts.choose_locale("request", [opened.buyer_locale])
        await letter_answers.answer(session, opened, reader, spoken, lambda words: texts.say_phrase(words, locale))


async def _read_spoken(request: Request) -> Spoken | None:
    """What the form says; none where it is none of ours, which then shows the page again."""
    given = parse_qs((await _read_body(request)).decode("utf-8", "replace"), max_num_fields=10)
    fields = {name: values[0].strip() for name, values in given.items() if values[0].strip()}
    reason = fields.get("reason")
    said = next((one for one in SAID if one == fields.get("say")), None)
    if said is None or (reason is not None and reason not in REASONS):
        return None
    return Spoken(said=said, reason=reason, name=fields.get("name"), email=fields.get("email"))


async def _read_body(request: Request) -> bytes:
    """The form; nothing of one that is too large, too slow or cut off."""
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                parts.append(part)
                if sum(map(len, parts)) > MOST_BYTES:
                    return b""
    except (TimeoutError, ClientDisconnect):
        return b""
    return b"".join(parts)
