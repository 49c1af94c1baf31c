"""The version that a command line names: a file, or KEY@VERSION, which ships or is published in this portal."""

from dataclasses import dataclass, replace
from pathlib import Path

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.assessments import definitions, publishing, translations
from portal.commands.operator import run_as_owner
from portal.database.tables.publishing import QuestionnaireVersion
from questionnaires import catalogue, reading, translation
from questionnaires.definition import Definition
from questionnaires.difference import order_version
from questionnaires.faults import FaultList
from questionnaires.translation import Overlay


@dataclass(frozen=True)
class Named:
    """A version as it was written, and as it is told in the language that was asked for."""

    source: Definition
    told: Definition


def read_named(named: str, locale: str | None = None) -> Named:
    """The version of a file, a packaged one, or else a published one; raises SetupError or InvalidInput."""
    key, at, version = named.partition("@")
    if not at or Path(named).exists():
        if not Path(named).is_file():
            raise errors.SetupError(f"There is no file {named}; a packaged or published version is named KEY@VERSION.")
        return _speak_file(read_version(Path(named)).definition, Path(named), locale)
    try:
        packaged = catalogue.read_packaged(key, version)
    except LookupError as unknown:
        return read_published(key, version, locale, f"There is {unknown}")
    return speak(packaged.definition, locale)


def list_between(old: str, new: str, before: Definition, after: Definition) -> list[Definition]:
    """The versions between two that a command line names, as far as they are where either is."""
    low, high = sorted(map(order_version, (before.version, after.version)))
    known = {one.version: one for named in (old, new) for one in _list_known(named)}
    return [one for one in known.values() if one.key == before.key and low < order_version(one.version) < high]


def _list_known(named: str) -> list[Definition]:
    key, at, version = named.partition("@")
    if not at or Path(named).exists():
        return [definition for definition, _ in reading.inspect_versions(Path(named).parent)]
    if (key, version) in catalogue.name_packaged():
        return [definition for definition, _ in catalogue.list_versions(key)]
    return run_as_owner(lambda session: _load_known(session, key))


async def _load_known(session: AsyncSession, key: str) -> list[Definition]:
    table = QuestionnaireVersion
    hashes = (await session.scalars(select(table.content_hash).where(table.questionnaire == key))).all()
    return [await definitions.load_definition(session, one) for one in hashes]


def find_packaged(named: str) -> catalogue.Packaged:
    """The version of a file, or a packaged one, with its scoring profiles; raises SetupError or InvalidInput."""
    key, at, version = named.partition("@")
    if not at or Path(named).exists():
        if not Path(named).is_file():
            raise errors.SetupError(f"There is no file {named}; a packaged version is named KEY@VERSION.")
        return read_version(Path(named))
    try:
        return catalogue.read_packaged(key, version)
    except LookupError as unknown:
        raise errors.SetupError(f"There is {unknown}.") from None


def read_version(path: Path) -> catalogue.Packaged:
    """The version of a file; prints every fault before it raises InvalidInput."""
    try:
        return publishing.read_files(path)
    except errors.InvalidInput as refused:
        for problem in refused.problems:
            typer.echo(problem.message, err=True)
        raise


def speak(definition: Definition, locale: str | None) -> Named:
    """A version in a language that ships; raises InvalidInput where there is no such translation."""
    if locale is None or locale == definition.questionnaire.locale:
        return Named(definition, definition)
    try:
        overlay = catalogue.read_translation(definition.key, locale)
    except LookupError as unknown:
        raise errors.InvalidInput(f"There is {unknown}.", code="NO_TRANSLATION") from None
    return _lay(definition, overlay, locale)


def _speak_file(definition: Definition, file: Path, locale: str | None) -> Named:
    """The version of a file in a language that lies beside it, or that ships; raises InvalidInput."""
    beside = {path.stem: path for path in sorted((file.parent / reading.TRANSLATIONS).glob("*.yaml"))}
    if locale is None or locale == definition.questionnaire.locale:
        return Named(definition, definition)
    if locale in beside:
        overlay, faults = reading.inspect_translation(beside[locale], reading.inspect_versions(file.parent))
        _refuse_faulty(beside[locale], faults)
        return _lay(definition, overlay, locale)
    if locale in catalogue.name_translations(definition.key):
        return speak(definition, locale)
    there = ", ".join(sorted({*beside, *catalogue.name_translations(definition.key)})) or "none"
    words = f"There is no translation to {locale} beside {file.name}; there are: {there}."
    raise errors.InvalidInput(words, code="NO_TRANSLATION")


def _refuse_faulty(path: Path, faults: FaultList) -> None:
    for fault in faults.errors:
        typer.echo(str(fault), err=True)
    if faults.errors:
        raise errors.InvalidInput(f"{path} is faulty.", code="FAULTY")


def read_published(key: str, version: str, locale: str | None, unpackaged: str) -> Named:
    """A version as it is published here, whoever may see it; `unpackaged` says that none ships."""
    try:
        return run_as_owner(lambda session: load_published(session, key, version, locale))
    except errors.NotFound:
        raise errors.SetupError(f"{unpackaged}, and none of that name is published here.") from None
    except errors.SetupError as away:
        raise errors.SetupError(f"{unpackaged}, and what is published cannot be read: {away}") from None


async def load_published(session: AsyncSession, key: str, version: str, locale: str | None) -> Named:
    """The same with its current translation; raises NotFound, InvalidInput where there is no such translation."""
    found = await definitions.load_version(session, key, version)
    source = found.definition
    if locale is None or locale == source.questionnaire.locale:
        return Named(source, source)
    overlay = (await translations.list_translations(session, key)).get(locale)
    if overlay is None:
        raise errors.InvalidInput(f"There is no published translation of {key} to {locale}.", code="NO_TRANSLATION")
    laid = await translations.load_translation(session, source, (found.content_hash, overlay, None))
    return _tell(source, laid.definition, locale)


def _lay(source: Definition, overlay: Overlay, locale: str) -> Named:
    return _tell(source, translation.translate(source, overlay).definition, locale)


def _tell(source: Definition, told: Definition, locale: str) -> Named:
    return Named(source, replace(told, questionnaire=replace(told.questionnaire, locale=locale)))
