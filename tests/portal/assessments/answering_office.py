"""What a head office does while a site answers: it pushes locked and suggested answers, and releases them.

A part of the machine in `answering.py`: its messages are lost, doubled and late as all others are.
"""

import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from portal.assessments import answers, assessments, confirming, pushes, pushing
from portal.assessments.confirming import Seen
from portal.assessments.pushed_answers import Mode
from portal.assessments.writes import Write
from portal.database import ids
from tests.portal.assessments.answering_model import Model
from tests.portal.assessments.house import Caller, House

PLACES = ["headcount", "trained", "area"]


class HeadOffice:
    """The acts of the office, and of the site with what it set."""

    house: House
    office: Caller
    site: ClassVar[UUID]
    model: Model
    source: UUID
    said: dict[str, tuple[Any, int]]  # what the organization's assessment says, with the revision

    async def _pass_on(
        self, chance: random.Random, message: Callable[[], Awaitable[None]], *, outlives: bool = False
    ) -> None:
        raise NotImplementedError

    async def _open_office(self, start: date) -> None:
        async with self.house.act(self.office) as (session, actor):
            made = await assessments.start_assessment(
                session,
                actor,
                questionnaire="sample",
                tier="micro",
                period_start=start,
                period_end=start + timedelta(days=30),
            )
        self.source, self.said = made.id, {}

    async def office_answers(self, chance: random.Random, device: Any) -> None:
        """The organization's own answer changes, which no site hears of before it is pushed."""
        question, value = chance.choice(PLACES), chance.choice(["2", "3", "4"])
        base = self.said.get(question, ("", 0))[1]
        sent = [Write(write_id=ids.new_id(), question=question, base_revision=base, value=value)]
        async with self.house.act(self.office) as (session, actor):
            (one,) = (await answers.save_answers(session, actor, assessment_id=self.source, sent=sent)).outcomes
        self.said[question] = (value, one.revision or 0)

    async def push(self, chance: random.Random, device: Any) -> None:
        """Some answers are pushed, or released; a message that comes twice is one act."""
        questions = chance.sample(PLACES, chance.randint(1, 3))
        mode: Mode = chance.choice(["locked", "suggested", "suggested", "released"])
        key, known = str(ids.new_id()), [False]

        async def arrive() -> None:
            async with self.house.act(self.office) as (session, actor):
                if mode == "released":
                    act = await pushing.release_answers(
                        session, actor, source_id=self.source, questions=questions, idempotency_key=key
                    )
                else:
                    act = await pushing.push_answers(
                        session, actor, source_id=self.source, questions=questions, mode=mode, idempotency_key=key
                    )
            if not known[0]:
                known[0] = True
                said = {one: self.said[one][0] for one in questions if one in self.said}
                self.model.push(act.push_id, mode, said if mode != "released" else dict.fromkeys(questions))
            told = {row.write_id: (row.outcome, row.revision) for one in act.sites for row in one.rows}
            assert all(self.model.outcomes[one] == outcome for one, outcome in told.items())

        await self._pass_on(chance, arrive)

    async def confirm(self, chance: random.Random, device: Any) -> None:
        """Somebody at the site has looked at what waits, and leaves it as it was seen."""
        wanted, work = self.model.newest_id, self.model.newest
        waits = [key for (key, _), one in work.answers.items() if one.provenance == "to_confirm"]
        seen = [Seen(question=key, revision=work.answers[key, None].revision) for key in waits]
        if not seen:
            return

        async def arrive() -> None:
            async with self.house.act(device.caller) as (session, actor):
                saved = await confirming.confirm_answers(session, actor, assessment_id=wanted, seen=seen)
            before = dict(self.model.newest.answers)
            sent = []
            for one, looked in zip(saved.outcomes, seen, strict=True):
                if one.problem is not None and one.problem.code == "nothing_to_confirm":
                    # What it is told of is the assessment that was looked at.
                    assert self.model.works[wanted].answers[looked.question, None].deleted
                    continue
                assert one.yours is not None
                sent.append(
                    Write(
                        write_id=one.write_id,
                        question=looked.question,
                        base_revision=looked.revision,
                        value=one.yours.value,
                    )
                )
            expected = self.model.save(sent, device.caller.user)
            assert {one.write_id: (one.status, one.revision) for one in saved.outcomes if one.yours} == expected, before

        await self._pass_on(chance, arrive)

    async def _check_standing(self) -> None:
        """The site is told of what stands: who set it, and how."""
        async with self.house.act(self.office) as (session, actor):
            _, found = await pushes.list_standing(session, actor, assessment_id=self.source, limit=100)
        told = {row.question: (row.push_id, row.mode, row.value) for row in found}
        stands = {key: one for key, one in self.model.standing.items() if one[1] != "released"}
        assert told == stands
        assert {row.pushed_by for row in found} <= {self.office.user}
