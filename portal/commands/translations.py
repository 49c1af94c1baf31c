"""`portal questionnaires translations | worksheet | translate`: what a language covers, and taking its texts in."""

import enum
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from portal import errors
from questionnaires import catalogue, languages, reading, translating
from questionnaires.definition import Tier, contains
from questionnaires.faults import ReadingError
from questionnaires.reading import TextFormat
from questionnaires.texts import Version
from questionnaires.translation import Overlay

app = typer.Typer()
Key = Annotated[
    str,
    typer.Argument(
        help="A questionnaire's key; a file KEY/VERSION.yaml, for all versions beside it; or KEY@VERSION as it ships."
    ),
]
Language = Annotated[str, typer.Argument(help="A language, like es, pt-BR or zh-Hans.")]
Folder = Annotated[
    Path | None, typer.Option(help="A folder with <key>/<version>.yaml; without it, that of the packaged ones.")
]


class Author(enum.Enum):
    HUMAN = "human"
    MACHINE = "machine"


class Depth(enum.Enum):
    MICRO = "micro"
    BASIC = "basic"
    STANDARD = "standard"
    ADVANCED = "advanced"


ELSEWHERE = (
    "For files of your own name one, or their folder with --folder; what an organization published in the portal is"
    " translated by its owner (ownTranslation, handInTranslation), or in the folder that it was published from."
)
Upto = Annotated[Depth, typer.Option("--tier", help="Texts up to this tier.")]


@app.command("translations")
def show(key: Key, folder: Folder = None) -> None:
    """Show for each language and tier how many texts a human or a machine wrote, and what is stale or missing."""
    place, versions = find_versions(key, folder)
    definition = versions[0][0]
    table = Table(box=None, pad_edge=False)
    for title in ("language", "tier", "human", "machine", "stale", "missing", "covered"):
        table.add_column(title, justify="left" if title in ("language", "tier") else "right")
    for locale in list_locales(place):
        overlay = read_overlay(place, locale)
        for tier in definition.tier_keys:
            found = translating.measure_coverage(overlay, versions[0], tier)
            held = found.counts["human"] + found.counts["machine"]
            counts = [str(found.counts[origin]) for origin in ("human", "machine", "stale", "missing")]
            table.add_row(locale, tier, *counts, f"{100 * held // found.total} %")
    typer.echo(f"{key} {definition.version}, written in {definition.questionnaire.locale}")
    if table.row_count == 0:
        typer.echo("It is not translated yet. Begin with `portal questionnaires worksheet`.")
    else:
        Console().print(table)


@app.command("worksheet")
def write_worksheet(
    key: Key,
    locale: Language,
    tier: Upto = Depth.BASIC,
    everything: Annotated[bool, typer.Option("--all", help="Also what is translated already.")] = False,
    folder: Folder = None,
) -> None:
    """Print what is left to translate: each text of the source as a comment, and below it the line to fill in."""
    place, versions = find_versions(key, folder)
    chosen = find_highest(versions[0], tier)
    overlay = read_overlay(place, check_locale(locale))
    typer.echo(translating.write_worksheet(overlay, versions[0], chosen, everything=everything), nl=False)


@app.command("translate")
def translate(
    key: Key,
    locale: Language,
    texts: Annotated[
        Path,
        typer.Option(
            help="A filled-in worksheet (texts by path, one in each line), a template of the API, or a translation; "
            "as YAML, or JSON where its name ends in .json."
        ),
    ],
    by: Annotated[
        Author, typer.Option(help="Who wrote the texts of a worksheet, or looked through them; other files say it.")
    ],
    folder: Folder = None,
) -> None:
    """Take texts into the translation of a language; lines without a text, and what the file leaves out, stay."""
    place, versions = find_versions(key, folder)
    overlay = read_overlay(place, check_locale(locale))
    if not texts.is_file():
        raise errors.SetupError(f"There is no file {texts}.")
    given = read_texts(texts, versions, locale, by).entries
    taken = translating.take_texts(overlay, given, versions, locale=locale)
    file = place / reading.TRANSLATIONS / f"{locale}.yaml"
    file.parent.mkdir(exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(translating.write_overlay(taken), encoding="utf-8")
    part.replace(file)
    faults = reading.inspect_translation(file, versions)[1].faults
    for fault in faults:
        typer.echo(str(fault), err=True)
    found = translating.measure_coverage(taken, versions[0], find_highest(versions[0], Depth.BASIC))
    left = found.counts["stale"] + found.counts["missing"]
    taken_in = "1 text" if len(given) == 1 else f"{len(given)} texts"
    typer.echo(f"{taken_in} taken in; {left} of {found.total} up to the tier {found.tier} are left: {file}")


def read_texts(path: Path, versions: Sequence[Version], locale: str, by: Author) -> Overlay:
    """What a file of any form holds; raises InvalidInput with every fault."""
    form: TextFormat = "json" if path.suffix == ".json" else "yaml"
    try:
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise errors.InvalidInput(f"{path.name} cannot be taken in:\n{error}", code="FAULTY") from None
    found, faults = reading.inspect_handed_translation(content, form, versions, locale, by=by.value, file=str(path))
    if faults.errors:
        told = "\n".join(map(str, faults.errors))
        raise errors.InvalidInput(f"{path.name} cannot be taken in:\n{told}", code="FAULTY")
    return found


def find_versions(key: str, folder: Path | None) -> tuple[Path, list[Version]]:
    """Where a questionnaire's files are, and its versions, the newest first, or the one that is named before them.

    Raises SetupError where there is none.
    """
    file = Path(key)
    if folder is None and file.is_file():
        return file.absolute().parent, _put_first(reading.inspect_versions(file.absolute().parent), file.stem, key)
    named, at, version = key.partition("@")
    place = (folder or catalogue.find_content_folder()) / named
    versions = catalogue.list_versions(named) if folder is None else reading.inspect_versions(place)
    if not versions:
        raise errors.SetupError(f"There is no questionnaire {named} in {place.parent}. {ELSEWHERE}")
    return place, _put_first(versions, version, key) if at else versions


def _put_first(versions: list[Version], number: str, named: str) -> list[Version]:
    chosen = [one for one in versions if one[0].version == number]
    if not chosen:
        raise errors.SetupError(f"{named} is no version of a questionnaire that can be read. {ELSEWHERE}")
    return [*chosen, *(one for one in versions if one[0].version != number)]


def find_highest(version: Version, depth: Depth) -> Tier:
    """The highest tier of a version that does not go beyond this one."""
    return [one for one in version[0].tier_keys if contains(depth.value, one)][-1]


def list_locales(place: Path) -> list[str]:
    return sorted(path.stem for path in (place / reading.TRANSLATIONS).glob("*.yaml"))


def read_overlay(place: Path, locale: str) -> Overlay | None:
    """The translation that is there, none where there is none yet; raises InvalidInput for a faulty file."""
    path = place / reading.TRANSLATIONS / f"{locale}.yaml"
    if not path.exists():
        return None
    try:
        return reading.read_translation(path)
    except ReadingError as error:
        raise errors.InvalidInput(f"{path.name} is faulty:\n{error}", code="FAULTY") from None


def check_locale(locale: str) -> str:
    """The tag as it is; raises InvalidInput where it is spelled otherwise than tags are."""
    spelled = languages.spell_tag(locale)
    if spelled != locale:
        hint = f'write "{spelled}"' if spelled else 'write a tag like "es", "pt-BR" or "zh-Hans"'
        raise errors.InvalidInput(f"{locale} is no language tag in its usual spelling; {hint}.", code="LOCALE")
    return locale
