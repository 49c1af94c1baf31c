"""Two devices, a colleague, a head office and a reviewer on what a site answers, with messages lost, doubled and late.

Whatever comes in whatever order: what is there equals a plain model, what was acknowledged is there for ever, and who
polls the change feed or syncs by numbers knows all of it, also where transactions overlap.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from portal.assessments import (
    answers,
    assessments,
    assigning,
    changes,
    commenting,
    conflicts,
    discards,
    publishing,
    signing,
    submissions,
    teamwork,
    waiting,
)
from portal.assessments.answers import AnswersSaved
from portal.assessments.revisions import Revision
from portal.assessments.writes import Write
from portal.database import engine, ids
from portal.database.tables.teamwork import AnswerComment, Assignment, SignOff
from portal.directory import sites
from portal.directory.sites import SiteFacts
from tests import databases
from tests.portal.assessments import sample
from tests.portal.assessments.answering_discards import Discarding
from tests.portal.assessments.answering_model import Comment, Model, Standing, Work, count_outcomes
from tests.portal.assessments.answering_office import PLACES, HeadOffice
from tests.portal.assessments.answering_reviewer import Reviewer, Side, find_refusal
from tests.portal.assessments.changes import list_changes
from tests.portal.assessments.house import START, Caller, House

SECTIONS = ["facts", "labour", "safety"]
STEPS = 500
# How often each thing happens, beside the others.
ACTS = {
    "answer": 20,
    "send": 24,
    "deliver": 14,
    "talk": 6,
    "arrange": 6,
    "sign": 9,
    "submit": 12,
    "correct": 1,
    "dismiss": 5,
    "decide": 6,
    "discard": 3,
    "overlap": 5,
    "poll": 6,
    "catch_up": 6,
    "office_answers": 3,
    "push": 7,
    "confirm": 7,
    "ask": 10,
    "withdraw": 1,
    "reply": 1,
    "revise": 10,
    "state": 5,
    "dispute": 3,
}
Message = Callable[[], Awaitable[None]]


@dataclass
class Device:
    """What one device knows, and the messages that it has not had answered yet."""

    caller: Caller
    seen: dict[str, int] = field(default_factory=dict)
    queue: list[Write] = field(default_factory=list)
    numbers: dict[UUID, tuple[int, int]] = field(default_factory=dict)  # the cursors of its sync, by assessment
    answers: dict[UUID, dict[str, Standing]] = field(default_factory=dict)
    team: dict[UUID, dict[Any, Any]] = field(default_factory=dict)


class Answering(HeadOffice, Reviewer, Discarding, RuleBasedStateMachine):
    """The machine; the house and the event loop are those of the test around it."""

    house: House
    owner: Caller
    colleague: Caller
    loop: asyncio.AbstractEventLoop
    count = 0
    met: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.air: list[tuple[Message, bool]] = []  # each with whether it outlives a draft that is discarded
        self.devices = [Device(self.owner), Device(self.owner), Device(self.colleague)]
        self.known: dict[UUID, tuple[str, int, int]] = {}
        self.gone: dict[UUID, UUID] = {}  # drafts that were discarded, and by whom
        self.heard: dict[UUID, UUID | None] = {}  # the same as the feed told it

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize(seed=st.integers(0, 2**16 - 1))
    def begin(self, seed: int) -> None:
        self.seed = seed
        self.run(self._begin())

    async def _begin(self) -> None:
        type(self).count += 1
        start = START - timedelta(days=2 * self.count)
        await self._open_review()
        self.beside = await self._start(start + timedelta(days=1))
        await self._open_office(start)
        self.model.site, self.model.office = self.site, self.office.user
        made = await self._start(start)
        self.model.works[made] = Work()
        first = [
            Write(write_id=ids.new_id(), question=key, base_revision=0, state="value", value=value)
            for key, value in (("headcount", "2"), ("fees_repaid", "yes"), ("exits_locked", False))
        ]
        await self._save(self.devices[0], made, first)

    async def _start(self, start: Any) -> UUID:
        async with self.house.act(self.owner) as (session, actor):
            made = await assessments.start_assessment(
                session,
                actor,
                questionnaire="sample",
                tier="micro",
                period_start=start,
                period_end=start + timedelta(days=30),
                site_id=self.site,
            )
            return made.id

    @rule(seed=st.integers(0, 2**16 - 1))
    def step(self, seed: int) -> None:
        self.seed += 1  # so that the simplest run, which is made of zeros, is one of all acts too
        chance = random.Random(seed * 2**32 + self.seed)
        name = chance.choices(list(ACTS), list(ACTS.values()))[0]
        self.met[name] += 1
        self.run(getattr(self, name)(chance, chance.choice(self.devices)))

    async def answer(self, chance: random.Random, device: Device) -> None:
        """Somebody answers offline; mostly on the revision that the device has seen."""
        question = chance.choice(PLACES)
        deleted = question != "headcount" and chance.random() < 0.2
        base = max(0, device.seen.get(question, 0) + chance.choice([0, 0, 0, 0, 1, -1]))
        # Now and then twice in a row: the second write rests on what the first is to make.
        for step in range(chance.choice([1, 1, 2])):
            device.queue.append(
                Write(
                    write_id=ids.new_id(),
                    question=question,
                    base_revision=base + step,
                    value=None if deleted else chance.choice(["2", "3", "4", "nonsense"]),
                    deleted=deleted,
                )
            )

    async def send(self, chance: random.Random, device: Device) -> None:
        """Part of the queue, in any order, to any revision: it may get lost, come late, twice, or lose its reply."""
        sent = chance.sample(device.queue, min(len(device.queue), chance.randint(1, 4)))
        if not sent:
            return
        wanted = chance.choice([*self.model.works, *self.gone])

        async def arrive() -> None:
            if wanted in self.gone:
                await self._expect_gone(device, wanted, sent)
                return
            results = await self._save(device, wanted, sent)
            if chance.random() < 0.7:
                kept = {one.write_id for one in sent if results[one.write_id][0] == "ahead"}
                device.queue = [one for one in device.queue if one not in sent or one.write_id in kept]

        await self._pass_on(chance, arrive, outlives=True)

    async def _pass_on(self, chance: random.Random, message: Message, *, outlives: bool = False) -> None:
        fate = chance.choices(["comes", "lost", "late", "twice"], [6, 1, 2, 1])[0]
        if fate in ("late", "twice"):
            self.air.append((message, outlives))
        if fate in ("comes", "twice"):
            await message()

    async def deliver(self, chance: random.Random, device: Device) -> None:
        """A message that was under way comes, before or after others that were sent later; or once more."""
        if self.air:
            message = chance.choice(self.air)
            if chance.random() < 0.8:
                self.air.remove(message)
            await message[0]()

    async def _save(self, device: Device, wanted: UUID, sent: list[Write]) -> dict[UUID, Any]:
        async with self.house.act(device.caller) as (session, actor):
            saved = await answers.save_answers(session, actor, assessment_id=wanted, sent=sent)
        got = {one.write_id: (one.status, one.revision) for one in saved.outcomes}
        assert got == self.model.save(sent, device.caller.user)
        if self.model.newest.state == "draft":
            self.met["late"] += sum(status == "pending" for status, _ in got.values())
        assert saved.assessment_id == self.model.newest_id
        assert saved.change_number == self.model.newest.change_number
        for one in saved.outcomes:
            device.seen[one.current.question] = one.current.revision
        return got

    async def talk(self, chance: random.Random, device: Device) -> None:
        """A comment, an answer in a thread, a thread resolved or opened again, or a comment taken back."""
        wanted = chance.choice(list(self.model.works))
        work, person = self.model.works[wanted], device.caller.user
        threads = [key for key, one in work.comments.items() if one.thread == key]
        own = [key for key, one in work.comments.items() if one.author == person]
        act = chance.choice(["say", "say", "reply", "settle", "remove"])
        comment, thread = ids.new_id(), chance.choice(threads) if threads else None
        question, resolved = chance.choice(PLACES), chance.random() < 0.7
        gone = chance.choice(own) if own else None

        async def say() -> None:
            answered = thread if act == "reply" else None
            async with self.house.act(device.caller) as (session, actor):
                made = await commenting.add_comment(
                    session,
                    actor,
                    assessment_id=wanted,
                    comment_id=comment,
                    body=f"About {question}.",
                    question=question,
                    thread_id=answered,
                )
            said = [one.comments[comment] for one in self.model.works.values() if comment in one.comments]
            if not said:
                newest = self.model.newest
                copy = None if answered is None else self.model.follow(wanted, answered)
                if copy is not None and newest.comments[copy].resolved:
                    newest.comments[copy].resolved = False
                    newest.team_number += 1
                asked = question if answered is None else work.comments[answered].question
                newest.comments[comment] = Comment(person, f"About {question}.", copy or comment, asked)
                newest.team_number += 1
                said = [newest.comments[comment]]
            assert made.body == said[0].body

        async def settle() -> None:
            assert thread is not None
            async with self.house.act(device.caller) as (session, actor):
                await commenting.resolve_thread(
                    session, actor, assessment_id=wanted, thread_id=thread, resolved=resolved
                )
            copy = self.model.follow(wanted, thread)
            held, key = (work, thread) if copy is None else (self.model.newest, copy)
            held.team_number += held.comments[key].resolved != resolved
            held.comments[key].resolved = resolved

        async def remove() -> None:
            assert gone is not None
            async with self.house.act(device.caller) as (session, actor):
                await commenting.remove_comment(session, actor, assessment_id=wanted, comment_id=gone)
            self.model.take_back(wanted, gone)

        if act == "settle" and thread is not None:
            await self._pass_on(chance, settle)
        elif act == "remove" and gone is not None:
            await self._pass_on(chance, remove)
        elif act == "say" or thread is not None:
            await self._pass_on(chance, say)

    async def _expect_closed(self, work: Work, act: Callable[[], Awaitable[None]]) -> bool:
        """Whether an act went through; what was submitted takes none."""
        code = await find_refusal(act)
        assert code == ("ALREADY_SUBMITTED" if work.state == "submitted" else None)
        return code is None

    async def arrange(self, chance: random.Random, device: Device) -> None:
        """A section is given to somebody, or a sign-off is demanded or withdrawn; late ones say the last word."""
        wanted = chance.choice(list(self.model.works)[-2:])
        work, section = self.model.works[wanted], chance.choice(SECTIONS)
        person = chance.choice([self.owner.user, self.colleague.user, None])

        async def assign() -> None:
            async def act() -> None:
                async with self.house.act(device.caller) as (session, actor):
                    await assigning.assign_section(
                        session, actor, assessment_id=wanted, section=section, member_id=person
                    )

            if await self._expect_closed(work, act) and work.assignments.get(section) != person:
                work.assignments[section] = person
                work.team_number += 1

        async def demand() -> None:
            async def act() -> None:
                async with self.house.act(self.owner) as (session, actor):
                    await signing.demand_sign_off(session, actor, assessment_id=wanted, member_id=self.colleague.user)

            key = ("", self.colleague.user)
            if await self._expect_closed(work, act) and key not in work.sign_offs:
                work.sign_offs[key] = None
                work.team_number += 1

        await self._pass_on(chance, chance.choice([assign, assign, demand]))

    async def sign(self, chance: random.Random, device: Device) -> None:
        """The colleague signs what is there now; where that has changed on the way, nothing is signed."""
        wanted, key = self.model.newest_id, ("", self.colleague.user)
        work, number = self.model.newest, self.model.newest.change_number

        async def act() -> None:
            async with self.house.act(self.colleague) as (session, actor):
                await signing.sign_off(session, actor, assessment_id=wanted, expected_change_number=number)

        async def arrive() -> None:
            code = await find_refusal(act)
            if work.state == "submitted":
                assert code == "ALREADY_SUBMITTED"
            elif key not in work.sign_offs:
                assert code == "NOT_FOUND"
            else:
                assert code == ("CHANGED" if number != work.change_number else None)
            if code is not None:
                return
            work.team_number += work.sign_offs[key] != number
            work.sign_offs[key] = number

        await self._pass_on(chance, arrive)

    async def submit(self, chance: random.Random, device: Device) -> None:
        """Nothing is submitted that a colleague has not signed as it is."""
        wanted, work = self.model.newest_id, self.model.newest
        number, unsigned = work.change_number, work.list_unsigned()

        made: list[UUID] = []

        async def act() -> None:
            async with self.house.act(device.caller) as (session, actor):
                found = await submissions.submit_assessment(
                    session, actor, assessment_id=wanted, expected_change_number=number
                )
            made.append(found.submission.id)

        code = await find_refusal(act)
        if work.state == "submitted":
            assert self.model.submissions[made[0]] == wanted  # the same submission once more
            return
        unconfirmed = "INVALID_ANSWERS" if work.unconfirmed else None
        assert code == ("SIGN_OFF_MISSING" if unsigned else unconfirmed)
        if code is None:
            self.met["submitted"] += 1
            await self._note_submission(made[0])

    async def correct(self, chance: random.Random, device: Device) -> None:
        """The next revision takes up what had waited."""
        wanted, work = self.model.newest_id, self.model.newest
        waits = {one.write_id for one in self.model.list_waiting()}
        made: list[Revision] = []

        async def act() -> None:
            async with self.house.act(device.caller) as (session, actor):
                made.append(await assessments.correct_assessment(session, actor, assessment_id=wanted))

        code = await find_refusal(act)
        assert code == ("NOT_SUBMITTED" if work.state == "draft" else None)
        if code is not None:
            return
        self.model.correct(made[0].assessment.id, device.caller.user)
        assert {one.write_id for one in made[0].outcomes} == waits
        for one in made[0].outcomes:
            assert (one.status, one.revision) == self.model.outcomes[one.write_id]

    async def dismiss(self, chance: random.Random, device: Device) -> None:
        """What waits is listed, and some of it left out."""
        wanted, waits = self.model.newest_id, self.model.list_waiting()
        async with self.house.act(device.caller) as (session, actor):
            _, listed = await waiting.list_waiting(session, actor, assessment_id=wanted, limit=1_000)
        assert [row.write_id for row in listed] == [one.write_id for one in waits]
        await self._dismiss(device, [one.write_id for one in waits if chance.random() < 0.5])

    async def _dismiss(self, device: Device, chosen: list[UUID]) -> None:
        if chosen:
            async with self.house.act(device.caller) as (session, actor):
                await waiting.dismiss(
                    session, actor, assessment_id=self.model.newest_id, write_ids=chosen[: answers.MAX_WRITES]
                )
        for one in chosen[: answers.MAX_WRITES]:
            self.model.outcomes[one] = ("dismissed", None)
        self.model.newest.team_number += bool(chosen)

    async def decide(self, chance: random.Random, device: Device) -> None:
        """Somebody chooses in a conflict of the draft; the message may come twice or late."""
        wanted, work = self.model.newest_id, self.model.newest
        async with self.house.act(device.caller) as (session, actor):
            _, found = await conflicts.list_conflicts(session, actor, assessment_id=wanted, limit=1_000)
        assert [one.row.write_id for one in found] == self.model.list_conflicts()
        if not found or work.state == "submitted":
            return
        conflict, write_id = chance.choice(found), ids.new_id()
        winner: Any = chance.choice(["standing", "written"])
        base, key = conflict.standing.revision, conflict.row.write_id

        async def arrive() -> None:
            if work.state == "submitted":
                return
            now = work.answers.get((conflict.row.question, None), Standing())
            saved: list[AnswersSaved] = []

            async def act() -> None:
                async with self.house.act(device.caller) as (session, actor):
                    saved.append(
                        await conflicts.decide_conflict(
                            session,
                            actor,
                            assessment_id=wanted,
                            conflict_id=key,
                            winner=winner,
                            write_id=write_id,
                            base_revision=base,
                        )
                    )

            code = await find_refusal(act)
            if write_id not in self.model.outcomes and key in self.model.decided:
                assert code == "ALREADY_DECIDED"
                return
            if write_id not in self.model.outcomes and winner == "standing" and base != now.revision:
                assert code == "ANSWER_CHANGED"
                return
            assert code is None
            (one,) = saved[0].outcomes
            chosen = Standing(conflict.written.value, conflict.written.deleted) if winner == "written" else now
            write = Write(
                write_id=write_id,
                question=conflict.row.question,
                base_revision=base,
                value=chosen.value,
                deleted=chosen.deleted,
                decides=key,
            )
            assert (one.status, one.revision) == self.model.save([write], device.caller.user)[write_id]

        await self._pass_on(chance, arrive)

    async def overlap(self, chance: random.Random, device: Device) -> None:
        """One transaction is not over while another one comes and goes; readers look in between."""
        work, commits = self.model.newest, chance.random() < 0.7
        sent = [
            Write(
                write_id=ids.new_id(),
                question="trained",
                base_revision=work.answers.get(("trained", None), Standing()).revision,
                value=chance.choice(["2", "3"]),
            )
        ]
        try:
            async with self.house.act(device.caller) as (session, actor):
                await answers.save_answers(session, actor, assessment_id=self.model.newest_id, sent=sent)
                async with self.house.act(self.owner) as (other, another):
                    await commenting.add_comment(
                        other,
                        another,
                        assessment_id=self.beside,
                        comment_id=ids.new_id(),
                        body="Meanwhile.",
                        question="headcount",
                    )
                await self.poll(chance, device)
                await self.catch_up(chance, device)
                if not commits:
                    raise InterruptedError
        except InterruptedError:
            return
        self.model.save(sent, device.caller.user)
        await self._drain()

    async def poll(self, chance: random.Random, device: Device) -> None:
        """Both sides poll, and read again what the feed names; now and then a reply is lost."""
        for side in self.cursors:
            await self._poll(chance, side)

    async def _poll(self, chance: random.Random, side: Side) -> None:
        while True:
            page = await self._read_feed(side, self.cursors[side])
            if chance.random() < 0.2:
                return
            await self._read_changed(side, page)
            if side == "supplier":
                await self._read_assessments(page)
            self.cursors[side] = page.cursor
            if not page.has_more:
                return

    async def _read_assessments(self, page: changes.ChangePage) -> None:
        wanted = [one.object_id for one in page.changes if one.kind == "assessment"]
        async with self.house.act(self.owner) as (session, actor):
            found = await assessments.find_assessments(session, actor, wanted)
            left = await discards.find_discards(session, actor, wanted)
        for key, row in found.items():
            self.known[key] = (row.state, row.change_number, row.team_number)
        self.heard |= {key: one.discarded_by for key, one in left.items()}
        assert {one.object_id for one in page.changes if one.kind == "assessment" and not one.is_there} == left.keys()

    async def _drain(self) -> None:
        """Poll until all is known; other transactions of the server may hold the feed back for a moment."""
        expected = {key: (work.state, work.change_number, work.team_number) for key, work in self.model.works.items()}
        async with asyncio.timeout(30):
            while (
                {key: self.known.get(key) for key in expected} != expected
                or self.heard != self.gone
                or not self._knows_review()
            ):
                await self.poll(random.Random(), self.devices[0])

    async def catch_up(self, chance: random.Random, device: Device) -> None:
        """A device fetches what changed behind the numbers that it knows, page by page."""
        for wanted in self.model.works:
            number, team = device.numbers.get(wanted, (0, 0))
            known, talk = device.answers.setdefault(wanted, {}), device.team.setdefault(wanted, {})
            async with self.house.act(device.caller) as (session, actor):
                more = True
                while more:
                    page = await list_changes(session, actor, assessment_id=wanted, after=number, limit=2)
                    for one in page.answers:
                        assert one.content is not None
                        known[one.question] = Standing(
                            one.content.value,
                            one.content.deleted,
                            one.revision,
                            one.provenance,
                            one.carried_from is not None,
                        )
                        number = one.changed_at_number
                    more = page.has_more
                more = True
                while more:
                    found = await teamwork.list_changes(session, actor, assessment_id=wanted, after=team, limit=2)
                    for row in found.rows:
                        talk.update([_describe(row)])
                        team = row.changed_at_number
                    more = found.has_more
            device.numbers[wanted] = (number, team)
            if wanted == self.model.newest_id:
                device.seen = {question: one.revision for question, one in known.items()}

    def teardown(self) -> None:
        """At last everything that is under way comes, everybody catches up, and all of it is as the model says."""
        if hasattr(self, "beside"):
            self.run(self._finish())

    async def _finish(self) -> None:
        calm = random.Random(1)
        for message, _ in list(self.air):
            await message()
        await self._drain()
        await self._check_standing()
        await self._check_review()
        for device in self.devices:
            await self.catch_up(calm, device)
            for key, work in self.model.works.items():
                assert device.answers[key] == {question: one for (question, _), one in work.answers.items()}
                assert device.team[key] == _expect_team(work, device.team[key])
        rows = await self.house.fetch(
            "SELECT write_id, outcome, decides FROM portal.answer_write WHERE assessment_id = ANY ($1)",
            list(self.model.works),
        )
        kept = {row["write_id"]: row["outcome"] for row in rows}
        told = {one: outcome for one, (outcome, _) in self.model.outcomes.items()}
        stored = {row.write.write_id: row.outcome for work in self.model.works.values() for row in work.stored}
        # What waited has a row for its waiting, and another one for what became of it.
        for one, outcome in told.items():
            assert kept[one] == outcome or (kept[one] == "pending" and one in stored)
        type(self).met.update(count_outcomes(self.model))


def _describe(row: Any) -> tuple[Any, Any]:
    """A row of the work of colleagues by its key."""
    match row:
        case Assignment():
            return ("assignment", row.section), row.member_id
        case AnswerComment():
            return ("comment", row.id), (
                row.author_id,
                row.body,
                row.thread_id,
                row.question,
                row.resolved_at is not None,
            )
        case SignOff():
            return ("sign_off", row.section, row.member_id), row.signed_number
    raise TypeError(row)


def _expect_team(work: Work, found: dict[Any, Any]) -> dict[Any, Any]:
    """The same as the model has it; a section that never was anybody's may be there as nobody's."""
    expected: dict[Any, Any] = {("assignment", section): who for section, who in work.assignments.items()}
    expected |= {
        ("comment", key): (one.author, one.body, one.thread, one.question, one.resolved)
        for key, one in work.comments.items()
    }
    return expected | {("sign_off", *key): number for key, number in work.sign_offs.items()}


async def _add_site(house: House, caller: Caller) -> UUID:
    async with house.act(caller) as (session, actor):
        return (await sites.add_site(session, actor, facts=SiteFacts(name="Mill"))).id


async def _link_reviewer(house: House, supplier: Caller) -> Caller:
    buyer = await house.sign_up("buyer")
    await house.add_record(buyer, supplier)
    return await house.join(buyer, "reviewer")


def run_answering(server: databases.Server, template: str, examples: int) -> Counter[str]:
    """Runs of 500 steps each; what they met."""
    with databases.copy_template(server, template) as made, asyncio.Runner() as runner:
        runner.run(publishing.publish_with_login(made.owner_url, [sample.make_packaged()]))
        opened = engine.Database(engine.create_engine(made.app_url, pool_size=4))
        Answering.house = House(made, opened)
        Answering.loop = runner.get_loop()
        Answering.owner = runner.run(Answering.house.sign_up("supplier"))
        Answering.colleague = runner.run(Answering.house.join(Answering.owner, "editor"))
        Answering.office = runner.run(Answering.house.join(Answering.owner, "editor"))
        Answering.site = runner.run(_add_site(Answering.house, Answering.office))
        Answering.reviewer = runner.run(_link_reviewer(Answering.house, Answering.owner))
        Answering.workers = engine.create_engine(made.worker_url, pool_size=1)
        Answering.met = Counter()
        options = settings(
            max_examples=examples,
            stateful_step_count=STEPS + 1,  # beginning is one
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),  # a failing run names its seed; to shorten it takes minutes
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Answering, settings=options)  # type: ignore[no-untyped-call]
        runner.run(Answering.workers.dispose())
        runner.run(opened.close())
    return Answering.met
