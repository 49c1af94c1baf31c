"""What the demo's buyers found when they looked into answers with documents, and what they asked about others."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.assessments.assuring import AssuranceRows
from portal.assessments.snapshots import Snapshot
from portal.database.tables import reviews, shares
from portal.database.tables.evidence import Evidence
from portal.demo import chance
from portal.demo.consent import Deal
from portal.demo.rows import Rows
from questionnaires import assurance
from questionnaires.assurance import Statement

BASIS = "The document names the place, the days and who signed it."
NOT_SHOWN = "Whether it was so in the months before."
QUESTION = "How do you know this, and who looks after it?"


class Reviews:
    """Adds a statement and a question of the first buyer where a share opens documents to it."""

    def __init__(self, rows: Rows, now: datetime) -> None:
        self.rows = rows
        self.now = now

    def review(self, deal: Deal, snapshot: Snapshot) -> None:
        """One statement on an answer with a document, and for every other such supplier an open question."""
        share = self.rows.get(shares.Share)[-1] if self.rows.get(shares.Share) else None
        looked = snapshot.submission["submitted_at"] + timedelta(days=6)
        if share is None or not share["include_evidence"] or not snapshot.evidence or looked >= self.now:
            return
        own = {"supplier_id": deal.party.id, "submission_id": snapshot.submission["id"]}
        link = snapshot.evidence[0]
        self._state(deal, own, snapshot, link, looked)
        if deal.firm.number % 2:
            self._ask(deal, own, snapshot, link["question"], looked)

    def _state(self, deal: Deal, own: dict[str, Any], snapshot: Snapshot, link: dict[str, Any], at: datetime) -> None:
        made: UUID = chance.make_id(at, "statement", *deal.about)
        told = own | {"reviewer_id": deal.owner.id, "is_third_party": False, "as_of": at.date()}
        self.rows.add(reviews.AssuranceStatement, id=made, remark=None, made_by=deal.owner.owner_id, made_at=at, **told)
        place = {"section": link["section"], "question": link["question"], "row_id": link["row_id"]}
        self.rows.add(
            reviews.AssuranceFinding,
            statement_id=made,
            level="documented",
            basis=BASIS,
            not_shown=NOT_SHOWN,
            beyond=None,
            rests_on=[link["evidence_id"]],
            contradicts=[],
            **place,
            **told,
        )
        statement = Statement(
            reviewer=str(deal.owner.id),
            question=link["question"],
            row_id=link["row_id"] or None,
            level="documented",
            as_of=at.date(),
            valid_until=self._find_end(link["evidence_id"]),
        )
        summed = AssuranceRows(own["supplier_id"], own["submission_id"], snapshot.result.profile)
        summed.fill(assurance.list_earned(snapshot.result), [statement], {link["question"]: link["section"]})
        self.rows.extend(reviews.AssuranceSummary, summed.summaries)
        self.rows.extend(reviews.AssuranceSection, summed.sections)

    def _find_end(self, document: UUID) -> date | None:
        found: date | None = next(row["valid_until"] for row in self.rows.get(Evidence) if row["id"] == document)
        return found

    def _ask(self, deal: Deal, own: dict[str, Any], snapshot: Snapshot, but: str, at: datetime) -> None:
        """An open question on the first answer of a section that is not the one above."""
        places = ((part["section"], key) for part in snapshot.sections for key in part["answers"] if key != but)
        section, question = next(places)
        made = chance.make_id(at, "clarification", *deal.about)
        self.rows.add(
            reviews.Clarification,
            id=made,
            asker_id=deal.owner.id,
            round=1,
            message=None,
            due_on=(self.now + timedelta(days=14)).date(),
            asked_by=deal.owner.owner_id,
            asked_at=at,
            state="open",
            **own,
        )
        item = own | {"clarification_id": made, "section": section, "question": question, "row_id": ""}
        self.rows.add(reviews.ClarificationItem, evidence_id=None, text=QUESTION, **item)
