"""What must be there after devices, a colleague, a head office and a reviewer did what they do: a plain model of it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from portal.assessments.writes import Write, derive_id

Place = tuple[str, str | None]
Outcome = tuple[str, int | None]


@dataclass(frozen=True)
class Standing:
    """An answer: nothing but what it says, its revision, and whether the head office has set it."""

    value: Any = None
    deleted: bool = True
    revision: int = 0
    provenance: str = "answered"
    is_pushed: bool = False


@dataclass(frozen=True)
class Stored:
    """A row of the history."""

    write: Write
    outcome: str
    member: UUID
    order: tuple[int, int]


@dataclass
class Comment:
    author: UUID
    body: str | None
    thread: UUID
    question: str
    resolved: bool = False


@dataclass
class Work:
    """One assessment."""

    state: str = "draft"
    answers: dict[Place, Standing] = field(default_factory=dict)
    change_number: int = 0
    team_number: int = 0
    stored: list[Stored] = field(default_factory=list)
    assignments: dict[str, UUID | None] = field(default_factory=dict)
    comments: dict[UUID, Comment] = field(default_factory=dict)
    sign_offs: dict[tuple[str, UUID], int | None] = field(default_factory=dict)  # the number signed, of those demanded
    answers_rounds: list[UUID] = field(default_factory=list)  # clarifications, which let nothing else change

    @property
    def unconfirmed(self) -> list[Place]:
        return [place for place, one in self.answers.items() if one.provenance == "to_confirm"]

    def list_unsigned(self) -> list[tuple[str, UUID]]:
        return [key for key, number in self.sign_offs.items() if number != self.change_number]


@dataclass
class Round:
    """What a reviewer asks about answers of a submission."""

    submission: UUID
    questions: tuple[str, ...]
    state: str = "open"
    reply: str | None = None


@dataclass
class Dispute:
    """What the supplier does not agree with."""

    statement: UUID
    question: str
    state: str = "open"


@dataclass
class Model:
    """All assessments of one place, the newest last, and what became of every write for ever."""

    works: dict[UUID, Work] = field(default_factory=dict)
    outcomes: dict[UUID, Outcome] = field(default_factory=dict)
    decided: dict[UUID, str] = field(default_factory=dict)  # what was chosen, by the conflict
    calls: int = 0
    site: UUID | None = None
    office: UUID | None = None
    standing: dict[str, tuple[UUID, str, Any]] = field(default_factory=dict)  # act, mode and value by question
    delivered: set[UUID] = field(default_factory=set)
    submissions: dict[UUID, UUID] = field(default_factory=dict)  # what each was made of, the newest last
    rounds: dict[UUID, Round] = field(default_factory=dict)
    statements: dict[UUID, tuple[UUID, dict[str, str]]] = field(default_factory=dict)  # of what, and levels by question
    disputes: dict[UUID, Dispute] = field(default_factory=dict)

    @property
    def newest_id(self) -> UUID:
        return list(self.works)[-1]

    @property
    def newest(self) -> Work:
        return self.works[self.newest_id]

    def save(self, sent: list[Write], member: UUID, *, waited: bool = False) -> dict[UUID, Outcome]:
        """Play the writes of one call; what is ahead is forgotten."""
        self.calls += 1
        ahead = set()
        positions = {one.write_id: place for place, one in reversed(list(enumerate(sent)))}
        ordered = sent if waited else sorted(sent, key=lambda write: write.base_revision)
        unseen: dict[
            tuple[Place, UUID, int], datetime | None
        ] = {}  # the revisions that were to be made by this call, and were not
        made: set[tuple[Place, UUID, int | None]] = set()
        is_opened = False
        for one in ordered:
            sender, is_new = one.member_id or member, one.write_id not in self.outcomes
            place = (one.question, one.row_id)
            key = (place, sender, one.base_revision)
            since = unseen.get(key)
            is_later = since is None or one.received_at is None or since < one.received_at
            is_unseen = one.decides is None and key in unseen and key not in made and is_later
            met = self.newest.answers.get(place, Standing()).revision
            if is_new:
                outcome = self._play(one, waited, is_unseen)
                if outcome[0] == "ahead":
                    ahead.add(one.write_id)
                    continue
                self.outcomes[one.write_id] = outcome
                if one.decides is not None and outcome[0] in ("saved", "unchanged"):
                    self.decided[one.decides] = outcome[0]
                is_opened |= outcome[0] in ("conflict", "pending") or one.decides is not None
                order = (self.calls, positions[one.write_id])
                kept = replace(one, write_id=derive_id(one.write_id)) if waited else one
                kept_at = self.submitted if outcome[0] == "pending" else self.newest
                kept_at.stored.append(Stored(kept, outcome[0], sender, order))
            status = self.outcomes[one.write_id][0]
            is_unmade = status == "conflict" or (status == "refused" and is_new and one.base_revision < met)
            if (is_unmade and one.decides is None) or (status == "unchanged" and is_unseen):
                unseen.setdefault((place, sender, one.base_revision + 1), one.received_at)
            elif status == "saved":
                made.add((place, sender, self.outcomes[one.write_id][1]))
        self.newest.team_number += is_opened
        return {one.write_id: ("ahead", None) if one.write_id in ahead else self.outcomes[one.write_id] for one in sent}

    def _play(self, one: Write, waited: bool, is_unseen: bool) -> Outcome:
        work, place = self.newest, (one.question, one.row_id)
        now = work.answers.get(place, Standing())
        if one.value == "nonsense":
            return "refused", None
        is_ahead = one.base_revision > now.revision and not is_unseen
        is_same, is_locked = (one.deleted, one.value) == (now.deleted, now.value), now.provenance == "locked"
        confirms = now.provenance == "to_confirm" and one.base_revision == now.revision
        is_late = work.state == "submitted" or not self._may_change(one.question)
        goes_back = one.decides is None and is_late and not is_locked and self._waits_at(place)
        if is_same and not goes_back and (is_locked or not (is_ahead or confirms)):
            return "unchanged", now.revision
        if is_locked:
            return "refused", None
        if is_late:
            return "pending", None
        if is_ahead and not waited:
            return "ahead", None
        if one.base_revision != now.revision or is_unseen:
            return "conflict", now.revision
        work.change_number += 1
        stays = is_same and now.is_pushed
        provenance = "confirmed" if stays else "answered"
        work.answers[place] = Standing(one.value, one.deleted, now.revision + 1, provenance, stays)
        return "saved", now.revision + 1

    def _waits_at(self, place: Place) -> bool:
        return any((one.question, one.row_id) == place for one in self.list_waiting())

    def _may_change(self, question: str) -> bool:
        """Whether the newest takes an answer; what answers clarifications takes only those asked about."""
        return not self.newest.answers_rounds or question in self.list_reopened()

    def push(self, act: UUID, mode: str, said: dict[str, Any]) -> None:
        """Set answers for the site: in its draft now, else in the next one."""
        for question, value in said.items():
            if mode != "released":
                self.standing[question] = (act, mode, value)
            elif self.standing.get(question, (act, "released"))[1] != "released":
                self.standing[question] = (act, mode, self.standing[question][2])
        self.calls += 1
        self._deliver([key for key, one in self.standing.items() if one[0] == act], (self.calls, 0))

    def _deliver(self, questions: list[str], order: tuple[int, int]) -> None:
        if self.newest.state != "draft":
            return
        for question in filter(self._may_change, questions):
            act, mode, value = self.standing[question]
            write_id = uuid5(act, f"{self.site} {question}")
            now = self.newest.answers.get((question, None), Standing())
            outcome, provenance = self._judge(now, mode, value)
            if not outcome or write_id in self.delivered:
                continue
            self.delivered.add(write_id)
            base, revision = (0 if outcome == "conflict" else now.revision), now.revision
            if outcome == "saved":
                self.newest.change_number += 1
                kept = now.value if mode == "released" else value
                revision += 1
                self.newest.answers[question, None] = Standing(kept, False, revision, provenance, True)
            write = Write(write_id=write_id, question=question, base_revision=base, value=value, source="head_office")
            self.outcomes[write_id] = (outcome, revision)
            assert self.office is not None
            self.newest.stored.append(Stored(write, outcome, self.office, order))

    def _judge(self, now: Standing, mode: str, value: Any) -> tuple[str, str]:
        is_same = not now.deleted and now.value == value
        if mode == "released":
            return ("saved", "to_confirm") if now.provenance == "locked" else ("", "")
        if mode == "locked":
            stands = is_same and now.provenance == "locked"
            return ("unchanged", "") if stands else ("saved", "locked")
        if now.deleted or now.provenance == "locked":
            return "saved", "to_confirm"
        if now.provenance == "to_confirm":
            return ("unchanged", "") if is_same else ("saved", "to_confirm")
        return ("unchanged", "") if is_same else ("conflict", "")

    def follow(self, wanted: UUID, thread: UUID) -> UUID | None:
        """A thread of an assessment as it is in the newest one; none where it was settled on the way."""
        order = list(self.works)
        for id_ in order[order.index(wanted) + 1 :]:
            thread = derive(id_, thread)
        return thread if thread in self.newest.comments else None

    def take_back(self, wanted: UUID, comment: UUID) -> None:
        """A comment says nothing any more, in all revisions that it stands in."""
        order, first = list(self.works), dict[UUID, UUID]()
        for id_, following in zip(order, [*order[1:], None], strict=True):
            for one in self.works[id_].comments:
                first.setdefault(one, one)
                if following is not None:
                    first[derive(following, one)] = first[one]
        for work in self.works.values():
            for key, said in work.comments.items():
                if first[key] == first[comment] and said.body is not None:
                    said.body = None
                    work.team_number += 1

    def list_conflicts(self) -> list[UUID]:
        """Those of any revision that nobody has decided, the first one first."""
        stored = [row for work in self.works.values() for row in work.stored]

        def is_over(one: Stored) -> bool:
            place = (one.write.question, one.write.row_id)
            later = (
                row.outcome == "saved"
                and (row.write.question, row.write.row_id) == place
                and row.order > one.order
                and row.member == one.member
                for row in stored
            )
            again = (
                row.write.source == one.write.source == "head_office"
                and row.write.question == one.write.question
                and row.order > one.order
                for row in stored
            )
            return one.write.write_id in self.decided or any(later) or any(again)

        open_ = [row for row in stored if row.outcome == "conflict" and row.write.decides is None and not is_over(row)]
        # What one act of the head office met came in one moment.
        return [row.write.write_id for row in sorted(open_, key=lambda row: (row.order, row.write.write_id))]

    @property
    def submitted(self) -> Work:
        """The newest that was submitted: what comes too late waits there, whatever becomes of a draft."""
        return next(one for one in reversed(self.works.values()) if one.state == "submitted")

    def list_waiting(self) -> list[Write]:
        """What a correction would take up, in the order received."""
        waits = [
            row
            for work in self.works.values()
            for row in work.stored
            if row.outcome == "pending" and self.outcomes[row.write.write_id][0] == "pending"
        ]
        return [
            replace(row.write, member_id=row.member, received_at=_tell_moment(row.order))
            for row in sorted(waits, key=lambda row: row.order)
        ]

    def correct(self, new: UUID, member: UUID, *, round_id: UUID | None = None) -> None:
        """The newest goes on as a draft: with its answers, what is still to be done, and what had waited."""
        old, waiting = self.newest, self.list_waiting()
        rounds = [] if round_id is None else [round_id]
        work = Work(answers=dict(old.answers), change_number=len(old.answers), answers_rounds=rounds)
        work.assignments = {section: who for section, who in old.assignments.items() if who is not None}
        work.sign_offs = dict.fromkeys(old.sign_offs)
        for id_, one in old.comments.items():
            if not old.comments[one.thread].resolved:
                work.comments[derive(new, id_)] = replace(one, thread=derive(new, one.thread))
        work.team_number = len(work.assignments) + len(work.sign_offs) + len(work.comments)
        self.works[new] = work
        self._take(waiting, member)

    def open_more(self, round_id: UUID, member: UUID) -> None:
        """The draft that answers one round answers another, too: what may change in it is a change of the draft."""
        if round_id not in self.newest.answers_rounds:
            self.newest.answers_rounds.append(round_id)
            self.newest.change_number += 1
            self._take(self.list_waiting(), member)

    def _take(self, waiting: list[Write], member: UUID) -> None:
        """What waits is judged where it may change now; all else waits on."""
        taken = [one for one in waiting if self._may_change(one.question)]
        for one in taken:
            del self.outcomes[one.write_id]
        self.save(sorted(taken, key=lambda write: write.base_revision), member, waited=True)
        # Of one moment with the last of what had waited.
        self._deliver(list(self.standing), (self.calls, max(len(taken) - 1, 0)))

    def discard(self) -> None:
        """The newest is thrown away with all that was written in it; what it had taken up waits again."""
        gone = self.works.pop(self.newest_id)
        rows = [row for work in self.works.values() for row in work.stored]
        waited = {derive_id(row.write.write_id): row.write.write_id for row in rows if row.outcome == "pending"}
        for row in gone.stored:
            key = row.write.write_id
            self.delivered.discard(key)
            if key in waited:
                self.outcomes[waited[key]] = ("pending", None)
            else:
                del self.outcomes[key]
        self.decided = {
            row.write.decides: row.outcome
            for row in rows
            if row.write.decides is not None and row.outcome in ("saved", "unchanged")
        }
        self.newest.team_number += bool(self.list_waiting())

    def list_reopened(self) -> set[str]:
        """The questions that may change in the newest."""
        return {question for one in self.newest.answers_rounds for question in self.rounds[one].questions}

    def note_submission(self, submission: UUID) -> None:
        """The newest is submitted; what it was made for is answered by it."""
        self.newest.state = "submitted"
        self.submissions[submission] = self.newest_id
        for key in self.newest.answers_rounds:
            if self.rounds[key].state == "open":
                self.rounds[key].state = "revised"

    def has_answers(self, submission: UUID, questions: Iterable[str]) -> bool:
        """Whether it was submitted with an answer to each."""
        found = self.works[self.submissions[submission]].answers
        return not any(found.get((one, None), Standing()).deleted for one in questions)

    def _is_current(self, submission: UUID) -> bool:
        return submission == list(self.submissions)[-1]

    def refuse_asking(self, submission: UUID, questions: list[str]) -> str | None:
        """Why nothing can be asked about them."""
        if not self._is_current(submission):
            return "SUPERSEDED"
        if any((one.submission, one.state) == (submission, "open") for one in self.rounds.values()):
            return "OPEN"
        return None if self.has_answers(submission, questions) else "INVALID_INPUT"

    def refuse_revising(self, one: Round) -> str | None:
        """Why no revision can answer it."""
        if one.state != "open":
            return "CLOSED"
        if self.newest.state == "draft":
            return None if self.newest.answers_rounds else "NEWER_REVISION"
        return None

    def state(self, statement: UUID, submission: UUID, levels: dict[str, str]) -> None:
        """A reviewer says how answers stand, and so decides what is disputed of them there."""
        for one in self.disputes.values():
            about, said = self.statements[one.statement]
            if about == submission and one.state == "open" and one.question in levels:
                one.state = "upheld" if levels[one.question] == said[one.question] else "changed"
        self.statements[statement] = (submission, levels)

    def refuse_dispute(self, statement: UUID, question: str) -> str | None:
        """Why it cannot be disputed."""
        submission = self.statements[statement][0]
        about = [key for key, (other, levels) in self.statements.items() if other == submission and question in levels]
        if about[-1] != statement:
            return "SUPERSEDED"
        known = [one for one in self.disputes.values() if (one.statement, one.question) == (statement, question)]
        return "OPEN" if any(one.state == "open" for one in known) else None

    def count_findings(self) -> dict[UUID, int]:
        """How many were made of each submission that something was stated of."""
        counts: dict[UUID, int] = defaultdict(int)
        for submission, levels in self.statements.values():
            counts[submission] += len(levels)
        return dict(counts)

    def list_standings(self, submission: UUID) -> dict[str, str]:
        """What was said last of each answer of a submission."""
        said = (levels for about, levels in self.statements.values() if about == submission)
        return {question: level for levels in said for question, level in levels.items()}


def _tell_moment(order: tuple[int, int]) -> datetime:
    return datetime.fromtimestamp(order[0] + order[1] / 1_000, UTC)


def derive(new: UUID, old: UUID) -> UUID:
    """The id of a comment that was taken along."""
    return UUID(hashlib.md5(f"{new}{old}".encode(), usedforsecurity=False).hexdigest())


def count_outcomes(model: Model) -> dict[str, int]:
    """How often each outcome came, so that a run shows what it met."""
    counts: dict[str, int] = defaultdict(int)
    for outcome, _ in model.outcomes.values():
        counts[outcome] += 1
    return dict(counts)
