"""Somebody throws a correction away while others still send answers to it.

A part of the machine in `answering.py`: answers come late all the same, and whoever sent them hears of it.
"""

import random
from collections import Counter
from typing import Any, ClassVar
from uuid import UUID

import pytest

from portal.assessments import answers, discarding, discards
from portal.assessments.writes import Write
from tests.portal.assessments.answering_model import Model
from tests.portal.assessments.answering_reviewer import find_refusal
from tests.portal.assessments.house import House


class Discarding:
    """The act, and what late answers hear of it."""

    house: House
    met: ClassVar[Counter[str]]
    model: Model
    gone: dict[UUID, UUID]  # drafts that were discarded, and by whom
    air: list[Any]

    async def discard(self, chance: random.Random, device: Any) -> None:
        """A correction is thrown away by somebody who has seen all of it; what was on its way to it is lost.

        Answers come late all the same.
        """
        wanted, work = self.model.newest_id, self.model.newest
        if len(self.model.works) == 1:
            return

        async def act() -> None:
            async with self.house.act(device.caller) as (session, actor):
                await discarding.discard_assessment(
                    session, actor, assessment_id=wanted, expected_change_number=work.change_number
                )

        code = await find_refusal(act)
        assert code == ("ALREADY_SUBMITTED" if work.state == "submitted" else None)
        if code is not None:
            return
        self.model.discard()
        self.gone[wanted] = device.caller.user
        self.air = [one for one in self.air if one[1]]
        assert await find_refusal(act) == "DISCARDED"

    async def _expect_gone(self, device: Any, wanted: UUID, sent: list[Write]) -> None:
        """Whoever comes late to a draft that was discarded hears by whom, and keeps the queue."""
        with pytest.raises(discards.Discarded) as refused:
            async with self.house.act(device.caller) as (session, actor):
                await answers.save_answers(session, actor, assessment_id=wanted, sent=sent)
        assert refused.value.discard.discarded_by == self.gone[wanted]
        assert refused.value.discard.newest_id == self.model.newest_id
        self.met["gone"] += 1
