"""How much a supplier is asked in a year and now: all of it for itself, a buyer's own part for that buyer."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import nodes, problems, rules
from graphql_schema.context import Info, Session
from graphql_schema.questionnaire_request import (
    REQUEST,
    CreateRequestsInput,
    make_problem,
    read_ask,
    read_extra,
    read_supplier_ids,
)
from portal import access
from portal.assessments import loads


@rules.type(
    rules.AS_PARENT,
    description="Figures of what was asked, by the questionnaires' own: each question of the tier once, also what is"
    " known already. What was withdrawn, declined or meant for somebody else is not counted.",
)
class LoadFigures:
    requests: int = rules.field(description="The requests, second parts included.")
    responses: int = rules.field(
        description="What answers them: requests for the same questionnaire, subject and period are joined, and count"
        " once, at the highest tier."
    )
    questions: int = rules.field(description="The questions of those.")
    minutes: Decimal = rules.field(description="The minutes for those.")


@rules.type(access.SUPPLIER, description="What one buyer asks.")
class BuyerLoad:
    buyer_name: str | None = rules.field(description="Who asks.")
    year: LoadFigures = rules.field(description="In the last twelve months.")
    now: LoadFigures = rules.field(description="What waits now, whenever it was asked.")


@rules.type(access.SUPPLIER, description="What all buyers together ask of the organization.")
class RequestLoad:
    year: LoadFigures = rules.field(description="In the last twelve months.")
    now: LoadFigures = rules.field(description="What waits now, whenever it was asked.")
    buyers: list[BuyerLoad] = rules.field(
        description="The same by buyer; what several ask for alike counts for each of them, so that they come to more"
        " than the whole.",
        list_size=5,
    )
    limit_minutes: int | None = rules.field(
        description="The minutes that an organization of its size may be asked for in a year, as the operator set it;"
        " null where there is no limit."
    )
    optional_count: int = rules.field(
        description="How many of the requests that wait are beyond it: `isOptional`. They may be declined without a"
        " reason."
    )


@rules.type(access.BUYER, description="What the buyer itself asks of one supplier; nothing of what others do.")
class AskedLoad:
    year: LoadFigures = rules.field(description="In the last twelve months.")
    now: LoadFigures = rules.field(description="What waits now, whenever it was asked.")
    limit_minutes: int | None = rules.field(
        description="The minutes that a supplier of its size may be asked for in a year, as the operator set it; null"
        " where there is no limit."
    )
    is_over_limit: bool = rules.field(description="Whether the buyer's own requests come to more than that.")


@rules.type(rules.AS_PARENT, description="What asking would come to at one supplier.")
class RequestPreviewLine:
    supplier_id: strawberry.ID = rules.field(description="The supplier, as it was given.")
    request_id: strawberry.ID | None = rules.field(description="The live request that stands in the way.")
    problem: problems.FieldProblem | None = rules.field(description="Why none would be made; null where one would.")
    year_minutes: Decimal = rules.field(description="What the buyer itself asked of it in the last twelve months.")
    minutes: Decimal = rules.field(description="What this would add: nothing for what was asked alike before.")
    limit_minutes: int | None = rules.field(
        description="The minutes that a supplier of its size may be asked for in a year; null where there is no limit."
    )
    is_over_limit: bool = rules.field(
        description="Whether the buyer's own requests would come to more than that. It can be asked all the same; the"
        " supplier may see it as optional."
    )


@rules.type(rules.AS_PARENT, description="What `createRequests` with the same input would do; nothing of it is done.")
class RequestsPreview:
    count: int = rules.field(description="How many requests would be made.")
    over_limit_count: int = rules.field(
        description="For how many of those suppliers the buyer's own requests would be more than the operator's limit."
    )
    lines: list[RequestPreviewLine] = rules.field(description="One for each supplier, in their order.", list_size=100)


def make_figures(found: loads.Figures) -> LoadFigures:
    return LoadFigures(
        requests=found.requests, responses=found.responses, questions=found.questions, minutes=found.minutes
    )


def make_asked(found: loads.AskedLoad) -> AskedLoad:
    return AskedLoad(
        year=make_figures(found.load.year),
        now=make_figures(found.load.now),
        limit_minutes=found.limit,
        is_over_limit=found.is_over,
    )


async def read_asked(session: Session, actor: access.Actor, records: Sequence[UUID]) -> dict[UUID, AskedLoad]:
    """What the buyer asks of each of these suppliers; those of a page are read together."""
    found = await loads.measure_asked(session, actor, records)
    return {key: make_asked(one) for key, one in found.items()}


@strawberry.type
class RequestLoadQuery:
    @rules.query(
        access.SUPPLIER, description="How much the organization was asked in the last twelve months, and is asked now."
    )
    async def request_load(self, info: Info) -> RequestLoad:
        async with info.context.transaction() as (session, actor):
            found = await loads.measure_own(session, actor)
        return RequestLoad(
            year=make_figures(found.load.year),
            now=make_figures(found.load.now),
            buyers=[
                BuyerLoad(buyer_name=name, year=make_figures(load.year), now=make_figures(load.now))
                for _, name, load in found.buyers
            ],
            limit_minutes=found.limit,
            optional_count=len(found.over),
        )

    @rules.query(
        access.BUYER_EDITOR,
        description="What `createRequests` would do, before it is sent, and for how many suppliers it would be more"
        " than the operator's limit of the yearly burden. Only the buyer's own requests count.",
    )
    async def preview_requests(
        self, info: Info, input: Annotated[CreateRequestsInput, strawberry.argument(description="What and of whom.")]
    ) -> RequestsPreview:
        records = read_supplier_ids(input.supplier_ids)
        async with info.context.transaction() as (session, actor):
            found = await loads.preview_requests(
                session, actor, record_ids=records, ask=read_ask(input), extra=read_extra(input.extra)
            )
        return RequestsPreview(
            count=sum(one.line.problem is None for one in found),
            over_limit_count=sum(one.is_over for one in found),
            lines=[make_line(actor, *pair) for pair in zip(input.supplier_ids, found, strict=True)],
        )


def make_line(actor: access.Actor, supplier_id: str, found: loads.PreviewLine) -> RequestPreviewLine:
    live = found.line.request_id
    return RequestPreviewLine(
        supplier_id=strawberry.ID(supplier_id),
        request_id=None if live is None else nodes.encode_id(REQUEST, live, actor.organization),
        problem=make_problem(found.line.problem),
        year_minutes=found.year_minutes,
        minutes=found.minutes,
        limit_minutes=found.limit,
        is_over_limit=found.is_over,
    )
