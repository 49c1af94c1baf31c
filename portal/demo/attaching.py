"""Documents of the demo: one for every answer that demands evidence, in a row, in a link, and in the storage."""

import hashlib
import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.assessments import evidence_checking, file_checks
from portal.assessments.drafts import Draft
from portal.assessments.snapshots import AttachedFile
from portal.database.tables import evidence
from portal.demo import chance, documents
from portal.demo.cast import Firm
from portal.demo.people import Party
from portal.demo.rows import Rows
from questionnaires import submission
from questionnaires.definition import EvidenceRule
from questionnaires.submission import Attachment

PREFERRED = ("photo", "certificate", "record")


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


class Cabinet:
    """Adds documents and their links; `files` collects what belongs in storage."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.files: list[File] = []

    def attach_documents(
        self, firm: Firm, party: Party, draft: Draft, submitted: datetime
    ) -> list[tuple[AttachedFile, Attachment]]:
        """A document for every answer that demands one; one of each kind serves all answers that take it."""
        applicability = draft.find_applicable()
        added: dict[str, tuple[AttachedFile, Attachment]] = {}
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
                    Attachment(
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
    ) -> tuple[AttachedFile, Attachment]:
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
        return file, Attachment(question="", kind=kind, issued_on=issued, valid_until=made.valid_until)


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
