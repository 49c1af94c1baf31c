"""What the demo's buyers asked, what suppliers shared with them, and what of it was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal.assessments.snapshots import Snapshot
from portal.database.tables import assessments, consent, delivery, shares
from portal.demo import chance
from portal.demo.cast import Firm
from portal.demo.people import Party, People
from portal.demo.rows import Rows
from portal.demo.timeline import Round
from portal.reading.assessments import RENEWAL_DAYS
from questionnaires.definition import Definition

PURPOSES = ("Yearly review of working conditions.", "Choice of suppliers for the coming season.")
STATES = {"asked": "open", "drafting": "accepted", "declined": "declined", "not_us": "not_us", "withdrawn": "withdrawn"}
REASONS = {
    "declined": "We answer such questions for no customer at present.",
    "not_us": "This is a firm of a similar name in another town.",
}
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Deal:
    """One buyer's asking of one supplier in one round."""

    buyer: int
    owner: Party
    firm: Firm
    party: Party
    record: UUID
    round: Round

    @property
    def about(self) -> tuple[object, ...]:
        return (self.buyer, self.firm.number, self.round.number)

    @property
    def purpose(self) -> str:
        return PURPOSES[(self.buyer + self.firm.number) % len(PURPOSES)]


class Consents:
    """Adds requests, shares and receipts."""

    def __init__(self, rows: Rows, people: People, definition: Definition, now: datetime) -> None:
        self.rows = rows
        self.people = people
        self.definition = definition
        self.now = now
        self.told: set[UUID] = set()

    def make_deal(self, buyer: int, firm: Firm, record: UUID, round_: Round) -> Deal:
        """A buyer's asking of a supplier."""
        return Deal(buyer, self.people.buyers[buyer], firm, self.people.suppliers[firm.number], record, round_)

    def ask(self, deal: Deal, *, state: str, assessment: UUID | None, changed: datetime) -> UUID:
        """A request in the state it has come to; gives its id."""
        made = chance.make_id(deal.round.asked, "request", *deal.about)
        self._add_request(
            deal.owner,
            id=made,
            supplier_record_id=deal.record,
            supplier_id=deal.party.id,
            minimum_tier="micro" if deal.firm.cohort.tier == "micro" else "basic",
            purpose=deal.purpose,
            round_=deal.round,
            state=state,
            state_reason=REASONS.get(state),
            assessment_id=assessment,
            updated_at=changed,
        )
        return made

    def ask_outsider(self, record: UUID, round_: Round) -> None:
        """A request that waits for a supplier to come."""
        self._add_request(
            self.people.buyers[0],
            id=chance.make_id(round_.asked, "request", record),
            supplier_record_id=record,
            supplier_id=None,
            minimum_tier="micro",
            purpose=PURPOSES[0],
            round_=round_,
            state="open",
            state_reason=None,
            assessment_id=None,
            updated_at=round_.asked,
        )

    def _add_request(self, owner: Party, *, round_: Round, **values: Any) -> None:
        self.rows.add(
            assessments.Request,
            buyer_id=owner.id,
            questionnaire=self.definition.key,
            subject="organization",
            period_start=round_.period_start,
            period_end=round_.period_end,
            due_on=round_.due,
            message="Thank you for your time. Honest gaps are welcome.",
            created_by=owner.owner_id,
            created_at=round_.asked,
            reminder_days=[],
            told_at=None if values["supplier_id"] is None else round_.asked,
            **values,
        )

    def share(self, deal: Deal, request: UUID, snapshot: Snapshot) -> None:
        """What the supplier lets the buyer read of a submission, and what the buyer has read of it since."""
        submitted: datetime = snapshot.submission["submitted_at"]
        starts = submitted + timedelta(hours=2 + deal.firm.number % 40)
        made = chance.make_id(starts, "share", *deal.about)
        until, revoked = self._find_end(deal, starts)
        sections, with_evidence = self._choose_scope(deal.firm)
        self.rows.add(
            shares.Share,
            supplier_id=deal.party.id,
            buyer_id=deal.owner.id,
            id=made,
            questionnaire=self.definition.key,
            subject_key=deal.party.id,
            submission_id=snapshot.submission["id"],
            follows_from=submitted,
            # One share follows at most: a later one of the same subject would have taken its place.
            mode="following" if deal.firm.number % 2 and deal.round.is_last else "snapshot",
            sections=sections,
            include_evidence=with_evidence,
            purpose=deal.purpose,
            request_id=request,
            starts_at=starts,
            until=until,
            revoked_at=revoked,
            created_by=deal.party.owner_id,
            created_at=starts,
        )
        self._add_audit(deal, made, starts)
        self._tell_end(deal, snapshot)
        if deal.round.is_last and deal.firm.story == "regular" and not with_evidence:
            self._ask_for_more(deal, starts)
        self._read(deal, snapshot, starts, min(filter(None, (self.now, until, revoked))))

    def _tell_end(self, deal: Deal, snapshot: Snapshot) -> None:
        """The letter about a result that ends soon has gone out, or a new portal would begin with dozens of them."""
        made: UUID = snapshot.submission["id"]
        last = max(row["valid_until"] for row in snapshot.results if row["is_own_tier"])
        if made in self.told or last > (self.now + timedelta(days=RENEWAL_DAYS)).date():
            return
        self.told.add(made)
        self.rows.add(
            consent.ResultReminder,
            supplier_id=deal.party.id,
            submission_id=made,
            valid_until=last,
            notice=chance.make_id(self.now, "notice", made),
        )

    def _ask_for_more(self, deal: Deal, starts: datetime) -> None:
        """What the buyer would like to see besides; every third supplier has said no, and offers something else."""
        asked = min(starts + timedelta(days=9), self.now - timedelta(hours=1))
        answer: dict[str, Any] = {"state": "open"}
        if deal.firm.number % 3 == 0:
            answer = {"state": "refused", "reason": "The answers name people.", "offer": "visit"}
            answer |= {"offer_text": "Come and look at them on any Monday.", "closed_at": asked}
        self.rows.add(
            consent.AccessRequest,
            supplier_id=deal.party.id,
            buyer_id=deal.owner.id,
            id=chance.make_id(asked, "access", *deal.about),
            supplier_record_id=deal.record,
            questionnaire=self.definition.key,
            subject_key=deal.party.id,
            sections=[section.key for section in self.definition.sections if section.pillar][-2:],
            include_evidence=True,
            purpose=deal.purpose,
            message="We visit you in spring and would like to come prepared.",
            asked_by=deal.owner.owner_id,
            created_at=asked,
            asked_at=asked,
            **answer,
        )

    def _find_end(self, deal: Deal, starts: datetime) -> tuple[datetime | None, datetime | None]:
        """Until when, and when it was revoked: most shares last two years, some are over."""
        if not deal.round.is_last and deal.firm.story in ("ended", "revoked"):
            return starts + timedelta(days=60), None
        if deal.firm.story == "ended":
            return starts + timedelta(days=2), None
        if deal.firm.story == "revoked":
            return None, starts + timedelta(days=3)
        if deal.firm.story == "ending" and deal.round.is_last:
            return self.now + timedelta(days=20), None
        return (starts + 2 * YEAR + timedelta(days=30) if deal.firm.number % 4 else None), None

    def _choose_scope(self, firm: Firm) -> tuple[list[str], bool]:
        """The summary alone, some sections with their answers, or all sections with evidence."""
        scored = [section.key for section in self.definition.sections if section.pillar]
        every = [section.key for section in self.definition.sections]
        # The one who signs in to see results shows everything.
        scope = 2 if len(firm.buyers) == 2 and firm.number < 20 else firm.number % 3
        return ([], False) if scope == 0 else (scored[:3], False) if scope == 1 else (every, True)

    def _add_audit(self, deal: Deal, share: UUID, moment: datetime) -> None:
        self.rows.add(
            delivery.AuditEvent,
            id=chance.make_id(moment, "audit", share),
            organization_id=deal.party.id,
            actor_id=deal.party.owner_id,
            action="result.shared",
            object_kind="share",
            object_id=str(share),
            at=moment,
        )

    def _read(self, deal: Deal, snapshot: Snapshot, starts: datetime, ends: datetime) -> None:
        """Receipts of what a member of the buyer read, none after the share was over."""
        source = chance.draw("reading", *deal.about)
        for number, (kind, document) in enumerate(self._list_readable(deal.firm, snapshot)):
            moment = starts + timedelta(days=source.randint(1, 12), minutes=source.randint(0, 300))
            if moment >= ends or source.random() < 0.3:
                continue
            self.rows.add(
                shares.ReadReceipt,
                supplier_id=deal.party.id,
                id=chance.make_id(moment, "receipt", *deal.about, number),
                reader_id=deal.owner.id,
                reader_role="owner",
                member_id=deal.owner.owner_id,
                kind=kind,
                submission_id=snapshot.submission["id"],
                evidence_id=document,
                purpose=deal.purpose,
                read_on=moment.date(),
                read_at=moment,
            )

    def _list_readable(self, firm: Firm, snapshot: Snapshot) -> Iterator[tuple[str, UUID | None]]:
        sections, with_evidence = self._choose_scope(firm)
        yield "summary", None
        if sections:
            yield "answers", None
        if with_evidence and snapshot.evidence:
            yield "evidence", snapshot.evidence[0]["evidence_id"]
