"""What is open in an operator's view into one organization's data; each read is left in its audit trail."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import orjson
import strawberry
from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField

from graphql_schema import nodes, paging, rules
from graphql_schema.answer import ASSESSMENT, AnswerState
from graphql_schema.assessment import AssessmentState
from graphql_schema.context import Info, Session
from graphql_schema.evidence import EVIDENCE, EvidenceKind, EvidenceState
from graphql_schema.glass import GLASS, read_glass_id
from graphql_schema.member import MEMBER, MemberRole
from graphql_schema.organization import ORGANIZATION, OrganizationRole, OrganizationSize, OrganizationStatus
from graphql_schema.questionnaire_request import REQUEST, RequestState
from graphql_schema.scalars import CountryCode, Locale
from graphql_schema.share import SHARE, ShareMode
from graphql_schema.submission import SUBMISSION, SubmissionState
from graphql_schema.tier import QuestionnaireTier
from graphql_schema.webhook import DELIVERY, ENDPOINT, WebhookDeliveryState, WebhookFailure
from portal import access, errors
from portal.oversight import glasses, looks

WRAPPERS = frozenset({"edges", "node"})  # say nothing of what was read
LEFT_OUT = frozenset({"pageInfo", "cursor"})
BY_ID = paging.Order("glassView.id", ())
BY_QUESTION = paging.Order("glassView.question", (str, str))
_PERIOD_START, _PERIOD_END = "The first day of the reporting period.", "The last day of the reporting period."


def list_fields(selections: Iterable[Any], above: str = "") -> Iterator[str]:
    """The leaves of a selection, each by its way down; what only makes a page of a list is left out."""
    for one in selections:
        if isinstance(one, InlineFragment | FragmentSpread):
            yield from list_fields(one.selections, above)
        elif isinstance(one, SelectedField) and one.name not in LEFT_OUT:
            path = above if one.name in WRAPPERS else f"{above}.{one.name}".lstrip(".")
            yield from list_fields(one.selections, path) if one.selections else [path]


@asynccontextmanager
async def look(info: Info, view: "GlassView | GlassAssessment") -> AsyncIterator[Session]:
    """A transaction that sees the organization's rows, once what is going to be read is written down."""
    names = sorted(set(list_fields(info.selected_fields)))
    async with info.context.transaction() as (session, actor):
        await looks.look(session, actor, organization=view.owner, glass=view.glass, fields=names)
        yield session


@rules.type(access.GLASS, description="The facts of the organization.")
class GlassProfile:
    name: str = rules.field(description="Its name.")
    country: CountryCode | None = rules.field(description="Where it has its seat.")
    sector: str | None = rules.field(description="A section or division of ISIC Rev.4.")
    size: OrganizationSize | None = rules.field(description="Its size by people.")
    status: OrganizationStatus = rules.field(description="Whether it takes part.")
    roles: list[OrganizationRole] = rules.field(description="What it acts as now.")
    locale: Locale = rules.field(description="The language it prefers.")
    time_zone: str = rules.field(description="Its time zone.")
    requires_second_factor: bool = rules.field(description="Whether it requires a second factor of its members.")


@rules.type(access.GLASS, description="Somebody who belongs to it.")
class GlassMember:
    id: strawberry.ID = rules.field(description="The member's id.")
    name: str = rules.field(description="Name.")
    email: str = rules.field(description="Address.")
    role: MemberRole = rules.field(description="Role.")
    joined_at: datetime = rules.field(description="Since when.")


@rules.type(access.GLASS, description="A request that it made or got.")
class GlassRequest:
    id: strawberry.ID = rules.field(description="The request's id, as its buyer knows it.")
    is_own: bool = rules.field(description="Whether it asked; else it was asked.")
    other_organization_id: strawberry.ID | None = rules.field(description="The other side; null where none is linked.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    minimum_tier: QuestionnaireTier = rules.field(description="The least tier to answer.")
    period_start: date = rules.field(description=_PERIOD_START)
    period_end: date = rules.field(description=_PERIOD_END)
    due_on: date = rules.field(description="When it is due.")
    state: RequestState = rules.field(description="Where it stands.")
    asked_at: datetime = rules.field(description="When it was made.")


@rules.type(access.GLASS, description="One answer as it stands.")
class GlassAnswer:
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row of a list; null where the question has none.")
    state: AnswerState = rules.field(description="In which state it is.")
    value: str | None = rules.field(description="The value as JSON; null where there is none.")
    reason: str | None = rules.field(description="Why there is none.")
    comment: str | None = rules.field(description="What was remarked.")
    changed_at: datetime = rules.field(description="When it was last changed.")


def make_answer(row: Any) -> GlassAnswer:
    return GlassAnswer(
        question=row.question,
        row_id=row.row_id or None,
        state=AnswerState(row.state),
        value=None if row.value is None else orjson.dumps(row.value).decode(),
        reason=row.reason,
        comment=row.comment,
        changed_at=row.changed_at,
    )


@rules.type(access.GLASS, description="One of its assessments.")
class GlassAssessment:
    id: strawberry.ID = rules.field(description="The assessment's id.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="Its version.")
    tier: QuestionnaireTier = rules.field(description="The tier that is answered.")
    period_start: date = rules.field(description=_PERIOD_START)
    period_end: date = rules.field(description=_PERIOD_END)
    revision: int = rules.field(description="Which revision it is.")
    state: AssessmentState = rules.field(description="Where it stands.")
    submitted_at: datetime | None = rules.field(description="When it was submitted; null while it was not.")
    updated_at: datetime = rules.field(description="When it was last changed.")
    row: strawberry.Private[UUID]
    glass: strawberry.Private[UUID]
    owner: strawberry.Private[UUID]

    @rules.method(description="Its answers as they stand, by question.")
    async def answers(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassAnswer]:
        page = paging.read_page(BY_QUESTION, first, after)
        place = (str(page.after.keys[0]), str(page.after.keys[1])) if page.after else None
        async with look(info, self) as session:
            rows = await looks.list_answers(session, self.owner, assessment=self.row, after=place, limit=page.limit)
        return paging.build_connection(
            page, rows, keys=lambda row: ((row.question, row.row_id), self.row), node=make_answer
        )


@rules.type(access.GLASS, description="What it submitted, with its result at the tier that was answered.")
class GlassSubmission:
    id: strawberry.ID = rules.field(description="The submission's id.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="Its version.")
    tier: QuestionnaireTier = rules.field(description="The tier that was answered.")
    period_start: date = rules.field(description=_PERIOD_START)
    period_end: date = rules.field(description=_PERIOD_END)
    revision: int = rules.field(description="Which revision it is.")
    state: SubmissionState = rules.field(description="Whether it counts.")
    root_hash: str = rules.field(description="What seals it, in hexadecimal.")
    submitted_at: datetime = rules.field(description="When.")
    total: Decimal | None = rules.field(description="Points of 100; null where nothing could be rated.")
    band: str | None = rules.field(description="The band; null where there is none.")
    valid_until: date | None = rules.field(description="The last day of the result.")


@rules.type(access.GLASS, description="One of its documents; the file itself is not open in a view.")
class GlassDocument:
    id: strawberry.ID = rules.field(description="The document's id.")
    file_name: str = rules.field(description="The name of the file.")
    title: str | None = rules.field(description="What its supplier calls it.")
    kind: EvidenceKind = rules.field(description="What it is.")
    state: EvidenceState = rules.field(description="Where it stands.")
    media_type: str | None = rules.field(description="Its type by content.")
    size: int | None = rules.field(description="Bytes, at most 2^31 - 1 of them counted.")
    valid_until: date | None = rules.field(description="Its last day.")
    created_at: datetime = rules.field(description="When it was announced.")


@rules.type(access.GLASS, description="What it shares as a supplier, or shared.")
class GlassShare:
    id: strawberry.ID = rules.field(description="The share's id.")
    buyer_id: strawberry.ID = rules.field(description="With whom.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    mode: ShareMode = rules.field(description="Whether it keeps to one submission.")
    purpose: str = rules.field(description="What for.")
    starts_at: datetime = rules.field(description="From when.")
    until: datetime | None = rules.field(description="Until when; null where it has no end.")
    revoked_at: datetime | None = rules.field(description="When it was revoked.")


@rules.type(
    access.GLASS, description="One message to one of its webhook endpoints: what became of it, not what it said."
)
class GlassDelivery:
    id: strawberry.ID = rules.field(description="The message's id in the log.")
    endpoint_id: strawberry.ID = rules.field(description="To which endpoint; its address may hold a secret.")
    type: str = rules.field(description="The type of event.")
    state: WebhookDeliveryState = rules.field(description="What became of it.")
    attempts: int = rules.field(description="How many tries there were.")
    happened_at: datetime = rules.field(description="When it happened.")
    attempted_at: datetime | None = rules.field(description="When it was last tried.")
    response_code: int | None = rules.field(description="The status of the last answer.")
    failure: WebhookFailure | None = rules.field(description="What was wrong with the last try.")


@rules.type(access.GLASS, description="What an operator may see of one organization while a view of its own is open.")
class GlassView:
    id: strawberry.ID = rules.field(description="The view's id.")
    organization_id: strawberry.ID = rules.field(description="Whose data.")
    until: datetime = rules.field(description="When it ends by itself.")
    glass: strawberry.Private[UUID]
    owner: strawberry.Private[UUID]

    async def _list(
        self, info: Info, read: Callable[..., Any], make: Callable[[Any], Any], first: int, after: str | None
    ) -> Any:
        page = paging.read_page(BY_ID, first, after)
        async with look(info, self) as session:
            before = page.after.id if page.after else None
            rows = await read(session, self.owner, before=before, limit=page.limit)
        return paging.build_connection(page, rows, keys=lambda row: ((), row.id), node=make)

    def _name(self, kind: nodes.NodeKind, row: UUID) -> strawberry.ID:
        return nodes.encode_id(kind, row, self.owner)

    @rules.method(description="The facts of the organization.")
    async def profile(self, info: Info) -> GlassProfile:
        async with look(info, self) as session:
            found = await looks.read_profile(session, self.owner)
        return GlassProfile(
            name=found["name"],
            country=None if found["country"] is None else CountryCode(found["country"]),
            sector=found["sector"],
            size=None if found["size_band"] is None else OrganizationSize(found["size_band"]),
            status=OrganizationStatus(found["status"]),
            roles=[OrganizationRole(one) for one in found["roles"]],
            locale=Locale(found["locale"]),
            time_zone=found["time_zone"],
            requires_second_factor=found["requires_second_factor"],
        )

    @rules.method(description="Who belongs to it.")
    async def members(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassMember]:
        def make(row: Any) -> GlassMember:
            return GlassMember(
                id=self._name(MEMBER, row.id),
                name=row.name,
                email=row.email,
                role=MemberRole(row.role),
                joined_at=row.created_at,
            )

        page: paging.Connection[GlassMember] = await self._list(info, looks.list_members, make, first, after)
        return page

    @rules.method(description="The requests that it made or got, the newest first.")
    async def requests(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassRequest]:
        def make(row: Any) -> GlassRequest:
            return GlassRequest(
                id=nodes.encode_id(REQUEST, row.id, row.buyer_id),
                is_own=row.is_own,
                other_organization_id=None if row.other_id is None else nodes.encode_id(ORGANIZATION, row.other_id),
                questionnaire=row.questionnaire,
                minimum_tier=QuestionnaireTier(row.minimum_tier),
                period_start=row.period_start,
                period_end=row.period_end,
                due_on=row.due_on,
                state=RequestState(row.state),
                asked_at=row.created_at,
            )

        page: paging.Connection[GlassRequest] = await self._list(info, looks.list_requests, make, first, after)
        return page

    @rules.method(description="Its assessments, drafts too, the newest first.")
    async def assessments(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassAssessment]:
        def make(row: Any) -> GlassAssessment:
            return GlassAssessment(
                id=self._name(ASSESSMENT, row.id),
                questionnaire=row.questionnaire,
                version=row.version,
                tier=QuestionnaireTier(row.tier),
                period_start=row.period_start,
                period_end=row.period_end,
                revision=row.revision,
                state=AssessmentState(row.state),
                submitted_at=row.submitted_at,
                updated_at=row.updated_at,
                row=row.id,
                glass=self.glass,
                owner=self.owner,
            )

        page: paging.Connection[GlassAssessment] = await self._list(info, looks.list_assessments, make, first, after)
        return page

    @rules.method(description="What it submitted, the newest first, with results.")
    async def submissions(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassSubmission]:
        def make(row: Any) -> GlassSubmission:
            return GlassSubmission(
                id=self._name(SUBMISSION, row.id),
                questionnaire=row.questionnaire,
                version=row.version,
                tier=QuestionnaireTier(row.tier),
                period_start=row.period_start,
                period_end=row.period_end,
                revision=row.revision,
                state=SubmissionState(row.state),
                root_hash=row.root_hash.hex(),
                submitted_at=row.submitted_at,
                total=None if row.total is None else Decimal(row.total) / 100,
                band=row.band,
                valid_until=row.valid_until,
            )

        page: paging.Connection[GlassSubmission] = await self._list(info, looks.list_submissions, make, first, after)
        return page

    @rules.method(description="Its documents, the newest first; files are not open in a view.")
    async def documents(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassDocument]:
        def make(row: Any) -> GlassDocument:
            return GlassDocument(
                id=self._name(EVIDENCE, row.id),
                file_name=row.file_name,
                title=row.title,
                kind=EvidenceKind(row.kind),
                state=EvidenceState(row.state),
                media_type=row.media_type,
                size=None if row.size is None else min(row.size, 2**31 - 1),
                valid_until=row.valid_until,
                created_at=row.created_at,
            )

        page: paging.Connection[GlassDocument] = await self._list(info, looks.list_evidence, make, first, after)
        return page

    @rules.method(description="What it shares as a supplier, or shared, the newest first.")
    async def shares(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassShare]:
        def make(row: Any) -> GlassShare:
            return GlassShare(
                id=self._name(SHARE, row.id),
                buyer_id=nodes.encode_id(ORGANIZATION, row.buyer_id),
                questionnaire=row.questionnaire,
                mode=ShareMode(row.mode),
                purpose=row.purpose,
                starts_at=row.starts_at,
                until=row.until,
                revoked_at=row.revoked_at,
            )

        page: paging.Connection[GlassShare] = await self._list(info, looks.list_shares, make, first, after)
        return page

    @rules.method(description="The log of its webhooks, the newest first.")
    async def webhook_deliveries(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassDelivery]:
        def make(row: Any) -> GlassDelivery:
            return GlassDelivery(
                id=self._name(DELIVERY, row.id),
                endpoint_id=self._name(ENDPOINT, row.endpoint_id),
                type=row.type,
                state=WebhookDeliveryState(row.state),
                attempts=row.attempts,
                happened_at=row.happened_at,
                attempted_at=row.attempted_at,
                response_code=row.response_code,
                failure=None if row.failure is None else WebhookFailure(row.failure),
            )

        page: paging.Connection[GlassDelivery] = await self._list(info, looks.list_deliveries, make, first, after)
        return page


@strawberry.type
class GlassViewQuery:
    @rules.query(
        access.GLASS,
        description="What an open view of the caller's own shows; nothing can be changed by it. Each field below leaves"
        " what it read in the organization's audit trail.",
    )
    async def glass_view(
        self, info: Info, glass_id: Annotated[strawberry.ID, strawberry.argument(description="One of `glasses`.")]
    ) -> GlassView:
        async with info.context.transaction() as (session, actor):
            found = await glasses.find_view(session, actor, read_glass_id(glass_id))
            if not found.is_open or found.operator_id != actor.user_id:
                raise errors.NotFound("You have no open view of this id.", path=("glass_id",))
        return GlassView(
            id=nodes.encode_id(GLASS, found.id, found.organization_id),
            organization_id=nodes.encode_id(ORGANIZATION, found.organization_id),
            until=found.until,
            glass=found.id,
            owner=found.organization_id,
        )
