"""What another organization wrote: no address in it can be followed, in letters as in the API."""

from datetime import date

from portal import linkless
from portal.delivery.letter_texts import read_packaged
from portal.delivery.letters import Draft, write_letter
from tests import databases, people

STRIPPED = {
    "See https://evil.example/login?x=1 now": "See […] now",
    "HTTP://EVIL.EXAMPLE": "[…]",
    "ht\u200btps://evil.example": "[…]",
    "\u202eelpmaxe.live": "elpmaxe. live",
    "www.evil.example, then": "[…] then",
    "evil.example/login": "[…]",
    "evil.example:8443/login.": "[…]",
    "Open evil.example or Evil.Com": "Open evil. example or Evil. Com",
    "mailto:a@evil.example": "[…]",
    "Ask linh.tran@buyer.example.": "Ask linh.tran@buyer.example.",
    "evil.example,a@b.example": "evil. example,a@b.example",
    "请看https://evil.example/a，谢谢": "请看[…]，谢谢",
    "我们做完了。谢谢": "我们做完了。谢谢",
    "1.5/2 t, e.g. ISO 45001.2 and/or SA8000, i.e. either": "1.5/2 t, e.g. ISO 45001.2 and/or SA8000, i.e. either",
    "First.Then\nmore": "First. Then\nmore",
    "": "",
}
BUYERS_WORDS = "Trust.\n\nHello Linh,\nsign in at https://evil.example/\u202etxet"


async def test_addresses_go_and_all_else_stays(database: databases.TestDatabase) -> None:
    assert {words: linkless.strip_links(words) for words in STRIPPED} == STRIPPED
    rows = await people.run_sql(
        database, "SELECT w, portal.strip_links(w) AS said FROM unnest($1::text[]) AS w", list(STRIPPED)
    )
    assert {row["w"]: row["said"] for row in rows} == STRIPPED


def test_a_letter_says_on_one_line_what_a_buyer_wrote_and_leads_nowhere_but_to_the_portal() -> None:
    texts = read_packaged()
    names = {"buyer": "Maker http://evil.example", "organization": "Booking.com", "questionnaire": "Sample"}
    parts = names | {
        "name": "Linh",
        "tier": "basic",
        "due": str(date(2026, 12, 1)),
        "purpose": BUYERS_WORDS,
        "legal_basis": BUYERS_WORDS,
        "subject": "Mill 2",
        "period_start": "2026-01-01",
        "period_end": "2026-12-31",
        "message": BUYERS_WORDS,
        "link": "https://portal.example/",
        "minutes": "20",
        **dict.fromkeys(("declined", "not_us", "wrong_contact", "stop"), "https://portal.example/letters/answer"),
    }
    letter = write_letter(Draft("request", "linh@mill.example", ("en",), parts), texts)
    assert "evil" not in letter.subject + letter.body
    assert "Trust. Hello Linh, sign in at […]\n" in letter.body
    assert "Booking.com" in letter.body
    assert "https://portal.example/" in letter.body
