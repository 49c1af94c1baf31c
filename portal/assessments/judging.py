"""Judging writes: what becomes of each, against the answers that stand and what is open at their places."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from portal.assessments import gaps, row_sites, writes
from portal.assessments.open_writes import OpenWrites
from portal.assessments.writes import Content, Write
from questionnaires import reopening
from questionnaires.answers import Problem
from questionnaires.definition import Definition

LOCKED = "locked"  # the provenance of what a head office set for a site
Status = Literal["saved", "unchanged", "conflict", "refused", "pending", "ahead", "dismissed"]
Place = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class StoredAnswer:
    """The answer that stands for a question and row; revision 0 and no content where there is none."""

    question: str
    row_id: str
    revision: int = 0
    content: Content | None = None
    changed_at_number: int = 0
    changed_at: datetime | None = None
    changed_by: UUID | None = None
    provenance: str = "answered"
    carried_from: UUID | None = None
    carried_question: str | None = None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A write with what is to be stored of it."""

    write: Write
    status: Status
    revision: int | None = None
    number: int | None = None
    content: Content | None = None
    problem: Problem | None = None
    warning: Problem | None = None
    is_replay: bool = False
    was: StoredAnswer | None = None  # what stood when it was judged


class Judge:
    """Decides writes one by one against what stands, which the writes before may have changed."""

    def __init__(
        self,
        *,
        definition: Definition,
        plan_rules: gaps.PlanRules | None,
        is_submitted: bool,
        has_waited: bool,
        change_number: int,
        reopened: Collection[str] | None,
        earlier: Mapping[UUID, Any],
        standing: dict[Place, StoredAnswer],
        left: OpenWrites,
        sites: frozenset[str],
    ) -> None:
        self.definition = definition
        self.plan_rules = plan_rules
        self.is_submitted = is_submitted
        self.has_waited = has_waited
        self.change_number = change_number
        self.reopened = reopened
        self.earlier = earlier
        self.standing = standing
        self.left = left
        self.sites = sites
        self._made: dict[UUID, Judged] = {}

    def judge(self, write: Write, content: Content | Problem) -> Judged:
        """The outcome of a write; the same one again where it came before, in this call or an earlier one."""
        row = self.earlier.get(write.write_id)
        made = self._judge_new(write, content) if row is None else self._replay(write, row)
        self.left.add(write, made.status, made.revision, made.was.revision if made.was is not None else 0)
        return made

    def find_warning(self, made: Judged, staff: int | None) -> Problem | None:
        """What submission would refuse of what is kept, by itself or for its plan, of a firm with this many people."""
        write = made.write
        if made.content is None or made.status == "refused":
            return None
        found = writes.find_warning(self.definition, *write.place, made.content, staff)
        if found is not None or write.plan is None:
            return found
        return gaps.find_warning(self.definition, (write.asked, write.row_id), made.content, self.plan_rules)

    def _judge_new(self, write: Write, content: Content | Problem) -> Judged:
        made = self._made.get(write.write_id)
        if made is None:
            was = self.standing.get(write.place)
            self._made[write.write_id] = made = replace(self._decide(write, content), was=was)
            return made
        if made.write == write:
            return replace(made, is_replay=True)
        return Judged(write=write, status="refused", problem=writes.refuse_reused(write), is_replay=True)

    def _decide(self, write: Write, content: Content | Problem) -> Judged:
        if isinstance(content, Problem):
            told = writes.refuse_outdated(write) if write.is_outdated else content
            return Judged(write=write, status="refused", problem=told)
        current = self.standing.get(write.place, StoredAnswer(question=write.asked, row_id=write.row_id or ""))
        # Judged now, a write whose predecessors are still to come would be lost to them, and its replay with it.
        is_unseen = self.left.is_unseen(write)
        is_ahead = write.base_revision > current.revision and not is_unseen
        planned = None if current.content is None else current.content.plan
        content = gaps.add_plan(write, content, planned, self.plan_rules)
        if write.is_outdated:
            kept = content if self._may_name(content, current.content) else replace(content, site_id=None)
            return Judged(write=write, status="refused", content=kept, problem=writes.refuse_outdated(write))
        confirms = current.provenance == "to_confirm" and write.base_revision == current.revision
        is_locked = current.provenance == LOCKED
        lock = self._find_lock(write)
        is_late = self.is_submitted or lock is not None
        # Who goes back to what was submitted takes back what waits: it is the last word, and waits as well.
        waits = is_late and not is_locked and write.decides is None and write.place in self.left.waiting
        if not waits and (is_locked or not (is_ahead or confirms)) and writes.is_same(current.content, content):
            return Judged(write=write, status="unchanged", revision=current.revision, content=content)
        # What the head office has set stands whatever was seen; the history keeps what was sent. A plan is the site's.
        if is_locked and not writes.is_same_but_plan(current.content, content):
            return Judged(write=write, status="refused", content=content, problem=writes.refuse_locked(write))
        if not self._may_name(content, current.content):
            unknown = writes.refuse_row_site(write, row_sites.UNKNOWN)
            return self._leave_site(write, replace(content, site_id=None), current.revision, unknown)
        if is_late:
            return Judged(write=write, status="pending", content=content, problem=lock)
        # Who sent what waited was told so and may have forgotten it: it cannot be asked for again, so a person decides.
        if is_ahead and not self.has_waited:
            return Judged(write=write, status="ahead", content=content)
        if write.base_revision != current.revision or is_unseen:
            return Judged(write=write, status="conflict", revision=current.revision, content=content)
        return self._keep(write, content, current.revision + 1)

    def _find_lock(self, write: Write) -> Problem | None:
        """Why a draft that answers a clarification leaves an answer as it was submitted; what was sent waits."""
        if self.is_submitted or self.reopened is None:
            return None
        return reopening.find_lock(self.reopened, write.asked, write.row_id)

    def _may_name(self, content: Content, current: Content | None) -> bool:
        """Whether a row may name its site; one that it names already may have been closed since."""
        site = content.site_id
        return site is None or site in self.sites or (current is not None and current.site_id == site)

    def _leave_site(self, write: Write, content: Content, revision: int, unknown: Problem) -> Judged:
        """A row without the site that it cannot name; one that waited was taken, and a site may be closed meanwhile."""
        if self.has_waited:
            return Judged(write=write, status="conflict", revision=revision, content=content, problem=unknown)
        return Judged(write=write, status="refused", content=content, problem=unknown)

    def _keep(self, write: Write, content: Content, revision: int) -> Judged:
        """An answer that was taken over and stands unchanged keeps where it comes from; any other one is given here."""
        self.change_number += 1
        question, row_id = write.place
        before = self.standing.get(write.place)
        is_locked = before is not None and before.provenance == LOCKED  # with another plan: it is the site's
        is_confirmed = (
            before is not None and before.carried_from is not None and writes.is_same(before.content, content)
        )
        is_kept = is_locked or is_confirmed
        self.standing[write.place] = StoredAnswer(
            question=question,
            row_id=row_id,
            revision=revision,
            content=content,
            changed_at_number=self.change_number,
            provenance=LOCKED if is_locked else "confirmed" if is_confirmed else "answered",
            carried_from=before.carried_from if before and is_kept else None,
            carried_question=before.carried_question if before and is_kept else None,
        )
        return Judged(write=write, status="saved", revision=revision, number=self.change_number, content=content)

    def _replay(self, write: Write, row: Any) -> Judged:
        """What the write became when it first came; another content under its id is refused and not stored.

        One that waited tells what the correction that took it in made of it. Revisions of one place are one here: a
        device may send its queue again to a newer one.
        """
        if not row.is_here or row.body_hash != write.hash_body(row.assessment_id):
            return Judged(write=write, status="refused", problem=writes.refuse_reused(write), is_replay=True)
        if row.outcome == "pending":
            row = self.earlier.get(writes.derive_id(write.write_id), row)
        problem = None if row.problem is None else writes.restore_problem(row.problem, row.question, row.row_id)
        kept = None if row.state is None else read_content(row)
        return Judged(
            write=write, status=row.outcome, revision=row.revision, content=kept, problem=problem, is_replay=True
        )


def read_content(row: Any) -> Content:
    """What a stored answer or write says."""
    return Content(
        state=row.state,
        value=row.value,
        reason=row.reason,
        comment=row.comment,
        deleted=row.deleted,
        site_id=None if row.site_id is None else str(row.site_id),
        plan=row.plan,
    )


def read_stored(row: Any) -> StoredAnswer:
    """A row of `answer` as it is handed out."""
    return StoredAnswer(
        question=row.question,
        row_id=row.row_id,
        revision=row.revision,
        content=read_content(row),
        changed_at_number=row.changed_at_number,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        provenance=row.provenance,
        carried_from=row.carried_from,
        carried_question=row.carried_question,
    )
