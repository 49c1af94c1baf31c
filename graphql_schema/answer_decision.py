"""Deciding what several people or devices have left open: conflicts, and what waits for a correction."""

import enum
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import answer, nodes, rules, selection
from graphql_schema.answer import ASSESSMENT
from graphql_schema.assessment import AnswersSaved, Assessment, read_assessment_id, reads_assessment
from graphql_schema.context import Info
from portal import access, reading
from portal.assessments import conflicts, waiting


@strawberry.enum(description="Which of two answers stands from now on.")
class ConflictWinner(enum.Enum):
    STANDING = strawberry.enum_value("standing", description="The one that stands; the write in conflict is over.")
    WRITTEN = strawberry.enum_value("written", description="The one of the write in conflict.")


@strawberry.input(description="What to choose in a conflict.")
class DecideConflictInput:
    assessment_id: strawberry.ID = strawberry.field(description="The assessment that has the conflict.")
    conflict_id: UUID = strawberry.field(description="One of `conflicts`.")
    winner: ConflictWinner = strawberry.field(description="Which answer stands.")
    write_id: UUID = strawberry.field(
        description="Of the choice, which is a write itself: chosen by the client, new for each choice."
    )
    base_revision: int = strawberry.field(description="The revision of the standing answer that was looked at.")


@strawberry.input(description="What to leave out of the next correction.")
class DismissPendingCorrectionsInput:
    assessment_id: strawberry.ID = strawberry.field(description="The submitted assessment, or a newer revision of it.")
    write_ids: list[UUID] = strawberry.field(description="1 to 200 of its `pendingCorrections`.")


@rules.type(rules.AS_PARENT, description="They are part of no correction; the history keeps them.")
class PendingCorrectionsDismissed:
    write_ids: list[UUID] = rules.field(description="What was dismissed, now or before.", list_size=50)
    assessment: Assessment = rules.field(description="The assessment.")


@strawberry.type
class AnswerDecisionMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Choose between both values of a conflict. Again it gives the same result; where the answer has"
        " changed since it was looked at, nothing is chosen.",
    )
    async def decide_conflict(
        self, info: Info, input: Annotated[DecideConflictInput, strawberry.argument(description="Which one stands.")]
    ) -> AnswersSaved:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            saved = await conflicts.decide_conflict(
                session,
                actor,
                assessment_id=wanted,
                conflict_id=input.conflict_id,
                winner="written" if input.winner is ConflictWinner.WRITTEN else "standing",
                write_id=input.write_id,
                base_revision=input.base_revision,
            )
            results = await answer.tell_results(info, session, actor, saved.definition, saved.outcomes)
            members = {
                "assessment_id": nodes.encode_id(ASSESSMENT, saved.assessment_id, actor.organization),
                "change_number": saved.change_number,
                "results": results,
                "assessment": reads_assessment(session, actor, saved.assessment_id),
            }
            return await reading.compose("AnswersSaved", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Leave writes that came after submission out of every correction. Whoever sends one of them again"
        " hears DISMISSED.",
    )
    async def dismiss_pending_corrections(
        self, info: Info, input: Annotated[DismissPendingCorrectionsInput, strawberry.argument(description="Which.")]
    ) -> PendingCorrectionsDismissed:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            await waiting.dismiss(session, actor, assessment_id=wanted, write_ids=input.write_ids)
            members = {"write_ids": input.write_ids, "assessment": reads_assessment(session, actor, wanted)}
            return await reading.compose("PendingCorrectionsDismissed", selected, members)  # type: ignore[return-value]
