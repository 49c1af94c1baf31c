"""What a buyer's reviewer does with what was submitted: it asks, states and takes back, and the supplier answers it.

A part of the machine in `answering.py`: its messages are lost, doubled and late as all others are.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from portal import errors
from portal.assessments import assuring, changes, clarifying, disputing, replying, sharing, stating, submissions
from portal.assessments.changes import ChangePage
from portal.assessments.clarifying import Item
from portal.assessments.revisions import Revision
from portal.assessments.stating import Finding
from portal.assessments.writes import Write
from portal.database import ids
from portal.database.tables.reviews import AssuranceFinding, Clarification
from tests.portal.assessments.answering_model import Dispute, Model, Round, Standing
from tests.portal.assessments.house import Caller, House

PLACES = ["headcount", "trained", "area", "fees_repaid"]
LEVELS = ["declared", "verified", "contradicted"]
SECTIONS = ("facts", "labour", "safety")
Act = Callable[[], Awaitable[None]]
Side = Literal["supplier", "buyer"]


class Reviewer:
    """The acts of the reviewer, and of the supplier with what it asked and stated."""

    house: House
    owner: Caller
    reviewer: ClassVar[Caller]
    workers: ClassVar[AsyncEngine]
    met: ClassVar[Counter[str]]
    model: Model
    cursors: dict[Side, str | None]
    rounds: dict[Side, dict[UUID, str]]  # how each round stands, by who has read so
    findings: dict[UUID, int]  # how many were made of a submission, as its supplier knows

    async def _pass_on(self, chance: random.Random, message: Act, *, outlives: bool = False) -> None:
        raise NotImplementedError

    async def _save(self, device: Any, wanted: UUID, sent: list[Write]) -> Any:
        raise NotImplementedError

    async def _read_feed(self, side: Side, after: str | None) -> ChangePage:
        async with self.house.act(self.owner if side == "supplier" else self.reviewer) as (session, actor):
            return await changes.list_changes(session, actor, side=side, after=after, limit=3)

    async def _open_review(self) -> None:
        self.rounds, self.findings = {"supplier": {}, "buyer": {}}, {}
        self.is_shared = False
        self.cursors = {"supplier": None, "buyer": None}
        for side in self.cursors:
            self.cursors[side] = (await self._read_feed(side, None)).cursor

    async def _note_submission(self, submission: UUID) -> None:
        """What is submitted can be reviewed: later revisions, too, by the share that follows."""
        self.model.note_submission(submission)
        if self.is_shared:
            return
        consent = sharing.Consent(mode="following", sections=SECTIONS, purpose="A look at it")
        async with self.house.act(self.owner) as (session, actor):
            await sharing.share_result(
                session,
                actor,
                submission_id=submission,
                buyer_id=self.reviewer.organization,
                consent=consent,
            )
        self.is_shared = True

    def _choose_submission(self, chance: random.Random) -> UUID | None:
        """Mostly the newest one."""
        known = list(self.model.submissions)
        return chance.choice([*known, *known[-1:] * 9]) if known else None

    async def ask(self, chance: random.Random, device: Any) -> None:
        """Some answers are asked about, one round at a time; what has no answer cannot be."""
        submission = self._choose_submission(chance)
        if submission is None:
            return
        asked, key, made = chance.sample(PLACES, chance.randint(1, 2)), str(ids.new_id()), list[UUID]()

        async def act() -> None:
            async with self.house.act(self.reviewer) as (session, actor):
                found = await clarifying.ask_clarification(
                    session,
                    actor,
                    supplier_id=self.owner.organization,
                    submission_id=submission,
                    items=[Item(question=one, text="Which year is this of?") for one in asked],
                    due_on=datetime.now(UTC).date() + timedelta(days=7),
                    idempotency_key=key,
                )
            assert made in ([], [found])  # a call that comes again is told of the same round
            if not made:
                made.append(found)
                self.model.rounds[found] = Round(submission, tuple(asked))
                self.met["asked"] += 1

        async def arrive() -> None:
            expected = None if made else self.model.refuse_asking(submission, asked)
            assert await find_refusal(act) == expected

        await self._pass_on(chance, arrive)

    def _choose_round(self, chance: random.Random) -> tuple[UUID, Round] | None:
        known = list(self.model.rounds.items())
        return chance.choice(known[-3:]) if known else None

    async def withdraw(self, chance: random.Random, device: Any) -> None:
        """Whoever asked takes it back."""
        chosen = self._choose_round(chance)
        if chosen is None:
            return
        key, one = chosen

        async def act() -> None:
            async with self.house.act(self.reviewer) as (session, actor):
                await clarifying.withdraw_clarification(
                    session, actor, supplier_id=self.owner.organization, clarification_id=key
                )

        async def arrive() -> None:
            code = await find_refusal(act)
            assert code == (None if one.state in ("open", "withdrawn") else "CLOSED")
            one.state = "withdrawn" if code is None else one.state

        await self._pass_on(chance, arrive)

    async def reply(self, chance: random.Random, device: Any) -> None:
        """A round is answered in words; the same words again are the same reply."""
        chosen = self._choose_round(chance)
        if chosen is None:
            return
        key, one = chosen
        words = chance.choice(["Of this year.", "Of last year."])

        async def act() -> None:
            async with self.house.act(device.caller) as (session, actor):
                await replying.reply_to_clarification(session, actor, clarification_id=key, reply=words)

        async def arrive() -> None:
            code = await find_refusal(act)
            is_again = (one.state, one.reply) == ("replied", words)
            assert code == (None if one.state == "open" or is_again else "CLOSED")
            if code is None:
                one.state, one.reply = "replied", words

        await self._pass_on(chance, arrive)

    async def revise(self, chance: random.Random, device: Any) -> None:
        """A round is answered by a revision in which only what was asked about may change."""
        chosen = self._choose_round(chance)
        if chosen is None:
            return
        key, one = chosen
        made: list[Revision] = []

        async def act() -> None:
            async with self.house.act(device.caller) as (session, actor):
                made.append(await clarifying.revise_for_clarification(session, actor, clarification_id=key))

        async def arrive() -> None:
            made.clear()
            code = await find_refusal(act)
            assert code == self.model.refuse_revising(one), code
            if made and made[0].assessment.id == self.model.newest_id:  # a draft that answers another round
                self.met["opened more"] += key not in self.model.newest.answers_rounds
                self.model.open_more(key, device.caller.user)
            elif made:
                self.model.correct(made[0].assessment.id, device.caller.user, round_id=key)
            if made:
                assert set(made[0].assessment.reopened) == self.model.list_reopened()
                self.met["revised"] += 1
                await self._change_all(chance, device, made[0].assessment.id)

        await self._pass_on(chance, arrive)

    async def _change_all(self, chance: random.Random, device: Any, draft: UUID) -> None:
        """Whoever opens a draft goes through it, also where nothing was asked about."""
        standing = self.model.newest.answers
        sent = [
            Write(
                write_id=ids.new_id(),
                question=question,
                base_revision=standing.get((question, None), Standing()).revision,
                value=chance.choice(["5", "6"]),
            )
            for question in ("headcount", "trained", "area")
        ]
        await self._save(device, draft, sent)

    async def state(self, chance: random.Random, device: Any) -> None:
        """Answers are accepted, contradicted, or said to be no more than declared; what was disputed is decided."""
        submission = self._choose_submission(chance)
        if submission is None:
            return
        levels = {one: chance.choice(LEVELS) for one in chance.sample(PLACES, chance.randint(1, 3))}
        key, made = str(ids.new_id()), list[UUID]()

        async def act() -> None:
            async with self.house.act(self.reviewer) as (session, actor):
                found = await stating.make_statement(
                    session,
                    actor,
                    supplier_id=self.owner.organization,
                    submission_id=submission,
                    findings=[
                        Finding(question=one, level=level, basis="A call with the mill.")
                        for one, level in levels.items()
                    ],
                    idempotency_key=key,
                )
            assert made in ([], [found])
            if not made:
                made.append(found)
                self.model.state(found, submission, levels)
                self.met["stated"] += 1

        async def arrive() -> None:
            is_known = bool(made) or self.model.has_answers(submission, levels)
            assert await find_refusal(act) == (None if is_known else "INVALID_INPUT")

        await self._pass_on(chance, arrive)

    async def dispute(self, chance: random.Random, device: Any) -> None:
        """The supplier does not agree with what was stated last of an answer; once at a time."""
        stated = [(key, one) for key, (_, levels) in self.model.statements.items() for one in levels]
        if not stated:
            return
        statement, question = chance.choice(stated[-6:])

        async def arrive() -> None:
            made: list[UUID] = []

            async def act() -> None:
                async with self.house.act(device.caller) as (session, actor):
                    made.append(
                        await disputing.open_dispute(
                            session, actor, statement_id=statement, question=question, reason="That was another mill."
                        )
                    )

            assert await find_refusal(act) == self.model.refuse_dispute(statement, question)
            if made:
                self.model.disputes[made[0]] = Dispute(statement, question)

        await self._pass_on(chance, arrive)

    async def _read_changed(self, side: Side, page: ChangePage) -> None:
        """Read again what the feed names of a review."""
        named: dict[str, list[UUID]] = {}
        for one in page.changes:
            named.setdefault(one.kind, []).append(one.object_id)
        async with self.house.act(self.owner if side == "supplier" else self.reviewer) as (session, _):
            rounds = select(Clarification.id, Clarification.state).where(
                Clarification.supplier_id == self.owner.organization,
                Clarification.id.in_(named.get("clarification", [])),
            )
            self.rounds[side] |= {row.id: row.state for row in await session.execute(rounds)}
            if side == "supplier":
                table = AssuranceFinding
                counted = select(table.submission_id, func.count().label("made")).where(
                    table.supplier_id == self.owner.organization,
                    table.submission_id.in_(named.get("submission", [])),
                )
                found = await session.execute(counted.group_by(table.submission_id))
                self.findings |= {row.submission_id: row.made for row in found}

    def _knows_review(self) -> bool:
        """Whether both sides know how each round stands, and the supplier what was stated."""
        states = {key: one.state for key, one in self.model.rounds.items()}
        return self.rounds == {"supplier": states, "buyer": states} and self.findings == self.model.count_findings()

    async def _check_review(self) -> None:
        """Nothing that was said is lost, and what it comes to is what was said last."""
        table, kept = AssuranceFinding, dict[UUID, tuple[UUID, dict[str, str]]]()
        async with self.house.act(self.reviewer) as (session, _):
            rows = await session.scalars(select(table).where(table.submission_id.in_(self.model.submissions)))
            for row in rows:
                kept.setdefault(row.statement_id, (row.submission_id, {}))[1][row.question] = row.level
        assert kept == self.model.statements
        found = await self.house.fetch(
            "SELECT id, state FROM portal.dispute WHERE submission_id = ANY ($1)", list(self.model.submissions)
        )
        assert {row["id"]: row["state"] for row in found} == {
            key: one.state for key, one in self.model.disputes.items()
        }
        for submission in self.model.count_findings():
            assert await self._summarize(submission) == self.model.list_standings(submission)

    async def _summarize(self, submission: UUID) -> dict[str, str]:
        """How its answers stand, as the worker keeps it."""
        async with AsyncSession(self.workers) as session, session.begin():
            await assuring.summarize(session, supplier_id=self.owner.organization, submission_id=submission)
        rows = await self.house.fetch(
            "SELECT s.value ->> 'question' AS question, s.value ->> 'standing' AS standing FROM"
            " portal.assurance_section c, jsonb_array_elements(c.standings) s WHERE c.submission_id = $1",
            submission,
        )
        return {row["question"]: row["standing"] for row in rows}


async def find_refusal(act: Act) -> str | None:
    """The code of what stopped an act; none where it went through."""
    try:
        await act()
    except (errors.Conflict, errors.NotFound, submissions.InvalidAnswers, errors.InvalidInput) as refused:
        return refused.code
    return None
