"""A supplier's side of requests: who asks for what and why, and accepting, declining or "not us"."""

import enum
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Optional
from uuid import UUID

import strawberry

from graphql_schema import answer, batches, nodes, noun_nodes, rules, selection
from graphql_schema.answer import ASSESSMENT, AnswerResult
from graphql_schema.assessment import Assessment, key_of, read_site_id, reads_assessment
from graphql_schema.context import Info, Session
from graphql_schema.paging import After, Connection, First
from graphql_schema.questionnaire_request import RequestState, take_asked_fields
from graphql_schema.submission import Submission, reads_submission
from portal import access, reading
from portal.assessments import burden, definitions, loads, received
from portal.assessments.revisions import Revision
from portal.reading import assessments as nouns
from questionnaires import asking

RECEIVED = nodes.NodeKind(nouns.RECEIVED_TAG, "ReceivedRequest", access.SUPPLIER)


@strawberry.enum(description="What accepting a request led to.")
class AcceptOutcome(enum.Enum):
    STARTED = strawberry.enum_value("started", description="A draft was started.")
    JOINED = strawberry.enum_value("joined", description="The draft that is there answers this request as well.")
    TIER_RAISED = strawberry.enum_value("tier_raised", description="The draft that is there was raised to the tier.")
    ALREADY_SUBMITTED = strawberry.enum_value(
        "already_submitted",
        description="Nothing is left to answer, though a correction may have begun: share the submission with this "
        "buyer. Where a live share lets it read the submission already, the request is FULFILLED at once.",
    )
    REVISION_NEEDED = strawberry.enum_value(
        "revision_needed", description="It was submitted at a lower tier: start a revision with its answers."
    )
    REVISION_STARTED = strawberry.enum_value("revision_started", description="A revision was started with its answers.")


@rules.type(
    access.SUPPLIER,
    description="What a request costs to answer: `known`, `reusable` and `new` make up `questions`, so that a client"
    ' can say "14 of 20 known, 6 new, 11 minutes".',
)
class RequestBurden:
    questions: int = rules.field(
        description="Answers that would be asked for at the request's tier, as what is known or reusable opens them;"
        " each row of a group counts by its own questions. At least: new answers may open more questions, and rows"
        " may be added. What was submitted already, and needs only to be shared, counts its answers."
    )
    known: int = rules.field(
        description="Answered already for the same subject and period, or for another period by what"
        " `renewAssessment` takes over, which is no figure."
    )
    to_confirm: int = rules.field(description="How many of the known ones somebody has to look at.")
    reusable: int = rules.field(
        description="Not known, and answered in another questionnaire of the same publisher: see `reusableAnswers`, by"
        " the same rule."
    )
    new: int = rules.field(description="To be answered for the first time; 0 where sharing is all that is left.")
    minutes: Decimal = rules.field(
        description="Minutes for the new ones, by the questionnaire's own figures; a group counts with its least number"
        " of rows, at least one. At least: what new answers open comes on top; `minutes` of the request is about"
        " each question of its tier."
    )
    documents_needed: int = rules.field(
        description="Answers that would have to have a document. At least: new answers, and what they open, may need"
        " more."
    )
    documents_at_hand: int = rules.field(
        description="For how many of those the library has a document of a kind that fits, and that counts today;"
        " whether it is the right one only its owner can say."
    )
    renews_id: strawberry.ID | None = rules.field(
        description="The assessment of another period that known answers are in: give it to `renewAssessment` once"
        " the request is accepted. Null where there is none, or nothing is left to answer."
    )


@rules.type(access.SUPPLIER, description="What a buyer asks of the organization.")
@take_asked_fields
class ReceivedRequest(nodes.Node):
    buyer_name: str | None = rules.field(description="Who asks.")
    assessment: Assessment | None = rules.field(description="The assessment that answers it, once accepted.")
    extras: list["ReceivedRequest"] = rules.field(
        description="What the buyer asks along with it, as a second part of the same; at most 10.", list_size=1
    )
    extra_of: Optional["ReceivedRequest"] = rules.field(description="The request that it was asked along with, if any.")

    @rules.method(
        access.SUPPLIER,
        description="Minutes to answer each question of its tier in the current version once, also those that depend "
        "on other answers; without those of `extras`, which tell their own. Null where that version has no such tier. "
        "Once accepted, `minutesLeft` of the assessment's progress tells what is left of it.",
    )
    async def minutes(self, info: Info) -> Decimal | None:
        key = self.key  # type: ignore[attr-defined]
        async with info.context.transaction() as (session, _):
            version = await definitions.load_current(session, key["questionnaire"])
        tier = key["minimum_tier"]
        return asking.sum_minutes(version.definition, tier) if tier in version.definition.tier_keys else None

    @rules.method(
        access.SUPPLIER,
        description="Whether it is beyond what the operator's limit lets the organization be asked in a year, by all"
        " buyers together: see `requestLoad`. It can be answered all the same, or declined without a reason; its buyer"
        " never learns which of the two it is.",
    )
    async def is_optional(self, info: Info) -> bool:
        return await batches.load(info, read_over, key_of(self)) or False

    @rules.method(
        access.SUPPLIER,
        description="What of it is known already, reusable, and new, before anything is started; without that of"
        " `extras`. About a site, before it is accepted: of the organization's only site; where there are several,"
        " nothing counts as known. Null where the version to answer has no such tier.",
    )
    async def burden(self, info: Info) -> RequestBurden | None:
        return await batches.load(info, read_burdens, key_of(self))


@rules.type(rules.AS_PARENT, description="A page of requests.")
class ReceivedRequestConnection(Connection[ReceivedRequest]):
    nodes: list[ReceivedRequest] = rules.field(description="The requests of the page, in order.")


@strawberry.input(description="Which request to accept, and how.")
class AcceptRequestInput:
    request_id: strawberry.ID = strawberry.field(
        description="An open request; an accepted one gives the assessment it has again, a draft as JOINED."
    )
    site_id: strawberry.ID | None = strawberry.field(
        default=None, description="Which of the own sites is meant, where a site is asked for."
    )
    start_revision: bool = strawberry.field(
        default=False,
        description="Whether to start a revision at once where the answers were submitted at a lower tier.",
    )


@strawberry.input(description="Which request is declined, and why.")
class DeclineRequestInput:
    request_id: strawberry.ID = strawberry.field(description="An open or accepted request.")
    reason: str | None = strawberry.field(
        default=None,
        description="1 to 1,000 characters; the buyer reads it. Nobody has to give one: a refusal without a reason,"
        " such as of what `isOptional`, tells the buyer nothing else.",
    )


@strawberry.input(description="Which request is for somebody else.")
class DisownRequestInput:
    request_id: strawberry.ID = strawberry.field(description="An open or accepted request.")
    reason: str = strawberry.field(description="1 to 1,000 characters; the buyer reads it.")


@rules.type(rules.AS_PARENT, description="The request is accepted.")
class RequestAccepted:
    outcome: AcceptOutcome = rules.field(description="What that led to.")
    request: ReceivedRequest = rules.field(description="The request as it is now.")
    assessment: Assessment = rules.field(description="The assessment that answers it.")
    submission: Submission | None = rules.field(
        description="What can be shared at once, where it was submitted already."
    )
    results: list[AnswerResult] = rules.field(
        description="Where a revision was started, or a draft that answered a clarification is open for all answers"
        " now: what became of each write that had waited, as `correctAssessment` tells it.",
        list_size=50,
    )


@rules.type(rules.AS_PARENT, description="The buyer is told.")
class RequestDeclined:
    request: ReceivedRequest = rules.field(description="The request as it is now.")


@rules.type(rules.AS_PARENT, description="The buyer is told that somebody else is meant.")
class RequestDisowned:
    request: ReceivedRequest = rules.field(description="The request as it is now.")


async def read_over(session: Session, actor: access.Actor, wanted: Sequence[UUID]) -> dict[UUID, bool]:
    """Whether each of these requests is beyond the limit; those of a page are read together."""
    return await loads.find_over(session, actor, wanted)


async def read_burdens(session: Session, actor: access.Actor, wanted: Sequence[UUID]) -> dict[UUID, RequestBurden]:
    """What each of these requests costs; those of a page are read together."""
    measured = await burden.measure_requests(session, actor, wanted)
    return {key: make_burden(one, actor.organization) for key, one in measured.items()}


def make_burden(measured: burden.Measured, owner: UUID) -> RequestBurden:
    found = measured.burden
    return RequestBurden(
        questions=found.questions,
        known=found.known,
        to_confirm=found.to_confirm,
        reusable=found.reusable,
        new=found.new,
        minutes=found.minutes,
        documents_needed=found.documents_needed,
        documents_at_hand=found.documents_at_hand,
        renews_id=None if measured.renews_id is None else nodes.encode_id(ASSESSMENT, measured.renews_id, owner),
    )


def read_received_id(value: str) -> UUID:
    """The request that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, RECEIVED, path=("request_id",)).id


async def tell_results(
    info: Info, session: Session, actor: access.Actor, revision: Revision | None
) -> list[AnswerResult]:
    """What became of writes that had waited for a revision."""
    if revision is None:
        return []
    return await answer.tell_results(info, session, actor, revision.definition, revision.outcomes)


def reads_request(session: Session, actor: access.Actor, id: UUID) -> Any:
    """How a member of a mutation's result reads a request."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.RECEIVED_REQUEST, part, id=id)

    return read


@nodes.loads(RECEIVED)
async def load_received(info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.RECEIVED_REQUEST, wanted, owner="buyer_id")


@strawberry.type
class ReceivedRequestQuery:
    @rules.query(
        access.SUPPLIER,
        description="What buyers ask of the organization, the first due first. A second part is listed by itself only "
        "where its state differs from that of the first: else it stands in `extras`.",
    )
    async def received_requests(
        self,
        info: Info,
        first: First = 25,
        after: After = None,
        state: Annotated[RequestState | None, strawberry.argument(description="Only those in this state.")] = None,
        questionnaire: Annotated[
            str | None, strawberry.argument(description="Only those for this questionnaire.")
        ] = None,
    ) -> ReceivedRequestConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            if questionnaire is not None:
                await definitions.check_questionnaire(session, questionnaire)
            return await reading.read_connection(session, actor, nouns.RECEIVED_REQUESTS, selected)  # type: ignore[no-any-return]


@strawberry.type
class ReceivedRequestMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Accept a request and what was asked along: each joins the assessment that is there, or starts "
        "one. A second part that cannot be accepted just now waits by itself.",
    )
    async def accept_request(
        self, info: Info, input: Annotated[AcceptRequestInput, strawberry.argument(description="Which one.")]
    ) -> RequestAccepted:
        selected, wanted = selection.read(info), read_received_id(input.request_id)
        async with info.context.transaction() as (session, actor):
            done = await received.accept_request(
                session,
                actor,
                request_id=wanted,
                site_id=read_site_id(input.site_id),
                start_revision=input.start_revision,
            )
            offered = done.submission_id
            members = {
                "outcome": AcceptOutcome(done.outcome),
                "request": reads_request(session, actor, wanted),
                "assessment": reads_assessment(session, actor, done.assessment.id),
                "submission": None if offered is None else reads_submission(session, actor, offered),
                "results": await tell_results(info, session, actor, done.revision),
            }
            return await reading.compose("RequestAccepted", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Say no to a request, with a reason or without; the same again changes nothing.",
    )
    async def decline_request(
        self, info: Info, input: Annotated[DeclineRequestInput, strawberry.argument(description="Which one.")]
    ) -> RequestDeclined:
        selected, wanted = selection.read(info), read_received_id(input.request_id)
        async with info.context.transaction() as (session, actor):
            await received.decline_request(session, actor, request_id=wanted, reason=input.reason)
            members = {"request": reads_request(session, actor, wanted)}
            return await reading.compose("RequestDeclined", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR, description='Say "not us", also to what was asked along: the buyer means somebody else.'
    )
    async def disown_request(
        self, info: Info, input: Annotated[DisownRequestInput, strawberry.argument(description="Which one.")]
    ) -> RequestDisowned:
        selected, wanted = selection.read(info), read_received_id(input.request_id)
        async with info.context.transaction() as (session, actor):
            await received.disown_request(session, actor, request_id=wanted, reason=input.reason)
            members = {"request": reads_request(session, actor, wanted)}
            return await reading.compose("RequestDisowned", selected, members)  # type: ignore[return-value]
