"""What a buyer sees of its cadences: how often it asks suppliers of a tier anew, and whom on which day."""

from datetime import date
from typing import Any

from sqlalchemy import Integer, Uuid, and_, case, cast, func, literal_column, select

from portal.database.tables.cadences import Cadence, CadencePlan
from portal.database.tables.directory import SupplierRecord
from portal.reading import outputs
from portal.reading.assessments import SUPPLIER_TAG, buyer_scope, newest_first, node_id
from portal.reading.declarations import Connection, Expression, Field, Filter, Noun, Sort, plain
from portal.reading.sources import Condition, Join, Source, Viewer

CADENCE_TAG = "cade"
PLAN = CadencePlan.__table__


def kept_scope(row: Source, viewer: Viewer) -> Condition:
    """A buyer's own that it has not removed."""
    return and_(buyer_scope(row, viewer), row.c.state != literal_column("'removed'"))


def of_plan(figure: Any, *conditions: Any) -> Expression:
    """A figure of those whom a cadence asks."""

    def read(row: Source, viewer: Viewer) -> Any:
        table = PLAN.alias()
        chosen = [table.c.buyer_id == row.c.buyer_id, table.c.cadence_id == row.c.id]
        found = select(figure(table)).where(*chosen, *(condition(table) for condition in conditions))
        return found.correlate(row.rows).scalar_subquery()

    return read


def find_next_day(row: Source, viewer: Viewer) -> Any:
    """The first day on which a supplier is asked; none while the cadence rests."""
    active = row.c.state == literal_column("'active'")
    return case((active, of_plan(lambda table: func.min(table.c.ask_on))(row, viewer)))


CADENCE = Noun(
    "Cadence",
    source=Cadence.__table__,
    scope=kept_scope,
    key=("buyer_id", "id"),
    fields={
        "id": node_id(CADENCE_TAG, "buyer_id"),
        "questionnaire": plain("questionnaire"),
        "tier": plain("tier", outputs.CODE),
        "every_months": plain("every_months"),
        "lead_days": plain("lead_days"),
        "purpose": plain("purpose"),
        "legal_basis": plain("legal_basis"),
        "message": plain("message"),
        "is_paused": Field(lambda row, viewer: row.c.state == literal_column("'paused'"), required=True),
        "is_planned": Field(lambda row, viewer: row.c.planned_at.is_not(None), required=True),
        "supplier_count": Field(of_plan(lambda table: cast(func.count(), Integer)), required=True),
        "held_count": Field(
            of_plan(lambda table: cast(func.count(), Integer), lambda table: table.c.held.is_not(None)), required=True
        ),
        "next_on": Field(find_next_day),
        "created_at": plain("created_at", outputs.MOMENT),
        "updated_at": plain("updated_at", outputs.MOMENT),
    },
)
CADENCES = Connection(CADENCE, sorts={"newest": newest_first()}, default_sort="newest")
CADENCE_SUPPLIER = Noun(
    "CadenceSupplier",
    source=PLAN,
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
        "ask_on": plain("ask_on"),
        "ends_on": plain("ends_on"),
        "after_period_end": plain("period_end"),
        "held": plain("held", outputs.CODE),
    },
)
CADENCE_SUPPLIERS = Connection(
    CADENCE_SUPPLIER,
    sorts={"day": Sort(lambda row, viewer: row.c.ask_on, kind=date, tie="supplier_record_id")},
    default_sort="day",
    filters={"cadence_id": Filter(lambda row, viewer, value: row.c.cadence_id == value, Uuid())},
    always=frozenset({"cadence_id"}),
)
