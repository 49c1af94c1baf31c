"""What a supplier sees of its assessments, submissions and results, and both sides see of a request."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Interval,
    Uuid,
    and_,
    cast,
    column,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.database.tables import assessments as tables
from portal.database.tables.directory import SupplierRecord
from portal.database.tables.identity import Organization
from portal.reading import outputs
from portal.reading.answers import ASSESSMENT_TAG, CHANGES, SITE_TAG, select_kinds
from portal.reading.declarations import (
    Connection,
    Expression,
    Field,
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
from portal.reading.feedback import FEEDBACK_OF_SUBMISSION
from portal.reading.sources import Condition, Join, Source, Viewer

MOST_EXTRAS = 10
RENEWAL_DAYS = 45  # before the validity of a result ends: a letter tells it, and the next period is offered
SUBMISSION_TAG, REQUEST_TAG, RECEIVED_TAG = "subm", "rqst", "rcvd"
SUPPLIER_TAG, CLARIFICATION_TAG = "supp", "clar"


def node_id(tag: str, owner: str, own: str = "id", *, required: bool | None = True) -> Field:
    """The opaque id that two columns make."""
    return Field(lambda row, viewer: outputs.write_node_id(tag, row.c[owner], row.c[own]), required=required)


def supplier_scope(row: Source, viewer: Viewer) -> Condition:
    return row.c.supplier_id == viewer.organization_id  # type: ignore[no-any-return]


def buyer_scope(row: Source, viewer: Viewer) -> Condition:
    return row.c.buyer_id == viewer.organization_id  # type: ignore[no-any-return]


def newest_first() -> Sort:
    """By id: ids grow with time."""
    return Sort(lambda row, viewer: row.c.id, kind=UUID, descending=True, tie_descending=True)


def list_json(name: str) -> Any:
    """The items of a JSON column as rows."""
    return lambda row: (
        func.jsonb_array_elements(row.c[name])
        .table_valued(column("value", JSONB), with_ordinality="place")
        .render_derived()
    )


def item(name: str, kind: Any = None) -> Expression:
    """A text of a JSON item, or a number of it."""
    if kind is None:
        return lambda row, viewer: row.c.value[name].astext
    return lambda row, viewer: cast(row.c.value[name].astext, kind)


def find_due_moment(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    """The end of the due day where the supplier is; by UTC while no organization has accepted."""
    zone = func.coalesce(row.join("supplier").c.time_zone, literal_column("'UTC'"))
    after = cast(row.c.due_on, DateTime()) + literal_column("interval '1 day'", Interval)
    return func.timezone(func.portal.find_time_zone(zone), after, type_=DateTime(timezone=True))


def is_overdue(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    """Whether a request waits though its day is over where the supplier is."""
    waits = or_(row.c.state == literal_column("'open'"), row.c.state == literal_column("'accepted'"))
    return and_(waits, find_due_moment(row, viewer) <= viewer.now)


ASKED_SUPPLIER = Join(Organization.__table__, lambda row, supplier: supplier.c.id == row.c.supplier_id)
ASKED = {
    "due_at": Field(find_due_moment, outputs.MOMENT, required=True),
    "is_overdue": Field(is_overdue, required=True),
    "questionnaire": plain("questionnaire"),
    "minimum_tier": plain("minimum_tier", outputs.CODE),
    "subject": plain("subject", outputs.CODE),
    "subject_name": plain("subject_name"),
    "period_start": plain("period_start"),
    "period_end": plain("period_end"),
    "purpose": plain("purpose"),
    "legal_basis": plain("legal_basis"),
    "message": plain("message"),
    "due_on": plain("due_on"),
    "every_months": plain("every_months"),
    "after_period_end": plain("after_period_end"),
    "state": plain("state", outputs.CODE),
    "state_reason": plain("state_reason"),
    "created_at": plain("created_at", outputs.MOMENT),
    "updated_at": plain("updated_at", outputs.MOMENT),
}

REQUEST: Noun = Noun(
    "Request",
    source=tables.Request.__table__,
    scope=buyer_scope,
    key=("buyer_id", "id", "supplier_record_id", "questionnaire"),
    joins={
        "record": Join(
            SupplierRecord.__table__,
            lambda row, record: and_(record.c.buyer_id == row.c.buyer_id, record.c.id == row.c.supplier_record_id),
        ),
        "supplier": ASKED_SUPPLIER,
    },
    fields=ASKED
    | {
        "id": node_id(REQUEST_TAG, "buyer_id"),
        "supplier_id": node_id(SUPPLIER_TAG, "buyer_id", "supplier_record_id"),
        "supplier_name": Field(lambda row, viewer: row.join("record").c.name, required=True),
        "external_reference": plain("external_reference"),
        "answer_withdrawn_on": Field(lambda row, viewer: func.portal.find_withdrawal(row.c.buyer_id, row.c.id)),
        "reminder_days": plain("reminder_days"),
        "campaign_id": node_id("camp", "buyer_id", "campaign_id", required=None),
        "cadence_id": node_id("cade", "buyer_id", "cadence_id", required=None),
        "state_changed_at": plain("state_changed_at", outputs.MOMENT),
    },
    links={
        "extras": Many(
            lambda: REQUEST,
            on=lambda row, target: and_(target.c.buyer_id == row.c.buyer_id, target.c.extra_of == row.c.id),
            order=lambda row: (row.c.id,),
            most=MOST_EXTRAS,
        ),
        "extra_of": One(
            lambda: REQUEST,
            on=lambda row, target: and_(target.c.buyer_id == row.c.buyer_id, target.c.id == row.c.extra_of),
        ),
    },
)

RECEIVED_REQUEST: Noun = Noun(
    "ReceivedRequest",
    source=tables.Request.__table__,
    scope=supplier_scope,
    key=("buyer_id", "id", "questionnaire", "minimum_tier"),
    joins={
        "buyer": Join(Organization.__table__, lambda row, buyer: buyer.c.id == row.c.buyer_id),
        "supplier": ASKED_SUPPLIER,
    },
    fields=ASKED
    | {
        "id": node_id(RECEIVED_TAG, "buyer_id"),
        **{name: plain(name, outputs.LINKLESS) for name in ("subject_name", "purpose", "legal_basis", "message")},
        "buyer_name": Field(lambda row, viewer: row.join("buyer").c.name),
    },
    links={
        "assessment": One(
            lambda: ASSESSMENT,
            on=lambda row, target: and_(target.c.supplier_id == row.c.supplier_id, target.c.id == row.c.assessment_id),
        ),
        "extras": Many(
            lambda: RECEIVED_REQUEST,
            on=lambda row, target: and_(
                target.c.buyer_id == row.c.buyer_id,
                target.c.extra_of == row.c.id,
                target.c.supplier_id == row.c.supplier_id,
            ),
            order=lambda row: (row.c.id,),
            most=MOST_EXTRAS,
        ),
        "extra_of": One(
            lambda: RECEIVED_REQUEST,
            on=lambda row, target: and_(
                target.c.buyer_id == row.c.buyer_id,
                target.c.id == row.c.extra_of,
                target.c.supplier_id == row.c.supplier_id,
            ),
        ),
    },
)


def listed_scope(row: Source, viewer: Viewer) -> Condition:
    """A second part is no row of its own while it stands where its first request stands: it is shown with that."""
    first = tables.Request.__table__.alias()
    together = exists().where(
        first.c.buyer_id == row.c.buyer_id,
        first.c.id == row.c.extra_of,
        first.c.supplier_id == row.c.supplier_id,
        first.c.state == row.c.state,
    )
    return and_(supplier_scope(row, viewer), or_(row.c.extra_of.is_(None), not_(together)))


LISTED_REQUEST = replace(RECEIVED_REQUEST, scope=listed_scope)

PILLAR_SCORE = Noun(
    "PillarScore",
    source=tables.Result.__table__,  # its rows come from the result's JSON
    scope=None,
    fields={
        "key": Field(item("key"), required=True),
        "title": Field(item("title"), required=True),
        "score": Field(item("score", Integer), outputs.HUNDREDTHS),
        "weight": Field(item("weight", Integer), outputs.HUNDREDTHS, required=True),
        "state": Field(item("reason"), outputs.CODE, required=True),
    },
)

SCORES_ONLY = ("key", "score")
PILLARS = Many(
    PILLAR_SCORE,
    rows=list_json("pillars"),
    order=lambda row: (row.c.place,),
    ready=Ready(SCORES_ONLY, lambda row: row.c.pillar_scores),
)

CRITICAL_HIT = Noun(
    "CriticalHit",
    source=tables.Result.__table__,  # its rows come from the result's JSON
    scope=None,
    fields={"rule": Field(item("rule"), required=True), "section": Field(item("section"), required=True)},
)


def is_newest_profile(result: Source) -> Condition:
    """Whether a result is of the newest profile that its submission was scored with."""
    other = tables.Result.__table__.alias()
    newest = (
        select(func.max(other.c.profile_number))
        .where(other.c.supplier_id == result.c.supplier_id, other.c.submission_id == result.c.submission_id)
        .scalar_subquery()
    )
    return result.c.profile_number == newest  # type: ignore[no-any-return]


RESTORATION = Noun(
    "Restoration",
    source=tables.Submission.__table__,
    scope=None,
    fields={
        "at": plain("restored_at", outputs.MOMENT, required=True),
        "withdrawn_revision": plain("restored_revision", required=True),
        "reason": plain("restored_reason"),
    },
)
RESTORED = Part(RESTORATION, when=lambda row, viewer: and_(row.c.restored_at.is_not(None), row.c.state == "current"))


def is_renewal_due(row: Source, viewer: Viewer) -> Condition:
    """Whether a submission that counts ends soon or has ended, with nothing for a later period begun yet."""
    result, later = tables.Result.__table__.alias(), tables.Assessment.__table__.alias()
    last_day = (
        select(result.c.valid_until)
        .where(result.c.supplier_id == row.c.supplier_id, result.c.submission_id == row.c.id, result.c.is_own_tier)
        .order_by(result.c.profile_number.desc())
        .limit(1)
        .correlate(*row.froms)
        .scalar_subquery()
    )
    begun = (
        exists()
        .where(
            later.c.supplier_id == row.c.supplier_id,
            later.c.questionnaire == row.c.questionnaire,
            later.c.subject_key == row.c.subject_key,
            later.c.period_end > row.c.period_end,
        )
        .correlate(*row.froms)
    )
    day = cast(func.timezone(literal_column("'UTC'"), viewer.now), Date())
    return and_(row.c.state == "current", last_day <= day + RENEWAL_DAYS, not_(begun))


RENEWAL = Noun(
    "RenewalOffer",
    source=tables.Submission.__table__,
    scope=None,
    fields={
        "period_start": Field(lambda row, viewer: row.c.period_end + 1, required=True),
        "period_end": Field(
            lambda row, viewer: func.portal.find_next_period_end(row.c.period_start, row.c.period_end), required=True
        ),
    },
)

RESULT = Noun(
    "Result",
    source=tables.Result.__table__,
    scope=supplier_scope,
    identity="submission_id",
    key=("supplier_id", "submission_id", "profile_number", "tier_scored"),
    fields={
        "tier": plain("tier_scored", outputs.CODE),
        "is_own_tier": plain("is_own_tier"),
        "total": plain("total", outputs.HUNDREDTHS),
        "band": plain("band"),
        "band_reason": plain("band_reason", outputs.CODE),
        "coverage": plain("coverage", outputs.HUNDREDTHS),
        "profile_number": plain("profile_number"),
        "valid_until": plain("valid_until"),
        "is_valid": Field(
            lambda row, viewer: (
                cast(func.timezone(literal_column("'UTC'"), viewer.now), type_=row.c.valid_until.type)
                <= row.c.valid_until
            ),
            required=True,
        ),
    },
    links={
        "pillars": PILLARS,
        "critical_hits": Many(CRITICAL_HIT, rows=list_json("critical"), order=lambda row: (row.c.place,)),
    },
)

SUBMISSION = Noun(
    "Submission",
    source=tables.Submission.__table__,
    scope=supplier_scope,
    key=("supplier_id", "id", "assessment_id", "content_hash"),
    fields={
        "id": node_id(SUBMISSION_TAG, "supplier_id"),
        "assessment_id": node_id(ASSESSMENT_TAG, "supplier_id", "assessment_id"),
        "questionnaire": plain("questionnaire"),
        "version": plain("version"),
        "content_hash": plain("content_hash"),
        "tier": plain("tier", outputs.CODE),
        "subject": plain("subject", outputs.CODE),
        "subject_name": plain("subject_name"),
        "period_start": plain("period_start"),
        "period_end": plain("period_end"),
        "revision": plain("revision"),
        "state": plain("state", outputs.CODE),
        "root_hash": Field(lambda row, viewer: func.encode(row.c.root_hash, literal_column("'hex'")), required=True),
        "submitted_at": plain("submitted_at", outputs.MOMENT),
        "withdrawn_at": plain("withdrawn_at", outputs.MOMENT),
        "withdrawn_reason": plain("withdrawn_reason"),
        "declared_staff": plain("staff"),
        "declared_staff_source": plain("staff_source", outputs.CODE),
    },
    links={
        "feedback": FEEDBACK_OF_SUBMISSION,
        "result": One(
            RESULT,
            on=lambda row, result: and_(
                result.c.supplier_id == row.c.supplier_id,
                result.c.submission_id == row.c.id,
                result.c.is_own_tier,
                is_newest_profile(result),
            ),
        ),
        "restored": RESTORED,
        "renewal_offer": Part(RENEWAL, when=is_renewal_due),
        "results": Many(
            RESULT,
            on=lambda row, result: and_(result.c.supplier_id == row.c.supplier_id, result.c.submission_id == row.c.id),
            order=lambda row: (
                row.c.profile_number.desc(),
                func.array_position(
                    literal_column("ARRAY['advanced', 'standard', 'basic', 'micro']"), row.c.tier_scored
                ),
            ),
        ),
    },
)

ASSESSMENT: Noun = Noun(
    "Assessment",
    source=tables.Assessment.__table__,
    scope=supplier_scope,
    key=("supplier_id", "id", "questionnaire", "version"),
    joins={"kinds": Join(select_kinds)},
    fields={
        "id": node_id(ASSESSMENT_TAG, "supplier_id"),
        "questionnaire": plain("questionnaire"),
        "version": plain("version"),
        "tier": plain("tier", outputs.CODE),
        "subject": plain("subject", outputs.CODE),
        "site_id": node_id(SITE_TAG, "supplier_id", "site_id", required=None),
        "period_start": plain("period_start"),
        "period_end": plain("period_end"),
        "revision": plain("revision"),
        "state": plain("state", outputs.CODE),
        "change_number": plain("change_number", outputs.INTEGER),
        "team_number": plain("team_number", outputs.INTEGER),
        "clarification_id": node_id(CLARIFICATION_TAG, "supplier_id", "clarification_id", required=None),
        "reopened": plain("reopened"),
        "corrects_id": node_id(ASSESSMENT_TAG, "supplier_id", "corrects", required=None),
        "upgraded_from_id": node_id(ASSESSMENT_TAG, "supplier_id", "upgraded_from", required=None),
        "submitted_at": plain("submitted_at", outputs.MOMENT),
        "created_at": plain("created_at", outputs.MOMENT),
        "updated_at": plain("updated_at", outputs.MOMENT),
    },
    links={
        "submission": One(
            SUBMISSION,
            on=lambda row, target: and_(target.c.supplier_id == row.c.supplier_id, target.c.assessment_id == row.c.id),
        ),
        "requests": Many(
            RECEIVED_REQUEST,
            on=lambda row, target: and_(target.c.supplier_id == row.c.supplier_id, target.c.assessment_id == row.c.id),
            order=lambda row: (row.c.due_on, row.c.id),
            most=100,
        ),
        "answers": CHANGES,
    },
)

BY_DUE_DATE = Sort(lambda row, viewer: row.c.due_on, kind=date)

REQUESTS = Connection(
    REQUEST,
    sorts={"newest": newest_first(), "due": BY_DUE_DATE},
    default_sort="newest",
    filters={
        "state": one_of("state"),
        "questionnaire": equals("questionnaire"),
        "campaign_id": equals("campaign_id", Uuid()),
    },
)
RECEIVED_REQUESTS = Connection(
    LISTED_REQUEST,
    sorts={"due": BY_DUE_DATE},
    default_sort="due",
    filters={"state": one_of("state"), "questionnaire": equals("questionnaire")},
)
ASSESSMENTS = Connection(
    ASSESSMENT,
    sorts={"newest": newest_first()},
    default_sort="newest",
    filters={"state": one_of("state"), "questionnaire": equals("questionnaire")},
)
SUBMISSIONS = Connection(
    SUBMISSION,
    sorts={"newest": newest_first()},
    default_sort="newest",
    filters={"state": one_of("state"), "questionnaire": equals("questionnaire")},
)
