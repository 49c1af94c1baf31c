"""A buyer's requests: asking one or many suppliers, extending, reminding, withdrawing."""

import copy
import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Optional
from uuid import UUID

import strawberry

from graphql_schema import nodes, noun_nodes, problems, rules, selection
from graphql_schema.assessment import AssessmentSubject
from graphql_schema.context import Info, Session
from graphql_schema.paging import After, Connection, First
from graphql_schema.tier import QuestionnaireTier
from portal import access, errors, reading
from portal.assessments import definitions, request_changes, requests
from portal.assessments.requests import Ask, Extra, Line
from portal.reading import assessments as nouns
from portal.reading import campaigns as campaign_nouns

REQUEST = nodes.NodeKind(nouns.REQUEST_TAG, "Request", access.BUYER)
CAMPAIGN = nodes.NodeKind(campaign_nouns.CAMPAIGN_TAG, "Campaign", access.BUYER)
SUPPLIER = nodes.NodeKind(nouns.SUPPLIER_TAG, "Supplier", access.BUYER)


@strawberry.enum(description="Where a request stands.")
class RequestState(enum.Enum):
    OPEN = strawberry.enum_value("open", description="The supplier has not answered.")
    ACCEPTED = strawberry.enum_value(
        "accepted", description="The supplier works on it, or has it and has not shared it."
    )
    FULFILLED = strawberry.enum_value(
        "fulfilled",
        description="A result at a sufficient tier was shared, or reached the buyer by a share that follows.",
    )
    DECLINED = strawberry.enum_value("declined", description="The supplier said no, with a reason.")
    NOT_US = strawberry.enum_value("not_us", description="The supplier says that somebody else is meant.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="The buyer took it back.")


@strawberry.enum(description="The order of a buyer's requests.")
class RequestSort(enum.Enum):
    NEWEST = strawberry.enum_value("newest", description="The last made first.")
    DUE = strawberry.enum_value("due", description="The first due first.")


class AskedFields:
    """What a request says to both sides: declared once, and part of each side's type under that type's own rule."""

    questionnaire: str = rules.field(description="The questionnaire's key.")
    minimum_tier: QuestionnaireTier = rules.field(description="The least tier to answer.")
    subject: AssessmentSubject = rules.field(description="The organization, or one of its sites.")
    subject_name: str | None = rules.field(description="How the buyer names the site.")
    period_start: date = rules.field(description="The first day of the reporting period.")
    period_end: date = rules.field(description="The last day of the reporting period.")
    purpose: str = rules.field(description="What the answers are for.")
    legal_basis: str | None = rules.field(description="The law or contract it rests on.")
    message: str | None = rules.field(description="A word of the buyer to the supplier.")
    due_on: date = rules.field(description="The day it is due, by the calendar of the supplier.")
    due_at: datetime = rules.field(
        description="The end of that day in the supplier's time zone: only then it is overdue. By UTC while no "
        "organization has accepted an invitation."
    )
    is_overdue: bool = rules.field(description="Whether it waits for the supplier though that moment is over.")
    every_months: int | None = rules.field(
        description="Why it was made, where no person made it: the buyer asks its suppliers of this tier anew every so"
        " many months, see `cadences`. Null for one that a person made."
    )
    after_period_end: date | None = rules.field(
        description="With `everyMonths`: the last day of the period that was asked for, or answered, before."
    )
    state: RequestState = rules.field(description="Where it stands.")
    state_reason: str | None = rules.field(
        description="The reason that the supplier gave for declining; null where it gave none, which nobody has to."
    )
    created_at: datetime = rules.field(description="When it was made.")
    updated_at: datetime = rules.field(description="When it last changed.")


def take_asked_fields(cls: type[Any]) -> type[Any]:
    """Give a class a copy of each of these fields, as if it had declared them; a shared one has one rule only."""
    cls.__annotations__ = AskedFields.__annotations__ | cls.__annotations__
    for name in AskedFields.__annotations__:
        setattr(cls, name, copy.copy(vars(AskedFields)[name]))
    return cls


@rules.type(access.BUYER, description="What a buyer asked of one supplier.")
@take_asked_fields
class Request(nodes.Node):
    supplier_id: strawberry.ID = rules.field(description="The buyer's supplier record.")
    supplier_name: str = rules.field(description="How the buyer names the supplier.")
    external_reference: str | None = rules.field(description="The buyer's own number for it.")
    answer_withdrawn_on: date | None = rules.field(
        description="The day its supplier took back the submission that had answered it; null where none was, where it"
        " was not shared with you any more, or where you read another revision. The request waits again since then."
    )
    reminder_days: list[int] = rules.field(
        description="How many days before the due day the supplier is reminded, by letter, while it has not answered; "
        "days after it are negative. 14, 3 and -3 unless `setReminders` changed that.",
        list_size=1,
    )
    campaign_id: strawberry.ID | None = rules.field(description="The campaign that it belongs to, if any.")
    cadence_id: strawberry.ID | None = rules.field(
        description="The cadence that made it, if one did; also one that was removed since, which is no node any more."
    )
    state_changed_at: datetime = rules.field(description="When it came to the state that it has.")
    extras: list["Request"] = rules.field(description="What was asked along with it; at most 10.", list_size=1)
    extra_of: Optional["Request"] = rules.field(description="The request that it was asked along with, if any.")


@rules.type(rules.AS_PARENT, description="A page of requests.")
class RequestConnection(Connection[Request]):
    nodes: list[Request] = rules.field(description="The requests of the page, in order.")


@strawberry.input(description="A second questionnaire for the same suppliers, subject, period and day.")
class ExtraQuestionnaireInput:
    questionnaire: str = strawberry.field(description="The key of another questionnaire, such as one of your own.")
    minimum_tier: QuestionnaireTier = strawberry.field(description="The least tier to answer.")


@strawberry.input(description="What to ask, and of whom.")
class CreateRequestsInput:
    supplier_ids: list[strawberry.ID] = strawberry.field(description="1 to 500 of the buyer's suppliers, each once.")
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    minimum_tier: QuestionnaireTier = strawberry.field(description="The least tier to answer.")
    subject: AssessmentSubject = strawberry.field(
        default=AssessmentSubject.ORGANIZATION, description="The organization, or one of its sites."
    )
    subject_name: str | None = strawberry.field(
        default=None, description="How the buyer names the site, at most 200 characters; sites only."
    )
    period_start: date = strawberry.field(
        description="The first day of the reporting period; this year or one of the ten before."
    )
    period_end: date = strawberry.field(
        description="The last day; at most three years later, this or next year at the latest."
    )
    purpose: str = strawberry.field(description="What the answers are for, 1 to 500 characters; the supplier reads it.")
    legal_basis: str | None = strawberry.field(
        default=None, description="The law or contract it rests on, at most 500 characters."
    )
    message: str | None = strawberry.field(
        default=None, description="A word to the supplier, at most 2,000 characters."
    )
    due_on: date = strawberry.field(
        description="From the day that it is where days begin first (UTC+14), to two years ahead."
    )
    external_reference: str | None = strawberry.field(
        default=None, description="The buyer's own number for it, at most 100 characters."
    )
    extra: ExtraQuestionnaireInput | None = strawberry.field(
        default=None,
        description="Questions of your own on top: a second request, tied to the first, so that answers to the first "
        "stay comparable and can be shared with others. Suppliers see one thing to do with two parts.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="8 to 100 characters: the same key again asks once, for 30 days."
    )


@strawberry.input(description="Which request.")
class WithdrawRequestInput:
    request_id: strawberry.ID = strawberry.field(description="An open or accepted request.")


@strawberry.input(description="Which request, and until when.")
class ExtendRequestInput:
    request_id: strawberry.ID = strawberry.field(description="An open or accepted request.")
    due_on: date = strawberry.field(description="A later day than now, at most two years ahead.")


@strawberry.input(description="Which request, and when to remind.")
class SetRemindersInput:
    request_id: strawberry.ID = strawberry.field(description="An open or accepted request.")
    days: list[int] = strawberry.field(
        description="At most 5 days, each once: 60 to 0 before the due day, -1 to -30 after it; none for no reminder."
    )


@strawberry.input(description="Which request, and what to say.")
class ResendRequestInput:
    request_id: strawberry.ID = strawberry.field(description="An open or accepted request.")
    message: str | None = strawberry.field(
        default=None, description="A new word to the supplier, at most 2,000 characters; without it the old one stays."
    )


@rules.type(rules.AS_PARENT, description="What became of one supplier of the list.")
class RequestLine:
    supplier_id: strawberry.ID = rules.field(description="The supplier, as it was given.")
    request_id: strawberry.ID | None = rules.field(
        description="The request that was made, or the live one that stood in the way."
    )
    problem: problems.FieldProblem | None = rules.field(description="Why none was made; null where one was.")
    notice: problems.FieldProblem | None = rules.field(
        description="What is to do before the supplier can see the request: NO_CONTACT, NOT_INVITED or NOT_ACCEPTED; "
        "null where it can."
    )
    extra_id: strawberry.ID | None = rules.field(
        description="The request for the extra questionnaire that was made, or the live one that stood in the way."
    )
    extra_problem: problems.FieldProblem | None = rules.field(
        description="Why no request for the extra questionnaire was made, where there is a first one."
    )


@rules.type(rules.AS_PARENT, description="The suppliers were asked, as far as possible.")
class RequestsCreated:
    lines: list[RequestLine] = rules.field(description="One for each supplier, in their order.", list_size=100)
    created_count: int = rules.field(description="How many requests were made, without extra ones.")


@rules.type(rules.AS_PARENT, description="The request was taken back.")
class RequestWithdrawn:
    request: Request = rules.field(description="The request as it is now.")


@rules.type(rules.AS_PARENT, description="The supplier has more time.")
class RequestExtended:
    request: Request = rules.field(description="The request as it is now.")


@rules.type(rules.AS_PARENT, description="The supplier is reminded on these days.")
class RemindersSet:
    request: Request = rules.field(description="The request as it is now.")


@rules.type(rules.AS_PARENT, description="The supplier is told again.")
class RequestResent:
    request: Request = rules.field(description="The request as it is now.")


def read_ask(given: CreateRequestsInput) -> Ask:
    return Ask(
        questionnaire=given.questionnaire,
        minimum_tier=str(given.minimum_tier.value),
        subject=str(given.subject.value),
        subject_name=given.subject_name,
        period_start=given.period_start,
        period_end=given.period_end,
        purpose=given.purpose,
        legal_basis=given.legal_basis,
        message=given.message,
        due_on=given.due_on,
        external_reference=given.external_reference,
    )


def read_extra(given: ExtraQuestionnaireInput | None) -> Extra | None:
    if given is None:
        return None
    return Extra(questionnaire=given.questionnaire, minimum_tier=str(given.minimum_tier.value))


def read_supplier_ids(values: Sequence[str]) -> list[UUID | None]:
    """The records that an input names, None for what is no id of one; the service bounds their number."""
    return [read_supplier_id(value) for value in values[: requests.MAX_RECORDS + 1]]


def read_supplier_id(value: str) -> UUID | None:
    """The record of one line: a bad id is a problem of its line, never of the good ones beside it."""
    try:
        return nodes.decode_id(value, SUPPLIER, path=()).id
    except errors.InvalidInput:
        return None


def make_line(actor: access.Actor, supplier_id: str, line: Line) -> RequestLine:
    request = line.request_id
    return RequestLine(
        supplier_id=strawberry.ID(supplier_id),
        request_id=None if request is None else nodes.encode_id(REQUEST, request, actor.organization),
        problem=make_problem(line.problem),
        notice=make_problem(line.notice),
        extra_id=None if line.extra_id is None else nodes.encode_id(REQUEST, line.extra_id, actor.organization),
        extra_problem=make_problem(line.extra_problem),
    )


def make_problem(given: errors.FieldProblem | None) -> problems.FieldProblem | None:
    if given is None:
        return None
    return problems.FieldProblem(
        path=problems.spell_path(given.path, below=("input",)), code=given.code, message=given.message
    )


def read_request_id(value: str) -> UUID:
    """The request that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, REQUEST, path=("request_id",)).id


async def compose(session: Session, actor: access.Actor, name: str, selected: reading.Selected, id: UUID) -> Any:
    """The result of a mutation that changed one request."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.REQUEST, part, id=id)

    return await reading.compose(name, selected, {"request": read})


@nodes.loads(REQUEST)
async def load_requests(info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.REQUEST, wanted, owner="buyer_id")


@strawberry.type
class RequestQuery:
    @rules.query(access.BUYER, description="The buyer's requests.")
    async def requests(
        self,
        info: Info,
        first: First = 25,
        after: After = None,
        sort: Annotated[RequestSort, strawberry.argument(description="The order.")] = RequestSort.NEWEST,
        state: Annotated[RequestState | None, strawberry.argument(description="Only those in this state.")] = None,
        questionnaire: Annotated[
            str | None, strawberry.argument(description="Only those for this questionnaire.")
        ] = None,
        campaign_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those of this campaign.")
        ] = None,
    ) -> RequestConnection:
        selected = selection.read(info)
        given = {}
        if campaign_id is not None:
            given["campaign_id"] = nodes.decode_id(campaign_id, CAMPAIGN, path=("campaignId",)).id
        async with info.context.reading() as (session, actor):
            if questionnaire is not None:
                await definitions.check_questionnaire(session, questionnaire)
            return await reading.read_connection(session, actor, nouns.REQUESTS, selected, **given)  # type: ignore[no-any-return]


@strawberry.type
class RequestMutation:
    @rules.mutation(
        access.BUYER_EDITOR,
        description="Ask suppliers for a questionnaire; each has its own outcome, good ones are kept.",
    )
    async def create_requests(
        self, info: Info, input: Annotated[CreateRequestsInput, strawberry.argument(description="What and of whom.")]
    ) -> RequestsCreated:
        records = read_supplier_ids(input.supplier_ids)
        async with info.context.transaction() as (session, actor):
            lines = await requests.create_requests(
                session,
                actor,
                record_ids=records,
                ask=read_ask(input),
                extra=read_extra(input.extra),
                idempotency_key=input.idempotency_key,
            )
        return RequestsCreated(
            lines=[make_line(actor, *pair) for pair in zip(input.supplier_ids, lines, strict=True)],
            created_count=sum(line.problem is None for line in lines),
        )

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Take a request back with what was asked along; the supplier is told by letter, and what was "
        "answered stays its own. Again changes nothing.",
    )
    async def withdraw_request(
        self, info: Info, input: Annotated[WithdrawRequestInput, strawberry.argument(description="Which one.")]
    ) -> RequestWithdrawn:
        selected, wanted = selection.read(info), read_request_id(input.request_id)
        async with info.context.transaction() as (session, actor):
            await request_changes.withdraw_request(session, actor, request_id=wanted)
            return await compose(session, actor, "RequestWithdrawn", selected, wanted)  # type: ignore[no-any-return]

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Give the supplier more time, also for what was asked along; it is told by letter.",
    )
    async def extend_request(
        self, info: Info, input: Annotated[ExtendRequestInput, strawberry.argument(description="Which one.")]
    ) -> RequestExtended:
        selected, wanted = selection.read(info), read_request_id(input.request_id)
        async with info.context.transaction() as (session, actor):
            await request_changes.extend_request(session, actor, request_id=wanted, due_on=input.due_on)
            return await compose(session, actor, "RequestExtended", selected, wanted)  # type: ignore[no-any-return]

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Choose the days on which the supplier is reminded of a request and of what was asked along, or "
        "none. A person gets one such letter a day at most, for all requests together.",
    )
    async def set_reminders(
        self, info: Info, input: Annotated[SetRemindersInput, strawberry.argument(description="Which one, and when.")]
    ) -> RemindersSet:
        selected, wanted = selection.read(info), read_request_id(input.request_id)
        async with info.context.transaction() as (session, actor):
            await request_changes.set_reminders(session, actor, request_id=wanted, days=input.days)
            return await compose(session, actor, "RemindersSet", selected, wanted)  # type: ignore[no-any-return]

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Remind all owners and editors of the supplier by letter, at most once an hour after it was asked "
        "or reminded (TOLD_RECENTLY); NOT_LINKED where no organization has accepted an invitation yet: invite again.",
    )
    async def resend_request(
        self, info: Info, input: Annotated[ResendRequestInput, strawberry.argument(description="Which one.")]
    ) -> RequestResent:
        selected, wanted = selection.read(info), read_request_id(input.request_id)
        async with info.context.transaction() as (session, actor):
            await request_changes.resend_request(session, actor, request_id=wanted, message=input.message)
            return await compose(session, actor, "RequestResent", selected, wanted)  # type: ignore[no-any-return]
