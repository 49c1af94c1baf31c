"""What one supplier shared: a submission's result, and of the sections that a share names answers, trace and evidence.

The same declaration serves two viewers: a buyer reads what its live shares cover, and a supplier reads through one of
its own shares, which is exactly what the other side sees through it.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import FromClause, Text, and_, any_, case, exists, false, func, not_, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from portal.database.tables.assessments import Result, Submission, order_by_recency
from portal.database.tables.shares import Share
from portal.reading import outputs
from portal.reading.assessments import PILLARS, REQUEST, RESTORED, node_id
from portal.reading.assurance import ASSURANCE_OF_SUBMISSION, EARLIER_FINDINGS, RESULT_TAG
from portal.reading.declarations import Bond, Expression, Field, Link, Many, Noun, One
from portal.reading.evidence import SHARED_EVIDENCE, today
from portal.reading.feedback import OWN_FEEDBACK
from portal.reading.feedback import of_submission as is_of_submission
from portal.reading.outputs import Output
from portal.reading.shared_sections import SHARED_SECTION, hexadecimal
from portal.reading.sources import Condition, Source, Viewer

SUBMISSION = Submission.__table__
RESULT = Result.__table__
SHARE = Share.__table__
MOST_HISTORY = 100
MOST_FILES = 200
RESULT_COLUMNS = (
    "total",
    "band",
    "band_reason",
    "coverage",
    "pillars",
    "pillar_scores",
    "valid_until",
    "profile_number",
)


def select_results(*more: Any) -> Any:
    """Submissions with their own result beside them; `more` are columns for the bonds."""
    submission, result = SUBMISSION.alias(), RESULT.alias()
    beside = (
        select(*(result.c[name] for name in RESULT_COLUMNS))
        .where(
            result.c.supplier_id == submission.c.supplier_id,
            result.c.submission_id == submission.c.id,
            result.c.is_own_tier,
        )
        .order_by(result.c.profile_number.desc())
        .limit(1)
        .correlate(submission)
        .lateral()
    )
    statement = select(submission, *(beside.c[name] for name in RESULT_COLUMNS), *(one(submission) for one in more))
    return statement, submission, beside


def share_is_live(share: Any) -> Condition:
    """The predicate of the database over one share."""
    return func.portal.share_is_live(share.table_valued())


def share_covers(share: Any, submission: Any) -> Condition:
    return func.portal.share_covers(share.table_valued(), submission.table_valued())


def find_last(share: Any) -> Any:
    """The end of the longest of several shares; null where one of them has none."""
    return case((func.bool_or(share.c.until.is_(None)), None), else_=func.max(share.c.until))


def select_shared_with(viewer: Viewer) -> FromClause:
    """Every submission that a live share of another organization covers for the viewer, with the end of the longest."""

    def find_end(submission: Any) -> Any:
        share = SHARE.alias()
        return (
            select(find_last(share))
            .where(
                share.c.supplier_id == submission.c.supplier_id,
                share.c.buyer_id == viewer.organization_id,
                share_is_live(share),
                share_covers(share, submission),
            )
            .correlate(submission)
            .scalar_subquery()
            .label("shared_until")
        )

    statement, submission, beside = select_results(find_end)
    return (  # type: ignore[no-any-return]
        statement.select_from(submission.join(beside, true()))
        .where(
            submission.c.supplier_id != viewer.organization_id,
            func.portal.may_read_submission(submission.c.supplier_id, submission.c.id),
        )
        .subquery()
    )


def select_shown_by_share(viewer: Viewer) -> FromClause:
    """The newest submission that each live share of the viewer's own covers, with what that share opens."""
    statement, submission, beside = select_results()
    share, newest = SHARE.alias(), SUBMISSION.alias()
    shown = (
        select(newest.c.id)
        .where(
            newest.c.supplier_id == share.c.supplier_id,
            newest.c.questionnaire == share.c.questionnaire,  # this and the next say no more than `share_covers`, but
            newest.c.subject_key == share.c.subject_key,  # they reach an index
            share_covers(share, newest),
        )
        .order_by(*order_by_recency(newest.c))
        .limit(1)
        .correlate(share)
        .scalar_subquery()
    )
    opened = (
        share.c.id.label("share_id"),
        share.c.buyer_id.label("share_buyer"),
        share.c.until.label("shared_until"),
        share.c.sections.label("share_sections"),
        opens_all(share).label("share_evidence"),
        case((opens_named(share), share.c.sections)).label("share_documents"),
    )
    own = and_(submission.c.supplier_id == share.c.supplier_id, submission.c.id == shown)
    return (  # type: ignore[no-any-return]
        statement.add_columns(*opened)
        .select_from(share.join(submission, own).join(beside, true()))
        .where(share.c.supplier_id == viewer.organization_id, share_is_live(share))
        .subquery()
    )


def select_shown_together(viewer: Viewer) -> FromClause:
    """For each share of the viewer's own, what its buyer reads of its subject through all live shares together."""
    statement, submission, beside = select_results()
    share, newest = SHARE.alias(), SUBMISSION.alias()
    of_newest, of_shown = SHARE.alias(), SHARE.alias()
    readable = exists().where(goes_along(of_newest, share), share_covers(of_newest, newest)).correlate(share, newest)
    shown = (
        select(newest.c.id)
        .where(
            newest.c.supplier_id == share.c.supplier_id,
            newest.c.questionnaire == share.c.questionnaire,
            newest.c.subject_key == share.c.subject_key,
            readable,
        )
        .order_by(*order_by_recency(newest.c))
        .limit(1)
        .correlate(share)
        .scalar_subquery()
    )

    def gather(value: Any, *more: Any) -> Any:
        covering = (goes_along(of_shown, share), share_covers(of_shown, submission), *more)
        return select(value).where(*covering).correlate(share, submission).scalar_subquery()

    opened = (
        share.c.id.label("share_id"),
        share.c.buyer_id.label("share_buyer"),
        gather(find_last(of_shown)).label("shared_until"),
        func.array(gather(func.unnest(of_shown.c.sections)), type_=ARRAY(Text())).label("share_sections"),
        gather(func.bool_or(opens_all(of_shown))).label("share_evidence"),
        func.array(gather(func.unnest(of_shown.c.sections), opens_named(of_shown)), type_=ARRAY(Text())).label(
            "share_documents"
        ),
    )
    own = and_(submission.c.supplier_id == share.c.supplier_id, submission.c.id == shown)
    return (  # type: ignore[no-any-return]
        statement.add_columns(*opened)
        .select_from(share.join(submission, own).join(beside, true()))
        .where(share.c.supplier_id == viewer.organization_id)
        .subquery()
    )


def opens_all(share: Any) -> Condition:
    """Whether a share opens every document of a submission."""
    return and_(share.c.include_evidence, not_(share.c.sections_only))


def opens_named(share: Any) -> Condition:
    """Whether it opens the documents of its sections alone."""
    return and_(share.c.include_evidence, share.c.sections_only)


def goes_along(other: Any, share: Any) -> Condition:
    """Whether a share is live and lets the same buyer read of the same subject."""
    names = ("supplier_id", "buyer_id", "questionnaire", "subject_key")
    return and_(*(other.c[name] == share.c[name] for name in names), share_is_live(other))


def of_submission(result: Source, row: Source) -> Condition:
    return and_(row.c.supplier_id == result.c.supplier_id, row.c.submission_id == result.c.id)


def section_is_shared(result: Source, row: Source) -> Condition:
    """Whether a live share opens the section to the viewer."""
    may = func.portal.may_read_section(row.c.supplier_id, row.c.submission_id, row.c.section)
    return and_(of_submission(result, row), may)


def evidence_is_shared(result: Source, row: Source) -> Condition:
    may = func.portal.may_read_document(row.c.supplier_id, row.c.submission_id, row.c.section)
    return and_(of_submission(result, row), may)


def share_names_section(result: Source, row: Source) -> Condition:
    """Whether the one share that is looked through opens the section."""
    return and_(of_submission(result, row), row.c.section == any_(result.c.share_sections))


def share_opens_evidence(result: Source, row: Source) -> Condition:
    is_open = or_(result.c.share_evidence, row.c.section == any_(result.c.share_documents))
    return and_(of_submission(result, row), is_open)


def make_noun(source: Any, sections: Bond, evidence: Bond, earlier: Many = EARLIER_FINDINGS) -> Noun:
    """A shared result over one of the ways to it."""
    return Noun(
        "SharedResult",
        source=source,
        scope=None,
        key=("supplier_id", "id"),
        fields=RESULT_FIELDS,
        links={
            "pillars": PILLARS,
            "feedback": One(OWN_FEEDBACK, on=is_of_submission),
            "assurance": ASSURANCE_OF_SUBMISSION,
            "earlier_findings": earlier,
            "restored": RESTORED,
            "sections": Many(SHARED_SECTION, on=sections, order=lambda row: (row.c.position,), most=100),
            "evidence": Many(
                SHARED_EVIDENCE,
                on=evidence,
                order=lambda row: (row.c.section, row.c.question, row.c.row_id, row.c.evidence_id),
                most=MOST_FILES,
            ),
        },
    )


def is_valid(row: Source, viewer: Viewer) -> Condition:
    return today(viewer) <= row.c.valid_until  # type: ignore[no-any-return]


def required(expression: Expression, output: Output = outputs.PLAIN) -> Field:
    return Field(expression, output, required=True)


def column_of(name: str) -> Expression:
    return lambda row, viewer: row.c[name]


RESULT_FIELDS = {
    "id": node_id(RESULT_TAG, "supplier_id"),
    "questionnaire": required(column_of("questionnaire")),
    "version": required(column_of("version")),
    "content_hash": required(column_of("content_hash")),
    "tier": required(column_of("tier"), outputs.CODE),
    "subject": required(column_of("subject"), outputs.CODE),
    "subject_name": Field(column_of("subject_name")),
    "period_start": required(column_of("period_start")),
    "period_end": required(column_of("period_end")),
    "revision": required(column_of("revision")),
    "state": required(column_of("state"), outputs.CODE),
    "root_hash": hexadecimal("root_hash"),
    "submitted_at": required(column_of("submitted_at"), outputs.MOMENT),
    "total": Field(column_of("total"), outputs.HUNDREDTHS),
    "band": Field(column_of("band")),
    "band_reason": Field(column_of("band_reason"), outputs.CODE),
    "coverage": required(column_of("coverage"), outputs.HUNDREDTHS),
    "profile_number": required(column_of("profile_number")),
    "valid_until": required(column_of("valid_until")),
    "is_valid": required(is_valid),
    "shared_until": Field(column_of("shared_until"), outputs.MOMENT),
}
SHARED_RESULT = make_noun(select_shared_with, section_is_shared, evidence_is_shared)
# Through a share that is looked at alone nothing of other revisions is told: whether those are shared it does not know.
NONE_EARLIER = replace(EARLIER_FINDINGS, when=lambda row, viewer: false())
RESULT_OF_SHARE = make_noun(select_shown_by_share, share_names_section, share_opens_evidence, NONE_EARLIER)
RESULT_OF_ALL = make_noun(select_shown_together, share_names_section, share_opens_evidence, NONE_EARLIER)


def is_of_whole_supplier(card: Source, row: Source) -> Condition:
    """The submissions of the supplier as a whole for the card's questionnaire."""
    return and_(is_of_card(card, row), row.c.subject == "organization")


def select_latest_of_card(card: Source) -> FromClause:
    """What a card would show if it were written now: the result that `latest_result` gives, with its last share's end.

    Cards are written within seconds of a change; a profile that shows both must not show two figures meanwhile.
    """
    submission, result, share = SUBMISSION.alias(), RESULT.alias(), SHARE.alias()
    until = (
        select(find_last(share))
        .where(
            share.c.supplier_id == submission.c.supplier_id,
            share.c.buyer_id == card.c.buyer_id,
            share_is_live(share),
            share_covers(share, submission),
        )
        .correlate(submission, card.rows)
        .scalar_subquery()
    )
    of_result = ("band", "total", "coverage", "pillars", "pillar_scores", "valid_until")
    own = and_(
        result.c.supplier_id == submission.c.supplier_id,
        result.c.submission_id == submission.c.id,
        result.c.is_own_tier,
    )
    return (
        select(
            submission.c.id,
            submission.c.tier,
            submission.c.period_end,
            submission.c.submitted_at,
            *(result.c[name] for name in of_result),
            until.label("shared_until"),
        )
        .select_from(submission.join(result, own))
        .where(
            submission.c.supplier_id == card.c.supplier_id,
            submission.c.questionnaire == card.c.questionnaire,
            submission.c.subject == "organization",
            func.portal.may_read_submission(submission.c.supplier_id, submission.c.id),
        )
        .order_by(*order_by_recency(submission.c), result.c.profile_number.desc())
        .limit(1)
        .correlate(card.rows)
        .lateral()
    )


def is_of_card(card: Source, row: Source) -> Condition:
    return and_(row.c.supplier_id == card.c.supplier_id, row.c.questionnaire == card.c.questionnaire)


def is_request_of_card(card: Source, row: Source) -> Condition:
    return and_(
        row.c.buyer_id == card.c.buyer_id,
        row.c.supplier_record_id == card.c.supplier_record_id,
        row.c.questionnaire == card.c.questionnaire,
    )


# The buyer's profile of a supplier, beside what its card shows: to be merged into that noun's links.
PROFILE_LINKS: dict[str, Link] = {
    "latest_result": One(SHARED_RESULT, on=is_of_whole_supplier, order=lambda row: order_by_recency(row.c)),
    "history": Many(
        SHARED_RESULT,
        on=is_of_card,
        order=lambda row: order_by_recency(row.c),
        most=MOST_HISTORY,
    ),
    "requests": Many(
        REQUEST, on=is_request_of_card, order=lambda row: (row.c.created_at.desc(), row.c.id.desc()), most=100
    ),
}
