"""Comments between colleagues: writing, resolving a thread, and taking back what one wrote."""

from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import rules, teamwork
from graphql_schema.assessment import read_assessment_id
from graphql_schema.context import Info, Session
from graphql_schema.teamwork import AnswerComment
from portal import access
from portal.assessments import colleagues, commenting
from portal.database.tables.teamwork import AnswerComment as Row


@strawberry.input(description="What to say to colleagues, about a question or in a thread.")
class AddCommentInput:
    assessment_id: strawberry.ID = strawberry.field(description="The assessment, in whatever state.")
    comment_id: UUID = strawberry.field(
        description="Chosen by the client, new for each comment; again changes nothing."
    )
    body: str = strawberry.field(description="1 to 4,000 characters.")
    question: str | None = strawberry.field(default=None, description="The question's key, for a new thread.")
    row_id: str | None = strawberry.field(default=None, description="The row, in groups.")
    thread_id: UUID | None = strawberry.field(
        default=None, description="The first comment of the thread to answer in, which is open again then."
    )


@strawberry.input(description="Which thread is settled.")
class ResolveThreadInput:
    assessment_id: strawberry.ID = strawberry.field(
        description="The assessment. Where it was submitted or upgraded, it is said in the newest revision."
    )
    thread_id: UUID = strawberry.field(description="The first comment of the thread.")
    resolved: bool = strawberry.field(default=True, description="False opens it again.")


@strawberry.input(description="Which comment to take back.")
class RemoveCommentInput:
    assessment_id: strawberry.ID = strawberry.field(description="The assessment.")
    comment_id: UUID = strawberry.field(description="A comment of the caller's own.")


@rules.type(rules.AS_PARENT, description="The comment is there for all colleagues.")
class CommentAdded:
    comment: AnswerComment = rules.field(description="The comment.")


@rules.type(rules.AS_PARENT, description="The thread is as it was wanted.")
class ThreadResolved:
    comment: AnswerComment = rules.field(description="The first comment of the thread.")


@rules.type(rules.AS_PARENT, description="The comment says nothing any more; its place in the thread stays.")
class CommentRemoved:
    comment: AnswerComment = rules.field(description="The comment.")


async def tell(session: Session, actor: access.Actor, row: Row) -> AnswerComment:
    """A comment with the names of those it names."""
    return teamwork.make_comment(row, await colleagues.find_names(session, actor, teamwork.list_people([row])))


@strawberry.type
class CommentMutation:
    @rules.mutation(
        access.SUPPLIER_COLLEAGUE,
        description="Say something to colleagues about a question. No other organization ever sees it.",
    )
    async def add_comment(
        self, info: Info, input: Annotated[AddCommentInput, strawberry.argument(description="What, where.")]
    ) -> CommentAdded:
        wanted = read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            made = await commenting.add_comment(
                session,
                actor,
                assessment_id=wanted,
                comment_id=input.comment_id,
                body=input.body,
                question=input.question,
                row_id=input.row_id,
                thread_id=input.thread_id,
            )
            return CommentAdded(comment=await tell(session, actor, made))

    @rules.mutation(access.SUPPLIER_COLLEAGUE, description="Say that a thread is settled, or that it is not.")
    async def resolve_thread(
        self, info: Info, input: Annotated[ResolveThreadInput, strawberry.argument(description="Which one.")]
    ) -> ThreadResolved:
        wanted = read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            found = await commenting.resolve_thread(
                session, actor, assessment_id=wanted, thread_id=input.thread_id, resolved=input.resolved
            )
            return ThreadResolved(comment=await tell(session, actor, found))

    @rules.mutation(
        access.SUPPLIER_COLLEAGUE, description="Take back a comment of one's own, in all revisions that it stands in."
    )
    async def remove_comment(
        self, info: Info, input: Annotated[RemoveCommentInput, strawberry.argument(description="Which one.")]
    ) -> CommentRemoved:
        wanted = read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            found = await commenting.remove_comment(session, actor, assessment_id=wanted, comment_id=input.comment_id)
            return CommentRemoved(comment=await tell(session, actor, found))
