"""What a buyer sees of its suppliers in a list: its own record and what is shared with it, from the card."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    column,
    false,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from portal import access
from portal.database.tables.cards import RelationshipCard
from portal.database.tables.directory import SupplierNameToken, SupplierRecord
from portal.database.tables.identity import Invitation, Organization
from portal.database.tables.segments import SupplierSegment, SupplierTag
from portal.reading import outputs
from portal.reading.access_requests import OF_CARD, tell_latest_state
from portal.reading.assessments import SCORES_ONLY
from portal.reading.assurance import ASSURANCE, ASSURANCE_OF_CARD, find_today
from portal.reading.contacts import CONTACT_SUGGESTION, CONTACTS
from portal.reading.declarations import (
    Connection,
    Expression,
    Field,
    Filter,
    Many,
    Noun,
    One,
    Part,
    Ready,
    Sort,
    equals,
    one_of,
    plain,
)
from portal.reading.evidence import today
from portal.reading.shared_results import PROFILE_LINKS, select_latest_of_card
from portal.reading.sources import Condition, Join, Source, Viewer

RECORD = SupplierRecord.__table__
CARD = RelationshipCard.__table__
TOKEN = SupplierNameToken.__table__
TAG_TABLE, SEGMENT_TABLE = SupplierTag.__table__, SupplierSegment.__table__
INVITATION = Invitation.__table__
ORGANIZATION = Organization.__table__
TAG = "supp"
INVITATION_TAG = "sinv"
ORGANIZATION_TAG = "orga"
LEAD = "responsible-sourcing"  # every record has a card for it from its import on
NO_OWNER = UUID(int=0)
MOST_INVITATIONS = 20
MOST_SUGGESTIONS = 20
MOST_SECTORS = 120  # more than ISIC Rev.4 has sections and divisions
MOST_OVERDUE = 1_000  # cards of one buyer; the sweep takes them away within seconds
HIGHEST = "\U0010ffff"  # sorts behind every text that starts the same


def is_live(card: Source, viewer: Viewer) -> Condition:
    """Whether the share behind a card holds now; the card of one that has ended counts as empty until it is swept."""
    until = card.c.shared_until
    return and_(card.c.share_id.is_not(None), or_(until.is_(None), until > viewer.now))


def is_expired(card: Source, viewer: Viewer) -> Condition:
    """Whether the validity of the shared result has ended; the day it names is the last good one."""
    return and_(is_live(card, viewer), func.coalesce(card.c.valid_until < today(viewer), false()))


def counts(card: Source, viewer: Viewer) -> Condition:
    """Whether filters and orders go by what the card shows: it is shared, and its validity has not ended."""
    last = card.c.valid_until
    return and_(is_live(card, viewer), or_(last.is_(None), last >= today(viewer)))


def has_ended(card: Source, viewer: Viewer) -> Condition:
    """Cards that have ended since they were swept, by share or validity: the index by their next change finds them.

    The inner limit holds the planner to that index; it would expect a third of all cards to be overdue.
    """
    overdue = CARD.alias()
    found = (
        select(overdue.c.supplier_record_id)
        .where(overdue.c.buyer_id == viewer.organization_id, overdue.c.next_change_at <= viewer.now)
        .order_by(overdue.c.next_change_at)
        .limit(literal_column(str(MOST_OVERDUE)))
    )
    ids = func.array(found.scalar_subquery(), type_=ARRAY(Uuid()))
    is_over = or_(card.c.shared_until <= viewer.now, card.c.valid_until < today(viewer))
    return and_(card.c.supplier_record_id == any_(ids), is_over)


def shared(name: str) -> Expression:
    """A column of the card that only a share lets the buyer see."""
    return lambda card, viewer: case((is_live(card, viewer), card.c[name]))


def shared_one_of(name: str) -> Filter:
    """A filter on what is shared; a card whose share or validity has ended passes none."""
    plain = one_of(name)

    def condition(card: Source, viewer: Viewer, values: ColumnElement[Any]) -> Condition:
        return and_(plain.condition(card, viewer, values), counts(card, viewer))

    return Filter(condition, plain.kind, plain.load)


def has_word(card: Source, viewer: Viewer, word: ColumnElement[Any]) -> Condition:
    """Whether a word of the name starts so; a range of texts is what an index serves under row-level security."""
    token = TOKEN.alias()
    found = select(token.c.supplier_record_id).where(
        token.c.buyer_id == viewer.organization_id,
        token.c.token >= word,
        token.c.token < word.op("||")(literal(HIGHEST, Text)),
    )
    held: Condition = card.c.supplier_record_id.in_(found)
    return held


def has_tag(card: Source, viewer: Viewer, values: ColumnElement[Any]) -> Condition:
    """Whether the buyer gave it one of these tags."""
    row = TAG_TABLE.alias()
    found = select(row.c.supplier_record_id).where(row.c.buyer_id == viewer.organization_id, row.c.tag == any_(values))
    held: Condition = card.c.supplier_record_id.in_(found)
    return held


def is_in_segment(card: Source, viewer: Viewer, values: ColumnElement[Any]) -> Condition:
    """Whether the buyer put it into one of these segments."""
    row = SEGMENT_TABLE.alias()
    found = select(row.c.supplier_record_id).where(
        row.c.buyer_id == viewer.organization_id, row.c.segment == any_(values)
    )
    held: Condition = card.c.supplier_record_id.in_(found)
    return held


def list_tags(card: Source, viewer: Viewer) -> ColumnElement[Any]:
    """The buyer's tags of it, by the alphabet."""
    row = TAG_TABLE.alias()
    found = (
        select(row.c.tag)
        .where(row.c.buyer_id == card.c.buyer_id, row.c.supplier_record_id == card.c.supplier_record_id)
        .order_by(row.c.tag)
        .correlate(card.rows)
    )
    return func.to_jsonb(func.array(found.scalar_subquery(), type_=ARRAY(Text())), type_=JSONB)


def own(name: str) -> Expression:
    """A column of the buyer's own record."""
    return lambda card, viewer: card.join("record").c[name]


PILLAR = Noun(
    "Pillar",
    source=CARD,  # its rows come from the card's JSON
    scope=None,
    fields={
        "key": Field(lambda row, viewer: row.c.value["key"].astext, required=True),
        "title": Field(lambda row, viewer: row.c.value["title"].astext),
        "score": Field(lambda row, viewer: row.c.value["score"].astext.cast(Integer), outputs.HUNDREDTHS),
        "reason": Field(lambda row, viewer: row.c.value["reason"].astext),
    },
)


def tell_state(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    """Where an invitation stands: whatever it was used for, taken back, ended by the clock, or open."""
    return case(
        (row.c.used_at.is_not(None), literal_column("'used'", Text)),
        (row.c.revoked_at.is_not(None), literal_column("'revoked'", Text)),
        (row.c.expires_at <= viewer.now, literal_column("'ended'", Text)),
        else_=literal_column("'open'", Text),
    )


SUPPLIER_INVITATION = Noun(
    "SupplierInvitation",
    source=INVITATION,
    scope=lambda row, viewer: and_(row.c.organization_id == viewer.organization_id, row.c.kind == "supplier"),
    fields={
        "id": Field(
            lambda row, viewer: outputs.write_node_id(INVITATION_TAG, row.c.organization_id, row.c.id), required=True
        ),
        "email": Field(lambda row, viewer: row.c.email),
        "state": Field(tell_state, outputs.CODE, required=True),
        "invited_at": Field(lambda row, viewer: row.c.created_at, outputs.MOMENT),
        "expires_at": Field(lambda row, viewer: row.c.expires_at, outputs.MOMENT),
    },
)

SEGMENT = Noun(
    "SupplierSegment",
    source=SEGMENT_TABLE,
    scope=lambda row, viewer: row.c.buyer_id == viewer.organization_id,
    fields={
        "segment": plain("segment"),
        "reason": plain("reason"),
        "spend_band": plain("spend_band"),
        "strategic": plain("strategic"),
        "decided_at": plain("decided_at", outputs.MOMENT),
    },
)

# A linked supplier as it names itself; its settings are not the buyer's business.
LINKED_ORGANIZATION = Noun(
    "Organization",
    source=ORGANIZATION,
    scope=None,
    fields={
        "id": Field(
            lambda row, viewer: outputs.write_node_id(
                ORGANIZATION_TAG, literal_column(f"'{NO_OWNER}'::uuid", Uuid()), row.c.id
            ),
            required=True,
        ),
        "name": Field(lambda row, viewer: row.c.name),
        "country": Field(lambda row, viewer: row.c.country),
        "sector": Field(lambda row, viewer: row.c.sector),
        "size": Field(lambda row, viewer: row.c.size_band, outputs.CODE),
        **{name: Field(lambda row, viewer: cast(null(), Text)) for name in ("status", "locale", "time_zone")},
        "requires_second_factor": Field(lambda row, viewer: cast(null(), Boolean)),
    },
)


def list_pillars(pillars: ColumnElement[Any]) -> FromClause:
    """The rows of a result's pillars, in their order."""
    listed = func.jsonb_array_elements(pillars).table_valued(column("value", JSONB), with_ordinality="place")
    return listed.render_derived()


def refusal_reason(card: Source, viewer: Viewer) -> ColumnElement[Any]:
    """What somebody with a link said, kept as "reason: remark"."""
    return func.nullif(func.split_part(own("refusal")(card, viewer), ": ", 1), "")


def refusal_remark(card: Source, viewer: Viewer) -> ColumnElement[Any]:
    refusal = own("refusal")(card, viewer)
    return func.nullif(func.substr(refusal, func.length(func.split_part(refusal, ": ", 1)) + 3), "")


SUPPLIER = Noun(
    "Supplier",
    source=CARD,
    scope=lambda card, viewer: card.c.buyer_id == viewer.organization_id,
    identity="supplier_record_id",
    key=("buyer_id", "supplier_record_id", "supplier_id", "submission_id", "questionnaire"),
    joins={
        "record": Join(
            RECORD,
            lambda card, record: and_(record.c.buyer_id == card.c.buyer_id, record.c.id == card.c.supplier_record_id),
        )
    },
    fields={
        "id": Field(
            lambda card, viewer: outputs.write_node_id(TAG, card.c.buyer_id, card.c.supplier_record_id), required=True
        ),
        "name": Field(own("name"), required=True),  # the card's foreign key holds the record to it
        "local_name": Field(own("local_name")),
        "vendor_number": Field(own("vendor_number")),
        "external_reference": Field(own("external_reference")),
        "address": Field(own("address")),
        "sector_text": Field(own("sector_text")),
        "invited_at": Field(own("invited_at"), outputs.MOMENT),
        "linked_at": Field(own("linked_at"), outputs.MOMENT),
        "refusal_reason": Field(refusal_reason, outputs.CODE),
        "refusal_remark": Field(refusal_remark),
        "added_at": Field(own("created_at"), outputs.MOMENT, required=True),
        "updated_at": Field(own("updated_at"), outputs.MOMENT, required=True),
        "viewer_can_edit": Field(
            lambda card, viewer: true() if viewer.allows(access.BUYER_EDITOR) else false(), required=True
        ),
        "tags": Field(list_tags, required=True),
        "country": Field(lambda card, viewer: card.c.country),
        "sector": Field(lambda card, viewer: card.c.sector),
        "state": Field(lambda card, viewer: card.c.record_state, outputs.CODE),
        "archived": Field(lambda card, viewer: card.c.archived),
        "questionnaire": Field(lambda card, viewer: card.c.questionnaire),
        "tier": Field(shared("tier"), outputs.CODE),
        "band": Field(shared("band")),  # the key of the scoring profile, as everywhere
        "total": Field(shared("total"), outputs.HUNDREDTHS),
        "coverage": Field(shared("coverage"), outputs.HUNDREDTHS),
        "period_end": Field(shared("period_end")),
        "submitted_at": Field(shared("submitted_at"), outputs.MOMENT),
        "valid_until": Field(shared("valid_until")),
        "is_expired": Field(is_expired, required=True),
        "shared_until": Field(shared("shared_until"), outputs.MOMENT),
        "request_state": Field(lambda card, viewer: card.c.request_state, outputs.CODE),
        "due_on": Field(lambda card, viewer: card.c.due_on),
        "access_state": Field(tell_latest_state, outputs.CODE),
    },
    links={
        "pillars": Many(
            PILLAR,
            rows=lambda card: list_pillars(card.c.pillars),
            order=lambda row: (row.c.place,),
            when=lambda card, viewer: and_(is_live(card, viewer), card.c.pillars.is_not(None)),
            ready=Ready(SCORES_ONLY, lambda card: card.c.pillar_scores),
        ),
        "segment": One(
            SEGMENT,
            on=lambda card, row: and_(
                row.c.buyer_id == card.c.buyer_id, row.c.supplier_record_id == card.c.supplier_record_id
            ),
        ),
        "assurance": Part(
            ASSURANCE_OF_CARD,
            when=lambda card, viewer: and_(is_live(card, viewer), card.c.assured_since.is_not(None)),
        ),
        "contacts": Many(
            CONTACTS,
            on=lambda card, contact: and_(
                contact.c.buyer_id == card.c.buyer_id, contact.c.supplier_record_id == card.c.supplier_record_id
            ),
            order=lambda row: (row.c.created_at, row.c.id),
            most=100,
        ),
        "invitations": Many(
            SUPPLIER_INVITATION,
            on=lambda card, invitation: and_(
                invitation.c.organization_id == card.c.buyer_id,
                invitation.c.supplier_record_id == card.c.supplier_record_id,
            ),
            order=lambda row: (row.c.created_at.desc(), row.c.id.desc()),
            most=MOST_INVITATIONS,
        ),
        "contact_suggestions": Many(
            CONTACT_SUGGESTION,
            on=lambda card, row: and_(
                row.c.buyer_id == card.c.buyer_id, row.c.supplier_record_id == card.c.supplier_record_id
            ),
            order=lambda row: (row.c.id.desc(),),
            most=MOST_SUGGESTIONS,
        ),
        "organization": One(LINKED_ORGANIZATION, on=lambda card, row: row.c.id == card.c.supplier_id),
    },
)

# By its id alone: the card that every record has.
LEAD_SUPPLIER = replace(
    SUPPLIER,
    scope=lambda card, viewer: and_(card.c.buyer_id == viewer.organization_id, card.c.questionnaire == LEAD),
)


def latest(name: str) -> Expression:
    """A column of what is shared now, beside the `latest_result` of the same profile."""
    return lambda card, viewer: card.join("latest").c[name]


def is_of_latest(card: Source, found: Source) -> Condition:
    """Whether shares of points are of what is shared now, and as of today or before."""
    return and_(
        found.c.supplier_id == card.c.supplier_id,
        found.c.submission_id == card.join("latest").c.id,
        found.c.from_day <= find_today(),
    )


# Only here are shared results reached, so that the one place that reads them leaves the receipts.
SUPPLIER_PROFILE = replace(
    SUPPLIER,
    name="SupplierProfile",
    joins={**SUPPLIER.joins, "latest": Join(select_latest_of_card)},
    fields={
        **SUPPLIER.fields,
        "tier": Field(latest("tier"), outputs.CODE),
        "band": Field(latest("band")),
        "total": Field(latest("total"), outputs.HUNDREDTHS),
        "coverage": Field(latest("coverage"), outputs.HUNDREDTHS),
        "period_end": Field(latest("period_end")),
        "submitted_at": Field(latest("submitted_at"), outputs.MOMENT),
        "valid_until": Field(latest("valid_until")),
        "is_expired": Field(
            lambda card, viewer: func.coalesce(latest("valid_until")(card, viewer) < today(viewer), false()),
            required=True,
        ),
        "shared_until": Field(latest("shared_until"), outputs.MOMENT),
    },
    links={
        **SUPPLIER.links,
        **PROFILE_LINKS,
        "access_requests": OF_CARD,
        "assurance": One(ASSURANCE, on=is_of_latest, order=lambda found: (found.c.from_day.desc(),)),
        "pillars": Many(
            PILLAR,
            rows=lambda card: list_pillars(card.join("latest").c.pillars),
            order=lambda row: (row.c.place,),
            when=lambda card, viewer: card.join("latest").c.pillars.is_not(None),
            ready=Ready(SCORES_ONLY, lambda card: card.join("latest").c.pillar_scores),
        ),
    },
)


def has_total(card: Source, viewer: Viewer) -> Condition:
    return and_(not_(card.c.total_missing), counts(card, viewer))


def lost_total(card: Source, viewer: Viewer) -> Condition:
    return and_(not_(card.c.total_missing), has_ended(card, viewer))


def by_total(*, descending: bool) -> Sort:
    """By the shared total; suppliers without one, or whose result has expired, come last in both directions."""
    return Sort(
        lambda card, viewer: card.c.ranked_total,
        kind=int,
        tie="supplier_record_id",
        descending=descending,
        tie_descending=not descending,  # so that one index serves both directions
        present=has_total,
        absent=lambda card, viewer: card.c.total_missing,
        withheld=lost_total,
        implied_by=frozenset({"tier", "band"}),
    )


SUPPLIERS = Connection(
    SUPPLIER,
    sorts={
        "name": Sort(lambda card, viewer: card.c.name_key, tie="supplier_record_id"),
        "total_highest": by_total(descending=True),
        "total_lowest": by_total(descending=False),
        "due": Sort(
            lambda card, viewer: card.c.due_on,
            kind=date,
            tie="supplier_record_id",
            present=lambda card, viewer: not_(card.c.due_missing),
            absent=lambda card, viewer: card.c.due_missing,
        ),
    },
    default_sort="name",
    filters={
        "questionnaire": equals("questionnaire"),
        "archived": equals("archived", Boolean()),
        "country": one_of("country"),
        "sector": one_of("sector", most=MOST_SECTORS),
        "state": one_of("record_state"),
        "tag": Filter(has_tag, ARRAY(Text()), list),
        "segment": Filter(is_in_segment, ARRAY(Text()), list),
        "request_state": one_of("request_state"),
        "tier": shared_one_of("tier"),
        "band": shared_one_of("band"),
        "expired": Filter(lambda card, viewer, value: is_expired(card, viewer) == value, Boolean()),
        "words": Filter(has_word, Text(), list, each=True),  # as directory.lists.names.make_search_tokens gives them
    },
    count_cap=10_000,
    always=frozenset({"questionnaire", "archived"}),
)
