"""Impact indicators of a release: which answers are compared as they are, in which unit, and in steps of what.

The first release that has an indicator fixes its unit and step for ever: a finer step, or the same in another unit,
would make values differ that nobody changed, and with them the count of those who changed. An indicator whose unit a
newer version changes is compared no more; the author gives it a new key.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.assessments import definitions
from portal.database.tables import publishing
from questionnaires import rates
from questionnaires.definition import Question
from questionnaires.rates import Scale

INDICATOR = "indicator:"
COUNTED = text(
    """
    SELECT DISTINCT s.version, v.content_hash
      FROM portal.release_contributor r
      JOIN portal.submission s ON s.supplier_id = r.supplier_id AND s.id = r.submission_id
      JOIN portal.questionnaire_version v ON v.questionnaire = s.questionnaire AND v.version = s.version
     WHERE r.release_number = :release AND r.questionnaire = :questionnaire AND NOT r.waits
    """
)
FIXED = text(
    """
    SELECT DISTINCT ON (measure) measure, unit, step FROM portal.release_cell
     WHERE questionnaire = :questionnaire AND release_number < :release AND starts_with(measure, 'indicator:')
     ORDER BY measure, release_number
    """
)


@dataclass(frozen=True)
class Indicator:
    """A question whose answers are compared, and the versions that ask it with the same meaning in the same unit."""

    key: str
    scale: Scale
    versions: tuple[str, ...]

    @property
    def measure(self) -> str:
        """Its name in releases."""
        return f"{INDICATOR}{self.key}"


async def list_indicators(session: AsyncSession, *, release: int, questionnaire: str) -> list[Indicator]:
    """The indicators of the versions that a release counts; what no such version asks is none of it."""
    counted = await session.execute(COUNTED, {"release": release, "questionnaire": questionnaire})
    asked: dict[str, dict[str, Question]] = {}
    for version, content_hash in sorted(counted, key=lambda row: _order(row.version)):
        definition = await definitions.load_definition(session, content_hash)
        for question in definition.questions.values():
            if rates.find_scale(question) is not None:
                asked.setdefault(question.key, {})[version] = question
    found = await session.execute(FIXED, {"release": release, "questionnaire": questionnaire})
    fixed = {row.measure: (row.unit, row.step) for row in found}
    made = [_make_indicator(key, versions, fixed.get(f"{INDICATOR}{key}")) for key, versions in sorted(asked.items())]
    return [one for one in made if one is not None]


def _order(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _make_indicator(key: str, versions: dict[str, Question], fixed: tuple[str, Decimal] | None) -> Indicator | None:
    """What the newest of the versions says holds; None where it is in another unit than earlier releases."""
    newest = versions[max(versions, key=_order)]
    scale = rates.find_scale(newest)
    if scale is None or (fixed is not None and fixed[0] != scale.unit):
        return None
    if fixed is not None:
        scale = replace(scale, step=fixed[1])
    same = [
        version
        for version, question in versions.items()
        if question.meaning == newest.meaning
        and question.indicator is not None
        and question.indicator.unit == scale.unit
    ]
    return Indicator(key, scale, tuple(same))


def write_parameters(indicators: Iterable[Indicator]) -> dict[str, Any]:
    """Versions, keys and steps as parallel arrays."""
    rows = [(version, one.key, one.scale.step) for one in indicators for version in one.versions]
    return {
        "indicator_versions": [version for version, _, _ in rows],
        "indicator_keys": [key for _, key, _ in rows],
        "indicator_steps": [step for _, _, step in rows],
    }


async def list_asked(session: AsyncSession, questionnaire: str, version: str) -> dict[str, Question]:
    """The questions of one version whose answers are compared, by key."""
    table = publishing.QuestionnaireVersion
    content_hash = await session.scalar(
        select(table.content_hash).where(table.questionnaire == questionnaire, table.version == version)
    )
    if content_hash is None:
        return {}
    definition = await definitions.load_definition(session, content_hash)
    return {key: one for key, one in definition.questions.items() if rates.find_scale(one) is not None}
