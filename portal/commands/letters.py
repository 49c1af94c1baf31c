"""`portal letters ...`: list, check and preview the texts of letters, those that ship and your own."""

from pathlib import Path
from typing import Annotated

import typer

from portal import errors
from portal import settings as configuration
from portal.delivery import letter_texts
from portal.delivery.letter_texts import LetterTexts
from portal.delivery.letters import Draft, write_letter
from questionnaires import languages

# What a preview says where a letter names somebody; names in braces stand where there is nothing better.
SAMPLES = {
    "organization": "Sông Hồng Textiles",
    "record": "Sông Hồng Textiles",
    "buyer": "Nordic Outfitters",
    "name": "Linh",
    "questionnaire": "Responsible sourcing",
    "tier": "Basic",
    "minutes": "35",
    "due": "2027-01-31",
    "until": "2027-01-31",
    "when": "2027-01-05 09:30 (Asia/Ho_Chi_Minh)",
    "place": "192.0.2.0/24",
    "purpose": "Our yearly review of suppliers",
    "requests": "2027-01-31 | Nordic Outfitters | Sông Hồng Textiles | Responsible sourcing | Basic\n"
    "https://portal.example/letters/answer?token=preview",
    "months": "12",
    "last": "2025-12-31",
    **{
        said: f"https://portal.example/letters/answer?token=preview&say={said}"
        for said in ("declined", "not_us", "wrong_contact")
    },
    "state": "accepted",
    "words": "Thank you, that is what we needed.",
    "contacts": "Sông Hồng Textiles | linh@songhong.example | refused by the mail server | 550 5.1.1",
    "document": "fire-permit.pdf",
    "message": "Ask us where a question is not clear",
    "reason": "Some answers name people",
    "wanted": "the summary: total, pillars, band and coverage\nthe answers of the section | Labour",
    "granted": "the summary: total, pillars, band and coverage\nthe answers of the section | Labour",
    "results": "2027-01-31 | Responsible sourcing | the whole organization | 2026-01-01 – 2026-12-31",
    "left_out": "",
    "offer": "a visit, on which the answers can be looked at",
    "offer_text": "Any Monday",
    "documents": "2027-01-31 | fire-permit.pdf",
    "plans": "2027-01-31 | Responsible sourcing | Guards on both presses",
    "stop": "https://portal.example/letters/stop?token=preview",
    "link": "https://portal.example/#preview",
}
Folder = Annotated[
    Path | None, typer.Option(help="The folder of your own texts, instead of the one in PORTAL_LETTERS_FOLDER.")
]

app = typer.Typer(help="The texts of letters by kind and language; your own stand over those.", no_args_is_help=True)


@app.command("list")
def list_letters(folder: Folder = None) -> None:
    """List each letter with its languages, marked where a machine wrote it, and the placeholders it takes."""
    texts = read(folder)
    for kind, known in texts.letters.items():
        spoken = [f"{locale}{'*' if text.written_by == 'machine' else ''}" for locale, text in sorted(known.items())]
        names = " ".join(f"{{{name}}}" for name in letter_texts.list_placeholders(known[letter_texts.FALLBACK]))
        typer.echo(f"{kind}  {' '.join(spoken)}  {names}")
    typer.echo("* written by a machine", err=True)


@app.command("check")
def check(folder: Folder = None) -> None:
    """Check your own texts as a server does when it starts; exit code 1 with every fault, its file and line."""
    texts = read(folder)
    typer.echo(f"{len(texts.letters)} letters can be written.")


@app.command("preview")
def preview(
    kind: Annotated[str, typer.Argument(help="A letter, as `portal letters list` names it.")],
    locale: Annotated[str, typer.Option(help="The language of the reader, like es or zh-Hans.")] = "en",
    folder: Folder = None,
) -> None:
    """Print one letter as somebody who reads a language gets it, filled in with made-up names."""
    texts = read(folder)
    if kind not in texts.letters:
        raise errors.InvalidInput(f"There is no letter {kind}; there are {', '.join(texts.letters)}.", code="KIND")
    wanted = languages.spell_tag(locale)
    if wanted is None:
        raise errors.InvalidInput(f"{locale} is no language; one is like es or zh-Hans.", code="LOCALE")
    english = texts.letters[kind][letter_texts.FALLBACK]
    parts = {name: SAMPLES.get(name, f"[{name}]") for name in letter_texts.list_placeholders(english)}
    letter = write_letter(Draft(kind, "somebody@example.com", (wanted,), parts), texts)
    typer.echo(f"Content-Language: {letter.locale}\nSubject: {letter.subject}\n\n{letter.body}", nl=False)


def read(folder: Path | None) -> LetterTexts:
    """The letters of this installation, or with a folder's over them."""
    return letter_texts.read_texts(folder or configuration.read_settings().letters_folder)
