"""What was stated of a submission beside its result, and disputed; row-level security lies beneath every noun."""

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    Boolean,
    Date,
    FromClause,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    column,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal import errors
from portal.database.tables import reviews as tables
from portal.database.tables.cards import RelationshipCard
from portal.reading import outputs
from portal.reading.assessments import SUBMISSION_TAG, item, node_id, supplier_scope
from portal.reading.declarations import Field, Many, Noun, One, plain
from portal.reading.evidence import EVIDENCE_TAG
from portal.reading.other_organizations import OTHER_ORGANIZATION
from portal.reading.sources import Condition, Join, Source, Viewer

STATEMENT_TAG, DISPUTE_TAG = "stmt", "disp"
RESULT_TAG = "shrd"
CARD = RelationshipCard.__table__
SUMMARY = tables.AssuranceSummary.__table__
SECTION = tables.AssuranceSection.__table__
FINDING_TABLE = tables.AssuranceFinding.__table__
STATEMENT_TABLE = tables.AssuranceStatement.__table__
MOST = 200
MOST_COMMENTS = 100


def find_today() -> Any:
    """The portal's day, in UTC."""
    return cast(func.timezone(literal_column("'UTC'"), func.portal.clock()), Date())


def without_row(row: Source, viewer: Viewer) -> Any:
    """The row of an answer, null outside groups."""
    return func.nullif(row.c.row_id, literal_column("''"))


def own_submission(row: Source, viewer: Viewer, name: str = "submission_id") -> Any:
    """The submission's id as its supplier knows it; null for others."""
    found = outputs.write_node_id(SUBMISSION_TAG, row.c.supplier_id, row.c[name])
    return case((and_(supplier_scope(row, viewer), row.c[name].is_not(None)), found))


def shared_submission(row: Source, viewer: Viewer, name: str = "submission_id") -> Any:
    """The id of the shared result, for whoever reads it now; null for others and for its supplier."""
    found = outputs.write_node_id(RESULT_TAG, row.c.supplier_id, row.c[name])
    return case((func.portal.may_read_submission(row.c.supplier_id, row.c[name]), found))


def of_submission(row: Source, other: Source) -> Condition:
    """Whether a row is about the submission (or shared result) that it is reached from."""
    return and_(other.c.supplier_id == row.c.supplier_id, other.c.submission_id == row.c.id)


ASSURANCE = Noun(
    "AssuranceSummary",
    source=SUMMARY,
    scope=None,
    fields={
        "since": Field(lambda row, viewer: row.c.from_day, required=True),
        "declared": plain("declared", outputs.HUNDREDTHS),
        "documented": plain("documented", outputs.HUNDREDTHS),
        "verified": plain("verified", outputs.HUNDREDTHS),
        "contradicted": plain("contradicted", outputs.HUNDREDTHS),
        "conflicts": plain("conflicts"),
        "profile_number": plain("profile_number"),
    },
)
# The same as a card holds it.
ASSURANCE_OF_CARD = replace(
    ASSURANCE,
    source=CARD,
    fields={
        **ASSURANCE.fields,
        "since": plain("assured_since", required=True),
        "profile_number": plain("assured_profile"),
    },
)
ASSURANCE_OF_SUBMISSION = One(
    ASSURANCE,
    on=lambda row, found: and_(of_submission(row, found), found.c.from_day <= find_today()),
    order=lambda found: (found.c.from_day.desc(),),
)
STANDING = Noun(
    "AnswerStanding",
    source=SECTION,  # its rows come from the section's JSON
    scope=None,
    fields={
        "question": Field(item("question"), required=True),
        "row_id": Field(item("row")),
        "standing": Field(item("standing"), outputs.CODE, required=True),
        "in_conflict": Field(
            lambda row, viewer: row.c.value["in_conflict"].astext == literal_column("'true'"), required=True
        ),
    },
)


def select_standing(section: Source) -> FromClause:
    """How the answers of a frozen section stand today."""
    found = SECTION.alias()
    return (
        select(found.c.standings)
        .where(
            found.c.supplier_id == section.c.supplier_id,
            found.c.submission_id == section.c.submission_id,
            found.c.section == section.c.section,
            found.c.from_day <= find_today(),
        )
        .order_by(found.c.from_day.desc())
        .limit(1)
        .correlate(section.rows)
        .lateral()
    )


def list_standings(section: Source) -> FromClause:
    """Its items as rows."""
    items = func.jsonb_array_elements(section.join("standing").c.standings)
    return items.table_valued(column("value", JSONB), with_ordinality="place").render_derived()


def list_all_standings(submission: Source) -> FromClause:
    """The same over all sections of a submission, for its supplier."""
    found, newer = SECTION.alias(), SECTION.alias()
    later = (
        select(true())
        .where(
            newer.c.supplier_id == found.c.supplier_id,
            newer.c.submission_id == found.c.submission_id,
            newer.c.section == found.c.section,
            newer.c.from_day > found.c.from_day,
            newer.c.from_day <= find_today(),
        )
        .exists()
    )
    items = func.jsonb_array_elements(found.c.standings)
    one = items.table_valued(column("value", JSONB), with_ordinality="place").render_derived()
    own = (found.c.supplier_id == submission.c.supplier_id, found.c.submission_id == submission.c.id)
    return (
        select(one.c.value, one.c.place, found.c.section)
        .select_from(found.join(one, true()))
        .where(*own, found.c.from_day <= find_today(), not_(later))
        .correlate(submission.rows)
        .lateral()
    )


STANDING_JOIN = Join(select_standing)
STANDINGS = Many(STANDING, rows=list_standings, order=lambda row: (row.c.place,))


def list_documents(finding: Source) -> FromClause:
    """The documents that a finding names, those that it rests on first."""
    return _unnest(finding, finding.c.rests_on.op("||")(finding.c.contradicts))


def _unnest(row: Source, ids: Any) -> FromClause:
    """The ids of a list as rows, with their owner and the row that they stand in."""
    one = func.unnest(ids).table_valued(column("id", Uuid()), with_ordinality="place").render_derived()
    return select(row.c.supplier_id, one.c.id, one.c.place).select_from(one).correlate(row.rows).lateral()


def write_verdict(row: Source, viewer: Viewer) -> Any:
    """What the finding around a document makes of it."""
    finding = row.parent
    if finding is None:
        raise errors.SetupError("This row is reached from a finding only.")
    return case((row.c.id == any_(finding.c.rests_on), "accepted"), else_="contradicted")


FINDING_DOCUMENT = Noun(
    "FindingDocument",
    source=FINDING_TABLE,  # its rows come from the finding's lists
    scope=None,
    fields={
        "evidence_id": Field(
            lambda row, viewer: outputs.write_node_id(EVIDENCE_TAG, row.c.supplier_id, row.c.id), required=True
        ),
        "verdict": Field(write_verdict, outputs.CODE, required=True),
    },
)
COMMENT = Noun(
    "DisputeComment",
    source=tables.DisputeComment.__table__,
    scope=None,
    fields={
        "side": Field(
            lambda row, viewer: case((row.c.author_id == row.c.supplier_id, "supplier"), else_="reviewer"),
            outputs.CODE,
            required=True,
        ),
        "body": plain("body", outputs.LINKLESS),
        "made_at": plain("made_at", outputs.MOMENT),
    },
)


def list_dispute_documents(dispute: Source) -> FromClause:
    """The documents that a supplier brings."""
    return _unnest(dispute, dispute.c.documents)


DISPUTE_DOCUMENT = Noun(
    "DisputeDocument",
    source=FINDING_TABLE,  # its rows come from the dispute's list
    scope=None,
    fields={
        "evidence_id": Field(
            lambda row, viewer: outputs.write_node_id(EVIDENCE_TAG, row.c.supplier_id, row.c.id), required=True
        )
    },
)
DISPUTE = Noun(
    "Dispute",
    source=tables.Dispute.__table__,
    scope=None,
    key=("supplier_id", "id"),
    fields={
        "id": node_id(DISPUTE_TAG, "supplier_id"),
        "statement_id": node_id(STATEMENT_TAG, "supplier_id", "statement_id"),
        "submission_id": Field(own_submission),
        "result_id": Field(shared_submission),
        "section": plain("section"),
        "question": plain("question"),
        "row_id": Field(without_row),
        "reason": plain("reason"),
        "state": plain("state", outputs.CODE),
        "opened_at": plain("opened_at", outputs.MOMENT),
        "closed_at": plain("closed_at", outputs.MOMENT),
        "closed_because": plain("closed_because", outputs.CODE),
        "decided_by_statement_id": node_id(STATEMENT_TAG, "supplier_id", "decided_by_statement", required=None),
    },
    links={
        "comments": Many(
            COMMENT,
            on=lambda row, comment: and_(comment.c.supplier_id == row.c.supplier_id, comment.c.dispute_id == row.c.id),
            order=lambda row: (row.c.made_at, row.c.id),
            most=MOST_COMMENTS,
        ),
        "documents": Many(DISPUTE_DOCUMENT, rows=list_dispute_documents, order=lambda row: (row.c.place,)),
    },
)


def is_superseded(row: Source, viewer: Viewer) -> Any:
    """Whether the same reviewer has stated something newer of the same answer."""
    newer = FINDING_TABLE.alias()
    return (
        select(true())
        .where(
            newer.c.supplier_id == row.c.supplier_id,
            newer.c.submission_id == row.c.submission_id,
            newer.c.question == row.c.question,
            newer.c.row_id == row.c.row_id,
            newer.c.reviewer_id == row.c.reviewer_id,
            newer.c.statement_id > row.c.statement_id,
        )
        .correlate(*row.froms)
        .exists()
    )


def is_statement(row: Source, other: Source) -> Condition:
    return and_(other.c.supplier_id == row.c.supplier_id, other.c.id == row.c.statement_id)


def may_be_named(row: Source, other: Source) -> Condition:
    """Another buyer's reviewer is not named to a reader; a third party is, and oneself."""
    is_told = or_(row.c.is_third_party, row.c.reviewer_id == func.portal.current_organization())
    return and_(other.c.id == row.c.reviewer_id, is_told)


def make_finding(named: Any) -> Noun:
    """A finding, with its reviewer where `named` says so."""
    return Noun(
        "AssuranceFinding",
        source=FINDING_TABLE,
        scope=None,
        joins={"statement": Join(STATEMENT_TABLE, is_statement)},
        fields={
            "statement_id": node_id(STATEMENT_TAG, "supplier_id", "statement_id"),
            "section": plain("section"),
            "question": plain("question"),
            "row_id": Field(without_row),
            "level": plain("level", outputs.CODE),
            "basis": plain("basis", outputs.LINKLESS),
            "not_shown": plain("not_shown", outputs.LINKLESS),
            "beyond": plain("beyond", outputs.LINKLESS),
            "as_of": plain("as_of"),
            "made_at": Field(lambda row, viewer: row.join("statement").c.made_at, outputs.MOMENT),
            "is_third_party": plain("is_third_party"),
            "is_superseded": Field(is_superseded, required=True),
        },
        links={
            "reviewer": One(OTHER_ORGANIZATION, on=named),
            "documents": Many(FINDING_DOCUMENT, rows=list_documents, order=lambda row: (row.c.place,), most=40),
            "disputes": Many(
                DISPUTE,
                on=lambda row, dispute: and_(
                    dispute.c.supplier_id == row.c.supplier_id,
                    dispute.c.statement_id == row.c.statement_id,
                    dispute.c.question == row.c.question,
                    dispute.c.row_id == row.c.row_id,
                ),
                order=lambda row: (row.c.id,),
                most=20,
            ),
        },
    )


FINDING = make_finding(may_be_named)
OWN_FINDING = make_finding(lambda row, other: other.c.id == row.c.reviewer_id)


def newest_findings(row: Source) -> Any:
    return (row.c.question, row.c.row_id, row.c.statement_id.desc())


FINDINGS_OF_SECTION = Many(
    FINDING,
    on=lambda section, row: and_(
        row.c.supplier_id == section.c.supplier_id,
        row.c.submission_id == section.c.submission_id,
        row.c.section == section.c.section,
    ),
    order=newest_findings,
    most=MOST,
)
FINDINGS_OF_STATEMENT = Many(
    FINDING,
    on=lambda row, found: and_(found.c.supplier_id == row.c.supplier_id, found.c.statement_id == row.c.id),
    order=lambda row: (row.c.section, row.c.question, row.c.row_id),
    most=MOST,
)


EARLIER_FINDING = Noun(
    "EarlierFinding",
    source=FINDING_TABLE,  # its rows come from a function
    scope=None,
    fields={
        "statement_id": node_id(STATEMENT_TAG, "supplier_id", "statement_id"),
        "revision": plain("revision", required=True),
        "section": plain("section", required=True),
        "question": plain("question", required=True),
        "row_id": plain("row_id"),
        "level": plain("level", outputs.CODE, required=True),
        "as_of": plain("as_of", required=True),
        "is_third_party": plain("is_third_party", required=True),
        "is_unchanged": plain("is_unchanged", required=True),
    },
)


def list_earlier_findings(submission: Source) -> FromClause:
    """What was stated on earlier revisions of a submission, or of a shared result, and not stated anew."""
    return func.portal.list_earlier_findings(submission.c.supplier_id, submission.c.id).table_valued(
        *(column(name, Uuid()) for name in ("supplier_id", "statement_id")),
        column("revision", Integer),
        *(column(name, Text) for name in ("section", "question", "row_id", "level")),
        column("as_of", Date),
        *(column(name, Boolean) for name in ("is_third_party", "is_unchanged")),
    )


EARLIER_FINDINGS = Many(
    EARLIER_FINDING,
    rows=list_earlier_findings,
    order=lambda row: (row.c.section, row.c.question, row.c.row_id.asc().nulls_first(), row.c.statement_id.desc()),
    most=MOST,
)


def read_remark(row: Source, viewer: Viewer) -> Any:
    """Words on the whole of a statement, for whoever reads all that it speaks of."""
    return outputs.LINKLESS.write(func.portal.read_remark(row.c.supplier_id, row.c.id))


STATEMENT = Noun(
    "AssuranceStatement",
    source=STATEMENT_TABLE,
    scope=None,
    key=("supplier_id", "id"),
    fields={
        "id": node_id(STATEMENT_TAG, "supplier_id"),
        "submission_id": Field(own_submission),
        "result_id": Field(shared_submission),
        "as_of": plain("as_of"),
        "made_at": plain("made_at", outputs.MOMENT),
        "remark": Field(read_remark, outputs.LINKLESS),
        "is_third_party": plain("is_third_party"),
    },
    links={
        "reviewer": One(
            OTHER_ORGANIZATION,
            on=lambda row, other: and_(
                other.c.id == row.c.reviewer_id,
                or_(
                    row.c.is_third_party,
                    func.portal.current_organization().in_([row.c.reviewer_id, row.c.supplier_id]),
                ),
            ),
        ),
        "findings": FINDINGS_OF_STATEMENT,
    },
)
