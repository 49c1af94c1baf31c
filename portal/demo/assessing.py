"""Assessments, answers and submissions of the demo, made by the same functions that the service submits with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal.access import Actor
from portal.assessments import snapshots
from portal.assessments.drafts import Draft, Subject
from portal.assessments.snapshots import AttachedFile, Snapshot
from portal.assessments.writes import Content, Write
from portal.database.tables import assessments as tables
from portal.database.tables import delivery, evidence
from portal.demo import answering, chance
from portal.demo.attaching import Cabinet
from portal.demo.cast import Firm
from portal.demo.people import Party
from portal.demo.rows import Rows
from portal.demo.timeline import Round
from questionnaires import submission
from questionnaires.answers import Answer, Answers
from questionnaires.definition import Definition
from questionnaires.profile import Profile


@dataclass(frozen=True, kw_only=True)
class Published:
    """A questionnaire that somebody in the demo answers."""

    definition: Definition
    content_hash: str
    profile: Profile
    profile_hash: str


class Assessor:
    """Adds what suppliers answer and submit; their documents go to `cabinet`."""

    def __init__(self, rows: Rows, published: Published) -> None:
        self.rows = rows
        self.published = published
        self.cabinet = Cabinet(rows)

    def start(self, firm: Firm, party: Party, round_: Round) -> UUID:
        """A draft with some three fifths of its answers; gives its id."""
        answers = self._answer(firm, round_)
        partial = dict(list(answers.items())[: len(answers) * 3 // 5])
        row = self._write_assessment(firm, party, round_, partial, round_.accepted + timedelta(days=1))
        self.rows.extend(tables.Assessment, [row])
        made: UUID = row["id"]
        return made

    def submit(self, firm: Firm, party: Party, round_: Round, submitted: datetime) -> Snapshot:
        """A submitted assessment with its answers, documents, sealed sections and results."""
        answers = self._answer(firm, round_)
        row = self._write_assessment(firm, party, round_, answers, submitted - timedelta(hours=5))
        draft = self._make_draft(firm, row, answers, submitted)
        attached = self.cabinet.attach_documents(firm, party, draft, submitted)
        closed: dict[str, Any] = {"state": "submitted", "submitted_at": submitted, "updated_at": submitted}
        # A document that is attached is a change of the assessment, as an answer is.
        closed["change_number"] = row["change_number"] + len(attached)
        self.rows.extend(tables.Assessment, [row | closed])
        self._refuse_problems(draft, attached)
        actor = Actor(user_id=party.owner_id, organization_id=party.id)
        about = ("submission", firm.number, round_.number)
        snapshot = snapshots.freeze(
            actor,
            draft,
            self.published.profile,
            [file for file, _ in attached],
            None,
            submission_id=chance.make_id(submitted, *about),
            draw_salt=chance.make_salts(*about),
        )
        self._keep(party, snapshot, submitted)
        return snapshot

    def _answer(self, firm: Firm, round_: Round) -> Answers:
        tier: Any = firm.cohort.tier
        published = self.published
        return answering.answer_questions(published.definition, published.profile, tier, firm, round_.number)

    def _write_assessment(
        self, firm: Firm, party: Party, round_: Round, answers: Answers, answered: datetime
    ) -> dict[str, Any]:
        """The row of an assessment; its answers are added, each as a write of its own within the minutes before."""
        made = chance.make_id(round_.accepted, "assessment", firm.number, round_.number)
        for number, answer in enumerate(answers.values(), start=1):
            moment = answered - timedelta(minutes=2 * (len(answers) - number))
            self._add_answer(party, made, number, answer, moment)
        return {
            "supplier_id": party.id,
            "id": made,
            "questionnaire": self.published.definition.key,
            "version": self.published.definition.version,
            "tier": firm.cohort.tier,
            "subject": "organization",
            "subject_key": party.id,
            "period_start": round_.period_start,
            "period_end": round_.period_end,
            "revision": 1,
            "state": "draft",
            "change_number": len(answers),
            "submitted_at": None,
            "created_at": round_.accepted,
            "updated_at": answered,
        }

    def _add_answer(self, party: Party, assessment: UUID, number: int, answer: Answer, moment: datetime) -> None:
        value = list(answer.value) if isinstance(answer.value, tuple) else answer.value
        content = Content(state=answer.state, value=value, reason=answer.reason or None)
        write_id = chance.make_id(moment, "write", assessment, answer.question, answer.row_id)
        write = Write(
            write_id=write_id,
            question=answer.question,
            row_id=answer.row_id,
            base_revision=0,
            state=content.state,
            value=content.value,
            reason=content.reason,
        )
        shared = {
            "supplier_id": party.id,
            "assessment_id": assessment,
            "question": answer.question,
            "row_id": answer.row_id or "",
            "state": content.state,
            "value": content.value,
            "reason": content.reason,
            "comment": None,
            "deleted": False,
            "revision": 1,
        }
        self.rows.add(tables.Answer, **shared, changed_at_number=number, changed_by=party.owner_id, changed_at=moment)
        self.rows.add(
            tables.AnswerWrite,
            **shared,
            write_id=write_id,
            base_revision=0,
            outcome="saved",
            problem=None,
            body_hash=write.hash_body(assessment),
            member_id=party.owner_id,
            received_at=moment,
        )

    def _make_draft(self, firm: Firm, row: dict[str, Any], answers: Answers, submitted: datetime) -> Draft:
        """The assessment as the service would load it before it submits."""
        subject = Subject(
            tables.Assessment(**row),
            self.published.content_hash,
            self.published.profile.number,
            self.published.profile_hash,
            submitted,
            firm.cohort.size,
        )
        return Draft(subject, self.published.definition, answers)

    def _refuse_problems(self, draft: Draft, attached: Iterable[tuple[AttachedFile, submission.Attachment]]) -> None:
        """Made-up answers pass the rules of submission like any others."""
        problems = submission.check_submission(
            draft.find_applicable(),
            day=draft.subject.day,
            attachments=[attachment for _, attachment in attached],
            staff=draft.staff,
        )
        if problems:
            raise ValueError(f"made-up answers cannot be submitted: {problems}")

    def _keep(self, party: Party, snapshot: Snapshot, submitted: datetime) -> None:
        made = snapshot.submission["id"]
        self.rows.extend(tables.Submission, [snapshot.submission])
        self.rows.extend(tables.SubmissionSection, snapshot.sections)
        self.rows.extend(tables.Result, [row | {"created_at": submitted} for row in snapshot.results])
        self.rows.extend(evidence.SubmissionEvidence, snapshot.evidence)
        self.rows.add(
            delivery.AuditEvent,
            id=chance.make_id(submitted, "audit", made),
            organization_id=party.id,
            actor_id=party.owner_id,
            action="assessment.submitted",
            object_kind="submission",
            object_id=str(made),
            at=submitted,
        )
