"""Stopping letters by the link in them, without signing in: by mail programs (RFC 8058) and by people."""

from pathlib import Path
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from portal.database.engine import Database
from portal.delivery import letter_texts, stopping
from portal.delivery.letter_texts import LetterTexts
from questionnaires import languages

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
PAGE = (
    '<!doctype html><html lang="{locale}" dir="{direction}"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>'
    "<h1>{title}</h1><p>{words}</p>{form}</html>"
)
TITLES = {stopping.REQUESTS: "Letters about requests", stopping.RESULTS: "Letters about results"}
ASKED = {
    stopping.REQUESTS: "No more letters about requests and reminders?",
    stopping.RESULTS: "No more letters about results, documents, plans and reviews?",
}
DONE = "Done. Letters about your account itself still come. You can turn the others on again in your profile."
FORM = '<form method="post"><button>{button}</button></form>'


def list_routes(database: Database, secret_key: str, folder: Path | None = None) -> list[BaseRoute]:
    """The one address; opening it changes nothing, since mail programs look at links before people do.

    It speaks as the letters do, also those of the operator's own folder.
    """

    async def answer(request: Request) -> Response:
        texts = letter_texts.read_texts(folder)
        wanted = languages.read_preferences(request.headers.get("accept-language", ""))
        locale = texts.choose_locale("reminder", wanted)
        about = request.query_params.get("about", stopping.REQUESTS)
        person = stopping.read_token(secret_key, request.query_params.get("token", ""), about)
        if person is None:
            words = "This link is not whole. Copy all of it from the letter."
            return _show(texts, locale, TITLES[stopping.REQUESTS], words, status=400)
        if request.method == "POST":
            await _stop(database, person, about)
            return _show(texts, locale, TITLES[about], DONE)
        return _show(texts, locale, TITLES[about], ASKED[about], button="Stop these letters")

    return [Route(stopping.PATH, answer, methods=["GET", "POST"])]


async def _stop(database: Database, person: UUID, about: str) -> None:
    async with database.transaction() as (session, _):
        await stopping.stop(session, person, about)


def _show(
    texts: LetterTexts, locale: str, title: str, words: str, *, button: str | None = None, status: int = 200
) -> Response:
    """A page of our own words in a language; nothing that came with the request stands in it."""
    parts = {
        "locale": locale,
        "direction": languages.find_direction(locale),
        "title": texts.say_phrase(title, locale),
        "words": texts.say_phrase(words, locale),
        "form": FORM.format(button=texts.say_phrase(button, locale)) if button else "",
    }
    return HTMLResponse(PAGE.format(**parts), status, {**HEADERS, "Content-Language": locale})
