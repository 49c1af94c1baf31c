"""Filled workbooks and tables as they come back: what each says about itself, and by which version it is to be read."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import assessments, definitions, forms, joining, speaking
from portal.assessments.definitions import Version
from portal.assessments.drafts import Draft
from portal.assessments.speaking import Told, Wish
from questionnaires import answer_table, workbook_reading
from questionnaires.answer_table import OpenedTable
from questionnaires.definition import VERSION, Definition
from questionnaires.difference import order_version
from questionnaires.filling import Filled, Stamp
from questionnaires.workbook_reading import Opened
from questionnaires.xlsx_cells import WorkbookRefused

WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, kw_only=True)
class Handed:
    """A file that was handed in: the hash of its bytes, and what it is."""

    digest: str  # SHA-256
    opened: Opened | OpenedTable

    @property
    def assessment(self) -> str:
        """The assessment that it names; a table names none."""
        return self.opened.stamp.assessment if isinstance(self.opened, Opened) else ""

    @property
    def questionnaire(self) -> str:
        if isinstance(self.opened, Opened):
            return self.opened.stamp.questionnaire
        return self.opened.version.partition(" ")[0]

    @property
    def version(self) -> str:
        if isinstance(self.opened, Opened):
            return self.opened.stamp.version
        return self.opened.version.partition(" ")[2]


@dataclass(frozen=True, kw_only=True)
class Source:
    """The version that a file was made of, and the mark to read it with."""

    version: Version
    told: Definition  # the same in the language of the file
    stamp: Stamp
    is_own: bool  # whether it is the version of the assessment
    is_own_place: bool = True  # whether the file was handed out for the same questionnaire, subject and period

    @property
    def definition(self) -> Definition:
        return self.version.definition


@contextmanager
def refusing() -> Iterator[None]:
    """Turn the refusal of a file into a failure of the portal's own kind."""
    try:
        yield
    except WorkbookRefused as refused:
        raise errors.InvalidInput(refused.message, code=refused.code) from None


def open_file(data: bytes) -> Handed:
    """Look at the bytes, and at what the file was made of. Raises InvalidInput for what is no such file."""
    with refusing():
        is_workbook = data.startswith(WORKBOOKS)
        opened = workbook_reading.open_workbook(data) if is_workbook else answer_table.open_table(data)
    return Handed(digest=hashlib.sha256(data).hexdigest(), opened=opened)


def read_file(handed: Handed, source: Source) -> Filled:
    """What the cells say. Raises InvalidInput."""
    with refusing():
        if isinstance(handed.opened, Opened):
            return workbook_reading.read_workbook(handed.opened, source.definition, source.told)
        return answer_table.read_table(handed.opened, source.definition, source.stamp, source.told)


async def find_source(
    session: AsyncSession, actor: Actor, draft: Draft, handed: Handed, *, wish: Wish, carry: bool, anywhere: bool
) -> Source:
    """The version to read a file by; a table is in the language of the wish.

    Raises InvalidInput OTHER_QUESTIONNAIRE or UNKNOWN_VERSION, and Conflict OTHER_VERSION or OTHER_ASSESSMENT where
    it was not said that the answers are to be carried over.
    """
    found = draft.version
    is_own = True
    if handed.questionnaire or handed.version:
        _check_questionnaire(draft, handed)
        if not anywhere:
            await _check_assessment(session, actor, draft, handed)
        if not _is_own(draft, handed):
            found, is_own = await _find_version(session, draft, handed), False
            _check_order(draft, handed, carry=carry)
    told = await _tell(session, actor, found, handed, wish)
    return Source(
        version=found,
        told=told.definition,
        stamp=_find_stamp(draft, handed, told),
        is_own=is_own,
        is_own_place=not anywhere,
    )


async def _tell(session: AsyncSession, actor: Actor, found: definitions.Version, handed: Handed, wish: Wish) -> Told:
    """The version in the words of the file: a workbook names its translation, which may be another one by now."""
    if not isinstance(handed.opened, Opened):
        return await speaking.tell(session, actor, found.definition, found.content_hash, wish)
    stamp = handed.opened.stamp
    former = await speaking.tell_as_then(session, found.definition, found.content_hash, stamp.overlay)
    own_wish = Wish(stamp.locale)
    return former or await speaking.tell(session, actor, found.definition, found.content_hash, own_wish)


def _find_stamp(draft: Draft, handed: Handed, told: Told) -> Stamp:
    return handed.opened.stamp if isinstance(handed.opened, Opened) else forms.make_stamp(draft, told)


def _check_questionnaire(draft: Draft, handed: Handed) -> None:
    if handed.questionnaire != draft.definition.key:
        words = f"This file is for {handed.questionnaire[:64]}; the assessment is of {draft.definition.key}."
        raise errors.InvalidInput(words, code="OTHER_QUESTIONNAIRE")


def _is_own(draft: Draft, handed: Handed) -> bool:
    """By the hash where the file has one: the same number with another content would be another version."""
    if isinstance(handed.opened, Opened):
        return handed.opened.stamp.content_hash == draft.subject.content_hash
    return handed.version == draft.definition.version


async def _find_version(session: AsyncSession, draft: Draft, handed: Handed) -> Version:
    found = None
    if re.fullmatch(VERSION, handed.version):
        with suppress(errors.NotFound):
            found = await definitions.load_version(session, draft.definition.key, handed.version)
    if found is None or (isinstance(handed.opened, Opened) and handed.opened.stamp.content_hash != found.content_hash):
        words = f"{draft.definition.key} {handed.version[:40]} as this file has it is not published here."
        raise errors.InvalidInput(f"{words} Download the file of this assessment again.", code="UNKNOWN_VERSION")
    return found


def _check_order(draft: Draft, handed: Handed, *, carry: bool) -> None:
    own = draft.definition.version
    if order_version(handed.version) > order_version(own):
        words = f"This file is of version {handed.version}, and the assessment of {own}. Upgrade the assessment first."
        raise errors.Conflict(words, code="NEWER_VERSION")
    if not carry:
        words = (
            f"This file is of version {handed.version}, and the assessment of {own}. Send it with `carry=true` to see"
            " which of its answers can be carried over."
        )
        raise errors.Conflict(words, code="OTHER_VERSION")


async def _check_assessment(session: AsyncSession, actor: Actor, draft: Draft, handed: Handed) -> None:
    """A file of another site or year is not taken by mistake; one of an earlier revision of the same place is."""
    if handed.assessment in ("", str(draft.row.id)):
        return
    try:
        named = UUID(handed.assessment)
    except ValueError:
        named = None
    found = {} if named is None else await assessments.find_assessments(session, actor, [named])
    if named is None or named not in found or joining.read_place(found[named]) != joining.read_place(draft.row):
        words = "This file was downloaded from another assessment. Send it with `anywhere=true` if you mean this one."
        raise errors.Conflict(words, code="OTHER_ASSESSMENT")
