"""`portal questionnaires export|import`: a version as a file for people or other tools, and XLSForm to our format."""

import enum
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from ruamel.yaml import YAML

from portal import errors
from portal.commands.named_versions import Named
from questionnaires import (
    answer_table,
    document,
    fhir,
    fhir_terms,
    printed,
    reading,
    workbook,
    xlsform,
    xlsform_reading,
)
from questionnaires.definition import Definition, Tier
from questionnaires.faults import ReadingError
from questionnaires.filling import Stamp
from questionnaires.xlsx_cells import WorkbookRefused

FAULTY = 1


class FileFormat(enum.StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    XLSFORM = "xlsform"
    FHIR = "fhir"
    JSON = "json"
    PDF = "pdf"


Tiers = Annotated[str | None, typer.Option("--tier", help="A tier; without it, the highest one.")]
Locales = Annotated[
    str | None, typer.Option("--locale", help="A language that there is a translation to, like vi or zh-Hans.")
]
Target = Annotated[Path | None, typer.Option("--output", "-o", help="Where to write; never over a file that exists.")]


@dataclass(frozen=True)
class Chosen:
    """What a file is made of: a version in a language, known by the hash of its source, at one of its tiers."""

    source: Definition
    told: Definition
    tier: Tier

    @property
    def stamp(self) -> Stamp:
        """The mark of a form that belongs to no assessment yet."""
        return Stamp(
            questionnaire=self.source.key,
            version=self.source.version,
            content_hash=document.hash_content(self.source),
            tier=self.tier,
            locale=self.told.questionnaire.locale,
        )

    def write_fhir(self) -> bytes:
        content_hash = document.hash_content(self.source)
        return fhir_terms.write_json(fhir.write_questionnaire(self.told, content_hash=content_hash, tier=self.tier))

    def write_json(self) -> bytes:
        """The document as it was written: a translation is no part of it."""
        return orjson.dumps(document.write_document(self.source), option=orjson.OPT_INDENT_2)


# How the file's name ends, and what makes it.
MADE: Mapping[FileFormat, tuple[str, Callable[[Chosen], bytes]]] = {
    FileFormat.XLSX: ("xlsx", lambda one: workbook.write_workbook(one.told, {}, one.stamp)),
    FileFormat.CSV: ("csv", lambda one: answer_table.write_table(one.told, {}, one.stamp)),
    FileFormat.XLSFORM: ("xlsform.xlsx", lambda one: xlsform.write_xlsform(one.told)),
    FileFormat.FHIR: ("fhir.json", Chosen.write_fhir),
    FileFormat.JSON: ("json", Chosen.write_json),
    FileFormat.PDF: ("pdf", lambda one: printed.print_blank(one.told, one.tier)),
}


def export_version(named: Named, format: FileFormat, *, tier: str | None, target: Path | None) -> Path:
    """Write a version as a file, and say where. Raises InvalidInput for the tier, SetupError for the target."""
    ending, make = MADE[format]
    source = named.source
    path = target or Path(f"{source.key}-{source.version}.{ending}")
    write_new(path, make(Chosen(source, named.told, find_tier(source, tier))))
    return path


def find_tier(definition: Definition, tier: str | None) -> Tier:
    """The tier of this name, or the highest one; raises InvalidInput."""
    known: dict[str, Tier] = {one: one for one in definition.tier_keys}
    if tier is None:
        return definition.tier_keys[-1]
    if tier not in known:
        words = f'{definition.key} {definition.version} has no tier "{tier}"; it has: {", ".join(known)}.'
        raise errors.InvalidInput(words, code="UNKNOWN_TIER")
    return known[tier]


def import_form(path: Path, publisher: str, target: Path | None, *, partial: bool) -> tuple[Path, Path]:
    """Write the document of an XLSForm as YAML, or JSON where the target ends so; prints every row that does not map.

    Gives where it is written, and KEY/VERSION.yaml, which a file of it is called where it is checked.
    Exits with 1, and writes nothing, where rows do not map, unless a `partial` document is wanted.
    """
    form = read_form(path, publisher)
    for fault in form.faults:
        typer.echo(str(fault), err=True)
    if form.errors and not partial:
        typer.echo("Nothing was written. With --partial, what does map is.", err=True)
        raise typer.Exit(FAULTY)
    header = form.document["questionnaire"]
    named = Path(header["key"]) / f"{header['version']}.yaml"
    made = target or named
    write_new(made, write_definition(form.document, as_json=made.suffix == ".json"))
    for still in list_open(form.document):
        typer.echo(f"still to do: {still}", err=True)
    return made, named


def read_form(path: Path, publisher: str) -> xlsform_reading.XlsForm:
    """The form in a file; raises SetupError and InvalidInput."""
    if not path.is_file():
        raise errors.SetupError(f"There is no file {path}.")
    try:
        return xlsform_reading.read_xlsform(path.read_bytes(), publisher=publisher)
    except WorkbookRefused as refused:
        raise errors.InvalidInput(f"{path}: {refused.message}", code=refused.code) from None


def list_open(made: dict[str, Any]) -> list[str]:
    """What our format still asks of the author, such as why a question is asked."""
    try:
        reading.definition_from_document(made)
    except ReadingError as refused:
        return [str(fault) for fault in refused.faults]
    return []


def write_definition(made: dict[str, Any], *, as_json: bool) -> bytes:
    """A document as its authors write it."""
    if as_json:
        return orjson.dumps(made, option=orjson.OPT_INDENT_2)
    yaml, written = YAML(), io.BytesIO()
    yaml.width = 120
    yaml.dump(made, written)
    return written.getvalue()


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet; raises SetupError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            target.write(content)
    except FileExistsError:
        raise errors.SetupError(f"{path} exists already; name another file with --output.") from None
    except OSError as error:
        raise errors.SetupError(f"{path} cannot be written: {error.strerror}.") from None
