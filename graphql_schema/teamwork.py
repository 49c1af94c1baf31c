"""What colleagues do together on an assessment, as its own supplier sees it: who has what, remarks, and sign-offs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from graphql_schema import paging, rules
from graphql_schema.colleague import Colleague, make_colleague
from portal.assessments.teamwork import TeamChanges as Changes
from portal.database.tables.teamwork import AnswerComment as CommentRow
from portal.database.tables.teamwork import Assignment as AssignmentRow
from portal.database.tables.teamwork import SignOff as SignOffRow

BY_TIME = paging.Order("answers.comments", (datetime,))


@rules.type(rules.AS_PARENT, description="Who answers a section.")
class SectionAssignment:
    section: str = rules.field(description="The section's key.")
    assignee: Colleague | None = rules.field(description="Who answers it; null where it was taken back.")
    due_on: date | None = rules.field(description="The day by which it is to be answered.")
    note: str | None = rules.field(description="A word to the assignee.")
    assigned_by: Colleague | None = rules.field(description="Who gave it; null for a machine.")
    assigned_at: datetime = rules.field(description="When it was given.")
    team_number: int = rules.field(description="The change that made it so.")


@rules.type(
    rules.AS_PARENT, description="A remark to colleagues on a question; never shared, and part of no submission."
)
class AnswerComment:
    comment_id: UUID = rules.field(description="The id that the client chose.")
    thread_id: UUID = rules.field(description="The first comment of its thread.")
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    author: Colleague | None = rules.field(description="Who wrote it.")
    body: str | None = rules.field(description="What it says; null once it was removed.")
    written_at: datetime = rules.field(description="When it was written.")
    resolved_at: datetime | None = rules.field(
        description="When its thread was resolved; of the first comment only, and null while the thread is open."
    )
    resolved_by: Colleague | None = rules.field(description="Who resolved it.")
    team_number: int = rules.field(description="The change that made it so.")


@rules.type(rules.AS_PARENT, description="A page of comments, the first one first.")
class AnswerCommentPage:
    comments: list[AnswerComment] = rules.field(description="The comments.", list_size=1)
    has_more: bool = rules.field(description="Whether more follow.")
    end_cursor: str | None = rules.field(description="The place of the last one, for `after`; null on an empty page.")


@rules.type(rules.AS_PARENT, description="A signature that has to be there before submission.")
class SignOff:
    section: str | None = rules.field(description="The section to sign; null for the whole.")
    signer: Colleague | None = rules.field(description="Who has to sign.")
    demanded_by: Colleague | None = rules.field(description="The owner who demands it.")
    demanded_at: datetime = rules.field(description="When it was demanded.")
    signed_at: datetime | None = rules.field(description="When it was signed last; null where it never was.")
    signed_change_number: int | None = rules.field(description="The change number that was signed.")
    is_signed: bool = rules.field(
        description="Whether it is signed as it is now: any later change voids a signature of the whole, and one of the"
        " section's answers and documents that of a section."
    )
    withdrawn_at: datetime | None = rules.field(description="When the owner chose to do without it.")
    team_number: int = rules.field(description="The change that made it so.")


@rules.type(rules.AS_PARENT, description="What changed in the work of colleagues behind a number, in its order.")
class TeamChanges:
    team_number: int = rules.field(description="The number that the assessment is at.")
    end_number: int = rules.field(description="The number of the last change told here: go on with it, also later.")
    assignments: list[SectionAssignment] = rules.field(
        description="Sections given to somebody, or taken back.", list_size=1
    )
    comments: list[AnswerComment] = rules.field(
        description="Comments written, removed, resolved or opened again.", list_size=1
    )
    sign_offs: list[SignOff] = rules.field(description="Sign-offs demanded, given or withdrawn.", list_size=1)
    has_more: bool = rules.field(description="Whether more changed; go on with endNumber.")


def list_people(rows: Sequence[object]) -> list[UUID | None]:
    """Everybody who is named in rows of any kind."""
    names = ("member_id", "assigned_by", "author_id", "resolved_by", "demanded_by")
    return [getattr(row, name, None) for row in rows for name in names]


def make_assignment(row: AssignmentRow, names: Mapping[UUID, str]) -> SectionAssignment:
    return SectionAssignment(
        section=row.section,
        assignee=make_colleague(row.member_id, names, row.supplier_id),
        due_on=row.due_on,
        note=row.note,
        assigned_by=make_colleague(row.assigned_by, names, row.supplier_id),
        assigned_at=row.assigned_at,
        team_number=row.changed_at_number,
    )


def make_comment(row: CommentRow, names: Mapping[UUID, str]) -> AnswerComment:
    return AnswerComment(
        comment_id=row.id,
        thread_id=row.thread_id,
        question=row.question,
        row_id=row.row_id or None,
        author=make_colleague(row.author_id, names, row.supplier_id),
        body=row.body,
        written_at=row.created_at,
        resolved_at=row.resolved_at,
        resolved_by=make_colleague(row.resolved_by, names, row.supplier_id),
        team_number=row.changed_at_number,
    )


def make_comments(rows: Sequence[CommentRow], names: Mapping[UUID, str], page: paging.Page) -> AnswerCommentPage:
    shown = rows[: page.first]
    end = paging.write_cursor(BY_TIME, [shown[-1].created_at], shown[-1].id) if shown else None
    return AnswerCommentPage(
        comments=[make_comment(row, names) for row in shown], has_more=len(rows) > page.first, end_cursor=end
    )


def make_sign_off(row: SignOffRow, names: Mapping[UUID, str], signed: Collection[tuple[str, UUID]]) -> SignOff:
    return SignOff(
        section=row.section or None,
        signer=make_colleague(row.member_id, names, row.supplier_id),
        demanded_by=make_colleague(row.demanded_by, names, row.supplier_id),
        demanded_at=row.demanded_at,
        signed_at=row.signed_at,
        signed_change_number=row.signed_number,
        is_signed=row.withdrawn_at is None and (row.section, row.member_id) in signed,
        withdrawn_at=row.withdrawn_at,
        team_number=row.changed_at_number,
    )


def make_changes(
    found: Changes, names: Mapping[UUID, str], signed: Collection[tuple[str, UUID]], after: int
) -> TeamChanges:
    return TeamChanges(
        team_number=found.number,
        end_number=found.rows[-1].changed_at_number if found.rows else max(after, 0),
        assignments=[make_assignment(row, names) for row in found.list_of(AssignmentRow)],
        comments=[make_comment(row, names) for row in found.list_of(CommentRow)],
        sign_offs=[make_sign_off(row, names, signed) for row in found.list_of(SignOffRow)],
        has_more=found.has_more,
    )
