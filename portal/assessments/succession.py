"""What a new version may be after those that are published: numbered by what changed, with no key used twice."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.assessments import definitions
from portal.database.tables import publishing as tables
from questionnaires import difference, reasons
from questionnaires.definition import Definition
from questionnaires.difference import Difference, order_version


async def check_succession(session: AsyncSession, definition: Definition) -> None:
    """Raise InvalidInput VERSION_TOO_LOW with the changes that need a higher step, or KEY_REUSED."""
    before = await _list_before(session, definition)
    if not before:
        return
    changed = difference.compare(before[-1], definition)
    if not difference.is_step_enough(changed):
        raise _refuse_step(changed)
    _refuse_reuse(definition, before)


async def find_predecessor(session: AsyncSession, definition: Definition) -> Definition | None:
    """The published version that this one is held against; none where it is the first."""
    before = await _list_before(session, definition)
    return before[-1] if before else None


async def _list_before(session: AsyncSession, definition: Definition) -> list[Definition]:
    """The published versions with a lower number, the lowest first."""
    table = tables.QuestionnaireVersion
    found = await session.execute(
        select(table.version, table.content_hash).where(table.questionnaire == definition.key)
    )
    own = order_version(definition.version)
    lower = sorted((order_version(row.version), row.content_hash) for row in found if order_version(row.version) < own)
    return [await definitions.load_definition(session, content_hash) for _, content_hash in lower]


def _refuse_step(changed: Difference) -> errors.InvalidInput:
    problems = [
        errors.FieldProblem(errors.write_keys(one.path.split(".")), one.code.upper(), reasons.write_sentence(one.code))
        for one in changed.reasons
    ]
    words = (
        f"{changed.new.key} {changed.new.version} changes {changed.old.version} by a {changed.least_step} step, so it"
        f" must be {changed.least_version} or higher."
    )
    return errors.InvalidInput(words, code="VERSION_TOO_LOW", path=("version",), problems=problems)


def _refuse_reuse(definition: Definition, before: Sequence[Definition]) -> None:
    """A key stays what it was for ever: neither one that was gone nor one that is asked comes to mean another."""
    last = before[-1].questions
    again = {one.to for one in definition.renamed if one.old in last and one.to in last}
    for place, earlier in enumerate(before):
        origins = difference.trace_keys([*before[place:], definition])
        again |= {key for key in earlier.questions if key in definition.questions and origins.get(key) != key}
    if again:
        words = f"These keys stood for other questions in earlier versions: {', '.join(sorted(again))}. Give new ones."
        raise errors.InvalidInput(words, code="KEY_REUSED", path=("sections",))
