"""A buyer's cadences: how often suppliers of a tier are asked anew, whom on which day, pausing and removing."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, noun_nodes, rules, selection
from graphql_schema.context import Info, Session
from graphql_schema.paging import After, Connection, First
from graphql_schema.tier import QuestionnaireTier
from portal import access, reading
from portal.assessments import cadences
from portal.assessments.cadences import Rhythm
from portal.reading import cadences as nouns

CADENCE = nodes.NodeKind(nouns.CADENCE_TAG, "Cadence", access.BUYER)


@strawberry.enum(description="Why a supplier is not asked on its day; it is looked at again a month later.")
class CadenceHold(enum.Enum):
    OVER_LIMIT = strawberry.enum_value(
        "over_limit",
        description="You would ask it for more minutes a year than the operator's limit, by your own requests alone.",
    )
    NOT_OFFERED = strawberry.enum_value(
        "not_offered", description="Nothing begins with the questionnaire any more, or its version has no such tier."
    )


@rules.type(access.BUYER, description="How often suppliers of one tier are asked anew; private to the buyer.")
class Cadence(nodes.Node):
    questionnaire: str = rules.field(description="The questionnaire's key.")
    tier: QuestionnaireTier = rules.field(
        description="Whom: those that you last asked for this tier of it, or whose shared result is of it where you"
        " never asked. They are asked for the same tier again."
    )
    every_months: int = rules.field(description="How often, in months from the last answer.")
    lead_days: int = rules.field(
        description="How many days before that a supplier is asked; it has as many days at least."
    )
    purpose: str = rules.field(description="What the answers are for.")
    legal_basis: str | None = rules.field(description="The law or contract it rests on.")
    message: str | None = rules.field(description="A word to the suppliers.")
    is_paused: bool = rules.field(description="Whether nobody is asked until you resume it.")
    is_planned: bool = rules.field(description="Whether the days are planned; false for a moment after it was set.")
    supplier_count: int = rules.field(description="How many suppliers have a day; see `cadenceSuppliers`.")
    held_count: int = rules.field(description="How many of them were not asked on their day, for a reason.")
    next_on: date | None = rules.field(
        description="The first day on which a supplier is asked, which may be past for a moment; null while paused."
    )
    created_at: datetime = rules.field(description="When it was set first.")
    updated_at: datetime = rules.field(description="When it changed last.")


@rules.type(rules.AS_PARENT, description="A page of cadences.")
class CadenceConnection(Connection[Cadence]):
    nodes: list[Cadence] = rules.field(description="The cadences of the page, in order.")


@rules.type(access.BUYER, description="When a supplier is asked by a cadence.")
class CadenceSupplier:
    supplier_id: strawberry.ID = rules.field(description="The buyer's supplier record.")
    supplier_name: str = rules.field(description="How the buyer names the supplier.")
    ask_on: date = rules.field(description="The day it is asked, by its own calendar; on a held one, looked at again.")
    ends_on: date = rules.field(
        description="When the last answer is as old as the cadence lets it become: the due day, or later where that"
        " would leave less time than `leadDays`."
    )
    after_period_end: date = rules.field(
        description="The last day of the period that was asked for or answered last. Asked for is the latest of the"
        " periods after it, each as long, that has ended by the due day, or else the first of them."
    )
    held: CadenceHold | None = rules.field(description="Why it was not asked on its day; null unless it was to be.")


@rules.type(rules.AS_PARENT, description="A page of those whom a cadence asks.")
class CadenceSupplierConnection(Connection[CadenceSupplier]):
    nodes: list[CadenceSupplier] = rules.field(description="The suppliers of the page, in order.")


@strawberry.input(description="Of whom, how often, and with which words.")
class SetCadenceInput:
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    tier: QuestionnaireTier = strawberry.field(description="The tier whose suppliers are asked anew, for that tier.")
    every_months: int = strawberry.field(description="3 to 60 months from the last answer.")
    lead_days: int = strawberry.field(
        default=45, description="How many days before that a supplier is asked, 14 to 120; it has as many at least."
    )
    purpose: str = strawberry.field(description="What the answers are for, 1 to 500 characters; the suppliers read it.")
    legal_basis: str | None = strawberry.field(
        default=None, description="The law or contract it rests on, at most 500 characters."
    )
    message: str | None = strawberry.field(
        default=None, description="A word to the suppliers, at most 2,000 characters."
    )
    paused: bool = strawberry.field(
        default=False, description="Whether to look at the days first: nobody is asked before `resumeCadence`."
    )


@strawberry.input(description="Which cadence.")
class PauseCadenceInput:
    cadence_id: strawberry.ID = strawberry.field(description="One of `cadences`.")


@strawberry.input(description="Which cadence.")
class ResumeCadenceInput:
    cadence_id: strawberry.ID = strawberry.field(description="One of `cadences`.")


@strawberry.input(description="Which cadence.")
class RemoveCadenceInput:
    cadence_id: strawberry.ID = strawberry.field(description="One of `cadences`.")


@rules.type(rules.AS_PARENT, description="The cadence is as you said; its days are being planned.")
class CadenceSet:
    cadence: Cadence = rules.field(description="The cadence as it is now; read it again once `isPlanned`.")


@rules.type(rules.AS_PARENT, description="Nobody is asked by it until it is resumed.")
class CadencePaused:
    cadence: Cadence = rules.field(description="The cadence as it is now.")


@rules.type(rules.AS_PARENT, description="It asks on its days again, also those whose day has passed meanwhile.")
class CadenceResumed:
    cadence: Cadence = rules.field(description="The cadence as it is now.")


@rules.type(rules.AS_PARENT, description="It asks nobody any more; what it asked stays asked.")
class CadenceRemoved:
    cadence_id: strawberry.ID = rules.field(description="The cadence, which is gone.")


def read_cadence_id(value: str) -> UUID:
    """The cadence that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, CADENCE, path=("cadence_id",)).id


async def compose(session: Session, actor: access.Actor, name: str, selected: reading.Selected, id: UUID) -> Any:
    """The result of a mutation that set or changed one cadence."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.CADENCE, part, id=id)

    return await reading.compose(name, selected, {"cadence": read})


async def change(info: Info, id: str, state: cadences.State, name: str) -> Any:
    """Pause or resume a cadence."""
    selected, wanted = selection.read(info), read_cadence_id(id)
    async with info.context.transaction() as (session, actor):
        await cadences.change_state(session, actor, cadence_id=wanted, state=state)
        return await compose(session, actor, name, selected, wanted)


@nodes.loads(CADENCE)
async def load_cadences(info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.CADENCE, wanted, owner="buyer_id")


@strawberry.type
class CadenceQuery:
    @rules.query(access.BUYER, description="The buyer's cadences, the newest first.")
    async def cadences(self, info: Info, first: First = 25, after: After = None) -> CadenceConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            return await reading.read_connection(session, actor, nouns.CADENCES, selected)  # type: ignore[no-any-return]

    @rules.query(access.BUYER, description="Whom a cadence asks anew and when, the first day first.")
    async def cadence_suppliers(
        self,
        info: Info,
        cadence_id: Annotated[strawberry.ID, strawberry.argument(description="One of `cadences`.")],
        first: First = 25,
        after: After = None,
    ) -> CadenceSupplierConnection:
        selected, wanted = selection.read(info), nodes.decode_id(cadence_id, CADENCE, path=("cadenceId",))
        async with info.context.reading() as (session, actor):
            return await reading.read_connection(  # type: ignore[no-any-return]
                session, actor, nouns.CADENCE_SUPPLIERS, selected, cadence_id=wanted.id
            )


@strawberry.type
class CadenceMutation:
    @rules.mutation(
        access.BUYER_EDITOR,
        description="Set how often suppliers of a tier are asked anew, about the organization as a whole; the same"
        " questionnaire and tier again changes what was set. Asked are linked suppliers that have answered you or share"
        " a result with you, once for each period, unless a request waits or they said that somebody else is meant."
        " They get a letter that says why. Use `paused` to look at the days before anybody is asked.",
    )
    async def set_cadence(
        self, info: Info, input: Annotated[SetCadenceInput, strawberry.argument(description="Whom and how often.")]
    ) -> CadenceSet:
        selected = selection.read(info)
        rhythm = Rhythm(
            questionnaire=input.questionnaire,
            tier=str(input.tier.value),
            every_months=input.every_months,
            lead_days=input.lead_days,
            purpose=input.purpose,
            legal_basis=input.legal_basis,
            message=input.message,
        )
        async with info.context.transaction() as (session, actor):
            made = await cadences.set_cadence(session, actor, rhythm=rhythm, paused=input.paused)
            return await compose(session, actor, "CadenceSet", selected, made)  # type: ignore[no-any-return]

    @rules.mutation(access.BUYER_EDITOR, description="Let a cadence rest; its days stay.")
    async def pause_cadence(
        self, info: Info, input: Annotated[PauseCadenceInput, strawberry.argument(description="Which one.")]
    ) -> CadencePaused:
        return await change(info, input.cadence_id, "paused", "CadencePaused")  # type: ignore[no-any-return]

    @rules.mutation(access.BUYER_EDITOR, description="Let a cadence that rests go on.")
    async def resume_cadence(
        self, info: Info, input: Annotated[ResumeCadenceInput, strawberry.argument(description="Which one.")]
    ) -> CadenceResumed:
        return await change(info, input.cadence_id, "active", "CadenceResumed")  # type: ignore[no-any-return]

    @rules.mutation(access.BUYER_EDITOR, description="Remove a cadence; withdraw open requests of it by themselves.")
    async def remove_cadence(
        self, info: Info, input: Annotated[RemoveCadenceInput, strawberry.argument(description="Which one.")]
    ) -> CadenceRemoved:
        wanted = read_cadence_id(input.cadence_id)
        async with info.context.transaction() as (session, actor):
            await cadences.change_state(session, actor, cadence_id=wanted, state="removed")
        return CadenceRemoved(cadence_id=input.cadence_id)
