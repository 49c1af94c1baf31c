"""Assessments, answers and submissions of the demo, made by the same functions that the service submits with."""

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.access import Actor
from portal.assessments import evidence_checking, file_checks, snapshots
from portal.assessments.drafts import Draft, Subject
from portal.assessments.snapshots import AttachedFile, Snapshot
from portal.assessments.writes import Content, Write
from portal.database.tables import assessments as tables
from portal.database.tables import delivery, evidence
from portal.demo import answering, chance, documents
from portal.demo.cast import Firm
from portal.demo.people import Party
from portal.demo.rows import Rows
from portal.demo.timeline import Round
from questionnaires import submission
from questionnaires.answers import Answer, Answers
from questionnaires.definition import Definition, EvidenceRule
from questionnaires.profile import Profile

PREFERRED = ("photo", "certificate", "record")


@dataclass(frozen=True, kw_only=True)
class Published:
    """The questionnaire that the demo's suppliers answer."""

    definition: Definition
    content_hash: str
    profile: Profile
    profile_hash: str


@dataclass(frozen=True)
class File:
    """The bytes of a document and where they are kept."""

    key: str
    content: bytes


@dataclass(frozen=True)
class Document:
    """A made-up file before it has a row."""

    file_name: str
    title: str
    content: bytes
    valid_until: date | None = None


class Assessor:
    """Adds what suppliers answer and submit; `files` collects what belongs in storage."""

    def __init__(self, rows: Rows, published: Published) -> None:
        self.rows = rows
        self.published = published
        self.files: list[File] = []

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
        self.rows.extend(
            tables.Assessment, [row | {"state": "submitted", "submitted_at": submitted, "updated_at": submitted}]
        )
        draft = self._make_draft(firm, row, answers, submitted)
        attached = self._attach_documents(firm, party, draft, submitted)
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

    def _attach_documents(
        self, firm: Firm, party: Party, draft: Draft, submitted: datetime
    ) -> list[tuple[AttachedFile, submission.Attachment]]:
        """A document for every answer that demands one; one of each kind serves all answers that take it."""
        applicability = draft.find_applicable()
        added: dict[str, tuple[AttachedFile, submission.Attachment]] = {}
        attached = []
        for item in applicability.enabled:
            rule = item.question.evidence
            if rule is None or not submission.is_evidence_demanded(applicability, item):
                continue
            kind = choose_kind(rule)
            if kind not in added:
                added[kind] = self._add_document(firm, party, kind, submitted)
            file, attachment = added[kind]
            place = {"question": item.question.key, "row_id": item.row_id or ""}
            self.rows.add(
                evidence.EvidenceLink,
                supplier_id=party.id,
                assessment_id=draft.row.id,
                evidence_id=file.evidence_id,
                created_at=submitted - timedelta(hours=4),
                **place,
            )
            attached.append(
                (
                    AttachedFile(**place, evidence_id=file.evidence_id, sha256=file.sha256, kind=kind),
                    submission.Attachment(
                        question=item.question.key,
                        row_id=item.row_id,
                        kind=kind,
                        issued_on=attachment.issued_on,
                        valid_until=attachment.valid_until,
                    ),
                )
            )
        return sorted(attached, key=lambda one: (one[0].question, one[0].row_id))

    def _add_document(
        self, firm: Firm, party: Party, kind: str, submitted: datetime
    ) -> tuple[AttachedFile, submission.Attachment]:
        issued = (submitted - timedelta(days=chance.draw("issued", firm.number, kind).randint(3, 60))).date()
        made = make_document(firm, kind, issued)
        digest = hashlib.sha256(made.content).digest()
        uploaded = submitted - timedelta(hours=6)
        evidence_id = chance.make_id(uploaded, "evidence", firm.number, kind, issued)
        key = evidence_checking.make_key(party.id, digest)
        self.files.append(File(key, made.content))
        self.rows.add(
            evidence.Evidence,
            supplier_id=party.id,
            id=evidence_id,
            file_name=made.file_name,
            title=made.title,
            kind=kind,
            issuer=firm.name if kind != "certificate" else "Demo Permit Office (made up)",
            issued_on=issued,
            valid_until=made.valid_until,
            media_type=file_checks.check_file(io.BytesIO(made.content), made.file_name).media_type,
            size=len(made.content),
            sha256=digest,
            storage_key=key,
            state="available",
            uploaded_by=party.owner_id,
            created_at=uploaded,
            updated_at=uploaded,
        )
        file = AttachedFile(question="", row_id="", evidence_id=evidence_id, sha256=digest, kind=kind)
        return file, submission.Attachment(question="", kind=kind, issued_on=issued, valid_until=made.valid_until)

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


def choose_kind(rule: EvidenceRule) -> str:
    """The kind of document that a supplier has at hand for a question."""
    return next((kind for kind in PREFERRED if kind in rule.accept), rule.accept[0])


def make_document(firm: Firm, kind: str, issued: date) -> Document:
    """A small file that says whose it is and that it is made up."""
    if kind == "photo":
        return Document(
            f"photo-{issued}.png", "Photo of the exits and extinguishers", documents.draw_photo(firm.number, issued)
        )
    if kind == "record":
        content = documents.write_pay_table(issued, firm.number)
        return Document(f"payslips-{issued:%Y-%m}.csv", "Three payslips, names covered", content)
    until = issued + timedelta(days=400)
    lines = [firm.name, "", f"Permit, issued on {issued}, valid until {until}.", "This document is made up for a demo."]
    return Document(f"permit-{issued}.pdf", "Front page of the permit", documents.write_page(lines), until)
