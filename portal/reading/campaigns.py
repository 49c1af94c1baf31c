"""What a buyer sees of its campaigns: what was asked of whom, how far the asking is, and what became of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, FromClause, Integer, Uuid, and_, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from portal.database.tables.assessments import Request
from portal.database.tables.campaigns import Campaign, CampaignAct, CampaignRecord
from portal.database.tables.directory import SupplierRecord
from portal.reading import outputs
from portal.reading.assessments import (
    ASKED_SUPPLIER,
    SUPPLIER_TAG,
    buyer_scope,
    is_overdue,
    list_json,
    newest_first,
    node_id,
)
from portal.reading.declarations import Connection, Field, Filter, Many, Noun, Sort, one_of, plain
from portal.reading.sources import Join, Source

CAMPAIGN_TAG = "camp"
REQUEST, RECORD = Request.__table__, CampaignRecord.__table__
UTC: ColumnElement[Any] = literal_column("'UTC'")


def of_campaign(row: Source, table: Any) -> Any:
    """Rows that belong to a campaign."""
    return and_(table.c.buyer_id == row.c.buyer_id, table.c.campaign_id == row.c.id)


def count_requests(row: Source) -> FromClause:
    """How many of a campaign's requests are in each state."""
    table = REQUEST.alias()
    counted = select(table.c.state, func.count().label("count")).where(of_campaign(row, table))
    return counted.group_by(table.c.state).correlate(row.rows).lateral()


def count_days(row: Source) -> FromClause:
    """How many of a campaign's requests came on each day to the state that they are in, without those still open."""
    table = REQUEST.alias()
    day = cast(func.timezone(UTC, table.c.state_changed_at), Date).label("day")
    counted = select(day, table.c.state, func.count().label("count")).where(
        of_campaign(row, table), table.c.state != literal_column("'open'")
    )
    return counted.group_by(day, table.c.state).correlate(row.rows).lateral()


def count_outcomes(row: Source) -> FromClause:
    """What became of a campaign's suppliers so far, by outcome."""
    table = RECORD.alias()
    counted = select(table.c.outcome, func.count().label("count")).where(
        of_campaign(row, table), table.c.outcome.is_not(None)
    )
    return counted.group_by(table.c.outcome).correlate(row.rows).lateral()


def count_waiting(row: Source, viewer: Any) -> Any:
    """How many a campaign has still to ask; the partial index holds no others."""
    table = RECORD.alias()
    counted = select(func.count()).where(of_campaign(row, table), table.c.outcome.is_(None))
    return cast(counted.correlate(row.rows).scalar_subquery(), Integer)


def count_linked(row: Source, viewer: Any) -> Any:
    """How many of a campaign's requests reach an organization, which can see them."""
    table = REQUEST.alias()
    counted = select(func.count()).where(of_campaign(row, table), table.c.supplier_id.is_not(None))
    return cast(counted.correlate(row.rows).scalar_subquery(), Integer)


def count_overdue(row: Source, viewer: Any) -> Any:
    """How many of a campaign's requests wait though their day is over where their suppliers are."""
    request = Source(REQUEST.alias(), {"supplier": ASKED_SUPPLIER})
    overdue = is_overdue(request, viewer)
    counted = select(func.count()).select_from(request.write_from()).where(of_campaign(row, request.rows), overdue)
    return cast(counted.correlate(row.rows).scalar_subquery(), Integer)


COUNT = Field(lambda row, viewer: cast(row.c.count, Integer), required=True)
STATE_COUNT = Noun(
    "CampaignStateCount",
    source=REQUEST,
    scope=None,
    fields={"state": Field(lambda row, viewer: row.c.state, outputs.CODE, required=True), "count": COUNT},
)
DAY_COUNT = Noun(
    "CampaignDayCount",
    source=REQUEST,
    scope=None,
    fields={
        "day": Field(lambda row, viewer: row.c.day, required=True),
        "state": Field(lambda row, viewer: row.c.state, outputs.CODE, required=True),
        "count": COUNT,
    },
)
OUTCOME_COUNT = Noun(
    "CampaignOutcomeCount",
    source=RECORD,
    scope=None,
    fields={"outcome": Field(lambda row, viewer: row.c.outcome, outputs.CODE, required=True), "count": COUNT},
)
TERM = Noun(
    "CampaignFilterTerm",
    source=Campaign.__table__,  # its rows come from the campaign's JSON
    scope=None,
    fields={
        "field": Field(lambda row, viewer: row.c.value["field"].astext, required=True),
        "values": Field(lambda row, viewer: cast(row.c.value["values"], JSONB), required=True),
    },
)
ACT = Noun(
    "CampaignAct",
    source=CampaignAct.__table__,
    scope=buyer_scope,
    fields={
        "kind": plain("kind", outputs.CODE),
        "due_on": plain("due_on"),
        "message": plain("message"),
        "narrowed_to": Field(lambda row, viewer: func.cardinality(row.c.records)),
        "changed_count": plain("changed_count"),
        "asked_at": plain("created_at", outputs.MOMENT),
        "done_at": plain("done_at", outputs.MOMENT),
    },
)
CAMPAIGN = Noun(
    "Campaign",
    source=Campaign.__table__,
    scope=buyer_scope,
    key=("buyer_id", "id"),
    fields={
        "id": node_id(CAMPAIGN_TAG, "buyer_id"),
        "name": plain("name"),
        "questionnaire": plain("questionnaire"),
        "minimum_tier": plain("minimum_tier", outputs.CODE),
        "period_start": plain("period_start"),
        "period_end": plain("period_end"),
        "subject": plain("subject", outputs.CODE),
        "subject_name": plain("subject_name"),
        "purpose": plain("purpose"),
        "legal_basis": plain("legal_basis"),
        "message": plain("message"),
        "external_reference": plain("external_reference"),
        "due_on": plain("due_on"),
        "asks_answered": plain("asks_answered"),
        "supplier_count": plain("record_count"),
        "state": plain("state", outputs.CODE),
        "created_at": plain("created_at", outputs.MOMENT),
        "updated_at": plain("updated_at", outputs.MOMENT),
        "sent_at": plain("sent_at", outputs.MOMENT),
        "waiting_count": Field(count_waiting, required=True),
        "linked_count": Field(count_linked, required=True),
        "overdue_count": Field(count_overdue, required=True),
    },
    links={
        "filter": Many(TERM, rows=list_json("filter"), order=lambda row: (row.c.place,)),
        "outcomes": Many(OUTCOME_COUNT, rows=count_outcomes, order=lambda row: (row.c.outcome,)),
        "states": Many(STATE_COUNT, rows=count_requests, order=lambda row: (row.c.state,)),
        "progress": Many(DAY_COUNT, rows=count_days, order=lambda row: (row.c.day, row.c.state), most=2_000),
        "acts": Many(
            ACT,
            on=lambda row, act: of_campaign(row, act),
            order=lambda row: (row.c.id.desc(),),
            most=50,
        ),
    },
)
CAMPAIGNS = Connection(
    CAMPAIGN, sorts={"newest": newest_first()}, default_sort="newest", filters={"state": one_of("state")}
)
CAMPAIGN_SUPPLIER = Noun(
    "CampaignSupplier",
    source=RECORD,
    scope=buyer_scope,
    identity="supplier_record_id",
    joins={
        "record": Join(
            SupplierRecord.__table__,
            lambda row, record: and_(record.c.buyer_id == row.c.buyer_id, record.c.id == row.c.supplier_record_id),
        )
    },
    fields={
        "supplier_id": node_id(SUPPLIER_TAG, "buyer_id", "supplier_record_id"),
        "supplier_name": Field(lambda row, viewer: row.join("record").c.name, required=True),
        "outcome": plain("outcome", outputs.CODE),
    },
)
CAMPAIGN_SUPPLIERS = Connection(
    CAMPAIGN_SUPPLIER,
    sorts={
        "supplier": Sort(
            lambda row, viewer: row.c.supplier_record_id,
            kind=UUID,
            tie="supplier_record_id",
        )
    },
    default_sort="supplier",
    filters={
        "campaign_id": Filter(lambda row, viewer, value: row.c.campaign_id == value, Uuid()),
        "outcome": one_of("outcome"),
    },
    always=frozenset({"campaign_id"}),
)
