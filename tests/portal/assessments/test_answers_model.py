"""Saving answers against a plain model: two devices, any order, replays and conflicts, and nothing is ever lost."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from portal.assessments import answers, assessments, drafts, publishing
from portal.assessments.writes import Write
from portal.database import engine, ids
from tests import databases
from tests.portal.assessments import answering, sample
from tests.portal.assessments.changes import Changes, list_changes
from tests.portal.assessments.house import START, Caller, House

PLACES = [("headcount", None), ("trained", None), ("sites", "a"), ("site_people", "a"), ("sites", "b")]


@dataclass
class Device:
    """What one phone knows: the revision it last saw of each place, and the writes it has not had answered yet."""

    seen: dict[tuple[str, str | None], int] = field(default_factory=dict)
    queue: list[Write] = field(default_factory=list)


@dataclass
class Model:
    """What must be there: content and revision by place, and the outcome of each write for ever."""

    standing: dict[tuple[str, str | None], tuple[Any, bool, int]] = field(default_factory=dict)
    outcomes: dict[UUID, tuple[str, int | None]] = field(default_factory=dict)
    change_number: int = 0

    def expect(self, sent: list[Write]) -> dict[UUID, tuple[str, int | None]]:
        """Play the writes of one call; lower base revisions go first, and what is ahead is forgotten."""
        ahead = set()
        unseen: set[tuple[Any, int]] = set()  # the revisions that were to be made by this call, and were not
        made: set[tuple[Any, int | None]] = set()
        for one in sorted(sent, key=lambda write: write.base_revision):
            place, is_new = (one.question, one.row_id), one.write_id not in self.outcomes
            is_unseen = (place, one.base_revision) in unseen - made
            met = self.standing.get(place, (None, True, 0))[2]
            if is_new:
                outcome = self._play(one, is_unseen)
                if outcome is None:
                    ahead.add(one.write_id)
                    continue
                self.outcomes[one.write_id] = outcome
            status = self.outcomes[one.write_id][0]
            is_blind = status == "refused" and is_new and one.base_revision < met
            if status == "conflict" or is_blind or (status == "unchanged" and is_unseen):
                unseen.add((place, one.base_revision + 1))
            elif status == "saved":
                made.add((place, self.outcomes[one.write_id][1]))
        return {one.write_id: ("ahead", None) if one.write_id in ahead else self.outcomes[one.write_id] for one in sent}

    def _play(self, one: Write, is_unseen: bool) -> tuple[str, int | None] | None:
        """The outcome of a write that is new; none where one before it has not come."""
        place = (one.question, one.row_id)
        value, deleted, revision = self.standing.get(place, (None, True, 0))
        if one.value == "not a number":
            return "refused", None
        if one.base_revision > revision and not is_unseen:
            return None
        if (one.deleted and deleted) or (not deleted and not one.deleted and one.value == value):
            return "unchanged", revision
        if one.base_revision != revision or is_unseen:
            return "conflict", revision
        self.change_number += 1
        self.standing[place] = (one.value, one.deleted, revision + 1)
        return "saved", revision + 1


class SavingAnswers(RuleBasedStateMachine):
    """The machine; the house and the event loop are those of the test around it."""

    house: House
    caller: Caller
    loop: asyncio.AbstractEventLoop
    count = 0

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.devices = [Device(), Device()]

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        type(self).count += 1
        self.assessment = self.run(self._start(START - timedelta(days=self.count % 3_000)))

    async def _start(self, start: Any) -> UUID:
        async with self.house.act(self.caller) as (session, actor):
            made = await assessments.start_assessment(
                session,
                actor,
                questionnaire="sample",
                tier="basic",
                period_start=start,
                period_end=start + timedelta(days=30),
            )
            return made.id

    @rule(
        device=st.integers(0, 1),
        place=st.sampled_from(PLACES),
        value=st.sampled_from(["1", "2", "3", "not a number"]),
        deleted=st.booleans(),
        guess=st.sampled_from([0, 0, 0, 1, 2, -1]),
    )
    def answer(self, device: int, place: tuple[str, str | None], value: str, deleted: bool, guess: int) -> None:
        """Somebody answers offline; mostly on the revision that the device has seen."""
        question, row_id = place
        is_row = question == "sites"
        base = max(0, self.devices[device].seen.get(place, 0) + guess)
        self.devices[device].queue.append(
            Write(
                write_id=ids.new_id(),
                question=question,
                row_id=row_id,
                base_revision=base,
                value=None if deleted else (True if is_row else value),
                deleted=deleted,
            )
        )

    @rule(
        device=st.integers(0, 1), place=st.sampled_from(PLACES[:2]), first=st.sampled_from(["1", "2", "not a number"])
    )
    def go_on(self, device: int, place: tuple[str, str | None], first: str) -> None:
        """Somebody answers twice in a row offline: the second rests on what the first is to make."""
        base = self.devices[device].seen.get(place, 0)
        for step, value in enumerate((first, "3")):
            self.devices[device].queue.append(
                Write(write_id=ids.new_id(), question=place[0], base_revision=base + step, value=value)
            )

    @rule(device=st.integers(0, 1), data=st.data(), reply_lost=st.booleans())
    def sync(self, device: int, data: st.DataObject, reply_lost: bool) -> None:
        """Send the queue, or part of it, in any order; a lost reply leaves it to be sent again."""
        own = self.devices[device]
        sent = data.draw(st.permutations(own.queue))[: data.draw(st.integers(0, len(own.queue)))]
        if not sent:
            return
        saved = self.run(self._save(sent))
        got = {one.write_id: (one.status, one.revision) for one in saved.outcomes}
        assert [one.write_id for one in saved.outcomes] == [one.write_id for one in sent]
        assert got == self.model.expect(sent)
        assert saved.change_number == self.model.change_number
        if reply_lost:
            return
        own.queue = [one for one in own.queue if got.get(one.write_id, ("ahead",))[0] == "ahead"]
        for one in saved.outcomes:
            own.seen[one.current.question, one.current.row_id or None] = one.current.revision

    @rule(device=st.integers(0, 1))
    def catch_up(self, device: int) -> None:
        """Read everything anew."""
        for one in self.run(self._list()).answers:
            self.devices[device].seen[one.question, one.row_id or None] = one.revision

    async def _save(self, sent: list[Write]) -> answers.AnswersSaved:
        async with self.house.act(self.caller) as (session, actor):
            copies = [replace(one) for one in sent]
            return await answers.save_answers(session, actor, assessment_id=self.assessment, sent=copies)

    async def _list(self) -> Changes:
        async with self.house.act(self.caller) as (session, actor):
            return await list_changes(session, actor, assessment_id=self.assessment, after=0, limit=None)

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        if not hasattr(self, "assessment"):
            return
        found = {
            (one.question, one.row_id or None): (one.content.value, one.content.deleted, one.revision)
            for one in self.run(self._list()).answers
            if one.content is not None
        }
        assert found == self.model.standing
        assert self.run(self._draft()) == self._expect_draft()

    async def _draft(self) -> dict[Any, Any]:
        async with self.house.act(self.caller) as (session, actor):
            loaded = await drafts.load_draft(session, actor, self.assessment)
        return {key: answer.value for key, answer in loaded.answers.items()}

    def _expect_draft(self) -> dict[Any, Any]:
        """What the rules see: nothing removed, and no answer inside a removed row."""
        gone = {
            row for (question, row), (_, deleted, _) in self.model.standing.items() if question == "sites" and deleted
        }
        return {
            (question, row): value
            for (question, row), (value, deleted, _) in self.model.standing.items()
            if not deleted and row not in gone
        }


def run_machine(server: databases.Server, template: str, examples: int, steps: int) -> None:
    """Run the machine with a loop of its own, since hypothesis knows no coroutines."""
    with databases.copy_template(server, template) as made, asyncio.Runner() as runner:
        runner.run(publishing.publish_with_login(made.owner_url, [sample.make_packaged()]))
        opened = engine.Database(engine.create_engine(made.app_url, pool_size=2))
        SavingAnswers.house = House(made, opened)
        SavingAnswers.loop = runner.get_loop()
        SavingAnswers.caller = runner.run(SavingAnswers.house.sign_up("supplier"))
        options = settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(SavingAnswers, settings=options)  # type: ignore[no-untyped-call]
        runner.run(opened.close())


def test_saving_agrees_with_the_model(database_server: databases.Server, database_template: str) -> None:
    run_machine(database_server, database_template, examples=40, steps=20)


def test_answering_together_agrees_with_the_model(database_server: databases.Server, database_template: str) -> None:
    met = answering.run_answering(database_server, database_template, 1)
    assert sum(met[act] for act in answering.ACTS) == answering.STEPS
    assert {"saved", "conflict", "refused", "unchanged", "dismissed", "submitted", "overlap"} <= set(met), dict(met)
    assert {"asked", "revised", "stated", "late", "gone"} <= set(met), dict(met)


@pytest.mark.soak(part="answers-model")
def test_saving_agrees_with_the_model_for_long(
    database_server: databases.Server, database_template: str, record_property: Callable[[str, object], None]
) -> None:
    run_machine(database_server, database_template, examples=2_000, steps=60)
    met = answering.run_answering(database_server, database_template, 20)
    steps = sum(met[act] for act in answering.ACTS)
    assert steps > 19 * answering.STEPS
    assert met["opened more"] > 0, dict(met)
    record_property(
        "figures",
        f"2,000 runs of up to 60 steps by two devices; {steps:,} steps by two devices, a colleague, a head"
        " office and a reviewer, with messages lost, doubled and late; 0 differ from the plain model",
    )
