"""Titles of questionnaires, their sections and tiers in the language of a letter's reader, as the API gives them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.assessments import definitions, speaking
from portal.assessments.speaking import Wish
from portal.delivery.letters import Phrase
from questionnaires import asking
from questionnaires.definition import Definition


@dataclass(frozen=True)
class Titles:
    """What one reader calls a version and its parts; a part that the version does not have goes by its key."""

    questionnaire: str
    definition: Definition | None = None

    def find_section(self, key: str) -> str:
        sections = () if self.definition is None else self.definition.sections
        return next((one.title for one in sections if one.key == key), key)

    def find_tier(self, key: str) -> str:
        tiers = () if self.definition is None else self.definition.tiers
        return next((one.title for one in tiers if one.key == key), key)

    def sum_minutes(self, tier: Any) -> str:
        """Whole minutes to answer each question of a tier once, as `minutes` of a received request has them."""
        if self.definition is None or tier not in self.definition.tier_keys:
            return Phrase("not given")
        return str(math.ceil(asking.sum_minutes(self.definition, tier)))


async def load(session: AsyncSession, locale: str, row: Any, version: str | None = None) -> Titles:
    """For a reader, of the questionnaire with the row's `questionnaire_key`: of a version, else of the current one.

    Where there is no such version, what the row calls the questionnaire.
    """
    try:
        if version is None:
            found = await definitions.load_current(session, row.questionnaire_key)
        else:
            found = await definitions.load_version(session, row.questionnaire_key, version)
    except errors.NotFound:
        return Titles(row.questionnaire)
    wish = Wish(asked=locale)
    told = await speaking.tell(session, access.ANONYMOUS, found.definition, found.content_hash, wish)
    return Titles(told.definition.questionnaire.title, told.definition)


async def load_all(session: AsyncSession, locale: str, rows: Iterable[Any]) -> dict[str | None, Titles]:
    """For one reader, of the current versions of all questionnaires in these rows, by key; rows may name none."""
    named = {row.questionnaire_key: row for row in rows}
    return {key: Titles("") if key is None else await load(session, locale, row) for key, row in named.items()}
