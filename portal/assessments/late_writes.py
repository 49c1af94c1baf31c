"""Writes that were made for one version of a questionnaire and reach an assessment on another."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from portal.assessments import definitions, differences
from portal.assessments.drafts import Subject
from portal.assessments.writes import Write
from questionnaires import carryover


async def translate(session: AsyncSession, named: Subject, subject: Subject, sent: Sequence[Write]) -> list[Write]:
    """Writes made for the version of one assessment, as that of another one takes them; some are outdated there."""
    if named.content_hash == subject.content_hash:
        return list(sent)
    old, new = [
        definitions.Version(one.content_hash, await definitions.load_definition(session, one.content_hash))
        for one in (named, subject)
    ]
    standing = carryover.match_questions(await differences.compare(session, old, new))
    return [
        replace(write, renamed=standing.get(write.question), is_outdated=write.question not in standing)
        if write.question in old.definition.questions
        else write
        for write in sent
    ]
