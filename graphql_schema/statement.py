"""Making an assurance statement: what a buyer's or an engaged third party's reviewer found on a shared submission."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, noun_nodes, rules, selection
from graphql_schema.assurance import STATEMENT, AssuranceLevel, AssuranceStatement
from graphql_schema.context import Info, Session
from graphql_schema.evidence import EVIDENCE
from graphql_schema.shared_result import RESULT
from portal import access, reading
from portal.assessments import stating
from portal.reading.assurance import STATEMENT as STATEMENT_NOUN


@strawberry.input(description="What is stated of one answer; both gaps are said, or left out where there is none.")
class FindingInput:
    question: str = strawberry.field(description="The key of a question that is answered in a section you may read.")
    row_id: str | None = strawberry.field(default=None, description="The row of a group; null speaks of all rows.")
    level: AssuranceLevel = strawberry.field(
        description="What was found. DOCUMENTED names in `restsOn` what it rests on; DECLARED takes back what you"
        " stated before."
    )
    basis: str = strawberry.field(
        description="What that rests on, 1 to 2,000 characters. Everybody reads it to whom the supplier opens the"
        " section, other buyers too."
    )
    not_shown: str | None = strawberry.field(
        default=None, description="What the evidence does not show of the claim, up to 2,000 characters."
    )
    beyond: str | None = strawberry.field(
        default=None, description="What the evidence shows beyond the claim, up to 2,000 characters."
    )
    rests_on: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Documents behind the answer that bear the finding, up to 20. From the day after the first of them"
        " has ended it counts as declared.",
    )
    contradicts: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Documents behind the answer that do not hold, up to 20."
    )


@strawberry.input(description="What was found on a submission.")
class MakeStatementInput:
    result_id: strawberry.ID = strawberry.field(description="The shared result.")
    findings: list[FindingInput] = strawberry.field(description="1 to 200, each answer once.")
    as_of: date | None = strawberry.field(
        default=None,
        description="The day it is of, from the submission and your last statement on it to today; null is today.",
    )
    remark: str | None = strawberry.field(
        default=None, description="On the whole, up to 2,000 characters; whoever reads one of its findings reads it."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="8 to 100 characters: the same key again gives the same statement, for 30 days."
    )


@rules.type(rules.AS_PARENT, description="The statement stands beside the result; the supplier gets a letter.")
class StatementMade:
    statement: AssuranceStatement = rules.field(description="The statement.")


def read_documents(values: Sequence[strawberry.ID], owner: UUID, place: Sequence[str | int]) -> tuple[UUID, ...]:
    """Ids of the supplier's documents; that of another one is kept as an id that is nowhere."""
    found = nodes.decode_ids(values, EVIDENCE, path=place)
    return tuple(one.id if one.owner == owner else nodes.NO_OWNER for one in found)


@nodes.loads(STATEMENT)
async def load_statements(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, STATEMENT_NOUN, wanted)


@strawberry.type
class StatementMutation:
    @rules.mutation(
        access.REVIEWER,
        description="State what you found on answers that are shared with you. It takes the place of what you stated of"
        " them before, never changes the score, and answers what the supplier disputes of them: UPHELD where the level"
        " stays, CHANGED where it does not.",
    )
    async def make_statement(
        self, info: Info, input: Annotated[MakeStatementInput, strawberry.argument(description="What on which.")]
    ) -> StatementMade:
        selected, wanted = selection.read(info), nodes.decode_id(input.result_id, RESULT, path=("resultId",))
        findings = [
            stating.Finding(
                question=one.question,
                row_id=one.row_id,
                level=str(one.level.value),
                basis=one.basis,
                not_shown=one.not_shown,
                beyond=one.beyond,
                rests_on=read_documents(one.rests_on, wanted.owner, ("findings", place, "restsOn")),
                contradicts=read_documents(one.contradicts, wanted.owner, ("findings", place, "contradicts")),
            )
            for place, one in enumerate(input.findings)
        ]
        async with info.context.transaction() as (session, actor):
            made = await stating.make_statement(
                session,
                actor,
                supplier_id=wanted.owner,
                submission_id=wanted.id,
                findings=findings,
                as_of=input.as_of,
                remark=input.remark,
                idempotency_key=input.idempotency_key,
            )

            async def read(part: reading.Selected) -> Any:
                return await reading.read_one(session, actor, STATEMENT_NOUN, part, id=made)

            row: Any = await reading.compose("StatementMade", selected, {"statement": read})
            return row  # type: ignore[no-any-return]
