"""Webhooks of the caller's organization: endpoints, secrets, trying, the log of deliveries and sending again."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, noun_nodes, rules, selection
from graphql_schema.context import Info, Session
from graphql_schema.paging import After, Connection, First
from portal import access, reading
from portal.delivery.webhooks import endpoints, replaying
from portal.delivery.webhooks.catalogue import CATALOGUE
from portal.reading import webhooks as nouns

ENDPOINT = nodes.NodeKind(nouns.ENDPOINT_TAG, "WebhookEndpoint", access.OWNER)
DELIVERY = nodes.NodeKind(nouns.DELIVERY_TAG, "WebhookDelivery", access.OWNER)


@strawberry.enum(description="Whether an endpoint is told what happens.")
class WebhookEndpointState(enum.Enum):
    ACTIVE = strawberry.enum_value("active", description="It is told at once.")
    PAUSED = strawberry.enum_value("paused", description="What happens waits until an owner enables it.")
    DISABLED = strawberry.enum_value(
        "disabled",
        description="The portal gave up, see `disabledReason`; what happens waits until an owner enables it.",
    )


@strawberry.enum(description="Why the portal gave up.")
class WebhookDisabledReason(enum.Enum):
    GONE = strawberry.enum_value("gone", description="The endpoint answered 410.")
    FAILING = strawberry.enum_value(
        "failing", description="It has taken nothing for three days, and a message used up its tries."
    )


@strawberry.enum(description="What became of a message.")
class WebhookDeliveryState(enum.Enum):
    WAITING = strawberry.enum_value("waiting", description="It is tried at `nextAttemptAt`, or once the endpoint acts.")
    DELIVERED = strawberry.enum_value("delivered", description="The endpoint answered 2xx.")
    FAILED = strawberry.enum_value("failed", description="It is tried no more, unless it is replayed.")
    DROPPED = strawberry.enum_value("dropped", description="The share by which you were to know has ended meanwhile.")


@strawberry.enum(description="What was wrong with the last try.")
class WebhookFailure(enum.Enum):
    STATUS = strawberry.enum_value("STATUS", description="The answer was no 2xx; redirects are not followed.")
    TIMEOUT = strawberry.enum_value("TIMEOUT", description="There was no answer within 15 seconds.")
    CONNECTION = strawberry.enum_value("CONNECTION", description="There was no connection, or it broke.")
    TLS = strawberry.enum_value("TLS", description="The certificate is not valid for the name, or trusted by nobody.")
    REFUSED = strawberry.enum_value(
        "REFUSED", description="The name has no address, or one that is not on the public internet."
    )
    SECRET = strawberry.enum_value("SECRET", description="The secret cannot be read any more: rotate it.")
    SHARE_ENDED = strawberry.enum_value("SHARE_ENDED", description="The share had ended, so that nothing was sent.")


@rules.type(access.PUBLIC, description="A type of event that webhooks tell.")
class WebhookEventType:
    name: str = rules.field(description="As messages and endpoints name it, such as share.created.")
    told_to: list[str] = rules.field(
        description="As what an organization is told it: supplier, buyer (and engaged reviewer), reader, self."
    )
    description: str = rules.field(description="When it happens.")


@rules.type(access.OWNER, description="An address that is told what happens to the organization.")
class WebhookEndpoint(nodes.Node):
    url: str = rules.field(description="Where messages are posted to.")
    description: str | None = rules.field(description="What it is for.")
    types: list[str] = rules.field(description="The types of events that it is told.")
    state: WebhookEndpointState = rules.field(description="Whether it is told.")
    disabled_reason: WebhookDisabledReason | None = rules.field(description="Why the portal gave up; else null.")
    disabled_at: datetime | None = rules.field(description="When the portal gave up; else null.")
    failing_since: datetime | None = rules.field(
        description="Since when tries have failed; null since a message was taken."
    )
    former_secret_until: datetime | None = rules.field(
        description="Until when the secret before the present one signs along; null where none does."
    )
    created_at: datetime = rules.field(description="When it was made.")
    updated_at: datetime = rules.field(description="When it was changed last.")


@rules.type(rules.AS_PARENT, description="A page of endpoints.")
class WebhookEndpointConnection(Connection[WebhookEndpoint]):
    nodes: list[WebhookEndpoint] = rules.field(description="The endpoints of the page, in order.")


@rules.type(access.OWNER, description="One message to one endpoint, kept for a month.")
class WebhookDelivery(nodes.Node):
    endpoint_id: strawberry.ID = rules.field(description="The endpoint.")
    message_id: str = rules.field(description="Its `webhook-id`: the same at each try and for each of your endpoints.")
    type: str = rules.field(description="The type of the event.")
    state: WebhookDeliveryState = rules.field(description="What became of it.")
    attempts: int = rules.field(description="How often it was tried, since it was replayed last.")
    response_code: int | None = rules.field(description="The status of the last answer; null where there was none.")
    failure: WebhookFailure | None = rules.field(
        description="What was wrong with the last try; null where nothing was."
    )
    happened_at: datetime = rules.field(description="When it happened.")
    attempted_at: datetime | None = rules.field(description="When it was tried last.")
    next_attempt_at: datetime | None = rules.field(description="When it is tried next; null where it is not.")
    created_at: datetime = rules.field(description="When it was written.")


@rules.type(rules.AS_PARENT, description="A page of messages.")
class WebhookDeliveryConnection(Connection[WebhookDelivery]):
    nodes: list[WebhookDelivery] = rules.field(description="The messages of the page, in order.")


@strawberry.input(description="Where to be told of what.")
class CreateWebhookEndpointInput:
    url: str = strawberry.field(
        description="An https:// address on the public internet, with port 443 or 1024 and above."
    )
    event_types: list[str] = strawberry.field(description="Names of `webhookEventTypes`, at least one.")
    description: str | None = strawberry.field(default=None, description="What it is for, at most 500 characters.")
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters, the client's own; a repeated call with it makes no second endpoint.",
        default=None,
    )


@strawberry.input(description="What to change; what is left out stays.")
class ChangeWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="One of `webhookEndpoints`.")
    url: str | None = strawberry.field(default=None, description="As when it is made; messages that wait go there.")
    event_types: list[str] | None = strawberry.field(
        default=None, description="All that it is told from now on; what waits already is sent."
    )
    description: str | None = strawberry.field(default=None, description="What it is for; empty for nothing.")


@strawberry.input(description="Which endpoint.")
class RotateWebhookSecretInput:
    endpoint_id: strawberry.ID = strawberry.field(description="One of `webhookEndpoints`.")


@strawberry.input(description="Which endpoint.")
class PauseWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="One of `webhookEndpoints`.")


@strawberry.input(description="Which endpoint.")
class EnableWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="One of `webhookEndpoints`.")


@strawberry.input(description="Which endpoint.")
class RemoveWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="One of `webhookEndpoints`.")


@strawberry.input(description="Which endpoint.")
class PingWebhookInput:
    endpoint_id: strawberry.ID = strawberry.field(description="One of `webhookEndpoints`.")


@strawberry.input(description="Which message.")
class ReplayWebhookDeliveryInput:
    delivery_id: strawberry.ID = strawberry.field(description="One of `webhookDeliveries`.")


@strawberry.input(description="What to send again.")
class ReplayWebhookDeliveriesInput:
    endpoint_id: strawberry.ID = strawberry.field(description="One of `webhookEndpoints`.")
    since: datetime = strawberry.field(description="What happened from this moment on.")
    until: datetime | None = strawberry.field(
        default=None, description="And before this one, at most 31 days later; until now without it."
    )
    with_delivered: bool = strawberry.field(
        default=False, description="Whether what was delivered is sent again, too; else what failed or was dropped."
    )


@rules.type(rules.AS_PARENT, description="The endpoint is told from now on.")
class WebhookEndpointCreated:
    endpoint: WebhookEndpoint = rules.field(description="The endpoint.")
    secret: str | None = rules.field(
        description="What its messages are signed with, `whsec_...`; only here, and null in a repeated call."
    )


@rules.type(rules.AS_PARENT, description="The endpoint is as you said.")
class WebhookEndpointChanged:
    endpoint: WebhookEndpoint = rules.field(description="The endpoint as it is now.")


@rules.type(
    rules.AS_PARENT, description="Messages are signed with both secrets for a day, then with the new one alone."
)
class WebhookSecretRotated:
    endpoint: WebhookEndpoint = rules.field(description="The endpoint as it is now.")
    secret: str = rules.field(description="The new secret, `whsec_...`; only here.")


@rules.type(rules.AS_PARENT, description="What happens waits from now on.")
class WebhookEndpointPaused:
    endpoint: WebhookEndpoint = rules.field(description="The endpoint as it is now.")


@rules.type(rules.AS_PARENT, description="It is told what waits, and what happens from now on.")
class WebhookEndpointEnabled:
    endpoint: WebhookEndpoint = rules.field(description="The endpoint as it is now.")


@rules.type(rules.AS_PARENT, description="It is told nothing any more; its log is gone, too.")
class WebhookEndpointRemoved:
    endpoint_id: strawberry.ID = rules.field(description="The endpoint, which is gone.")


@rules.type(rules.AS_PARENT, description="A message of the type webhook.ping is on its way.")
class WebhookPinged:
    endpoint: WebhookEndpoint = rules.field(description="The endpoint; the log tells within seconds what it said.")


@rules.type(rules.AS_PARENT, description="The message is on its way again.")
class WebhookDeliveryReplayed:
    delivery: WebhookDelivery = rules.field(description="The message as it is now.")


@rules.type(rules.AS_PARENT, description="The messages are on their way again.")
class WebhookDeliveriesReplayed:
    count: int = rules.field(
        description="How many; 5,000 mean that there may be more, which the same call goes on with."
    )


def read_endpoint_id(value: str) -> UUID:
    """The endpoint that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, ENDPOINT, path=("endpoint_id",)).id


async def compose(
    session: Session, actor: access.Actor, name: str, selected: reading.Selected, id: UUID, **more: Any
) -> Any:
    """The result of a mutation of one endpoint; `more` are values that stand beside it."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.ENDPOINT, part, id=id)

    return await reading.compose(name, selected, {"endpoint": read, **more})


async def change(info: Info, id: str, state: endpoints.State, name: str) -> Any:
    """Pause or enable an endpoint."""
    selected, wanted = selection.read(info), read_endpoint_id(id)
    async with info.context.transaction() as (session, actor):
        await endpoints.change_state(session, actor, endpoint_id=wanted, state=state)
        return await compose(session, actor, name, selected, wanted)


@nodes.loads(ENDPOINT)
async def load_endpoints(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.ENDPOINT, wanted, owner="organization_id")


@nodes.loads(DELIVERY)
async def load_deliveries(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.DELIVERY, wanted, owner="organization_id")


@strawberry.type
class WebhookQuery:
    @rules.query(access.PUBLIC, description="The types of events that webhooks tell, `webhook.ping` among them.")
    async def webhook_event_types(self, info: Info) -> list[WebhookEventType]:
        return [
            WebhookEventType(name=one.name, told_to=list(one.sides), description=one.words)
            for one in CATALOGUE.values()
        ]

    @rules.query(access.OWNER, description="The endpoints of the organization, the newest first; at most 10.")
    async def webhook_endpoints(self, info: Info, first: First = 25, after: After = None) -> WebhookEndpointConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            return await reading.read_connection(session, actor, nouns.ENDPOINTS, selected)  # type: ignore[no-any-return]

    @rules.query(access.OWNER, description="What became of the messages to an endpoint, the newest first.")
    async def webhook_deliveries(
        self,
        info: Info,
        endpoint_id: Annotated[strawberry.ID, strawberry.argument(description="One of `webhookEndpoints`.")],
        state: Annotated[
            WebhookDeliveryState | None, strawberry.argument(description="Only those that stand so.")
        ] = None,
        type: Annotated[str | None, strawberry.argument(description="Only those of this type of event.")] = None,
        first: First = 25,
        after: After = None,
    ) -> WebhookDeliveryConnection:
        selected, wanted = selection.read(info), nodes.decode_id(endpoint_id, ENDPOINT, path=("endpointId",))
        async with info.context.reading() as (session, actor):
            return await reading.read_connection(  # type: ignore[no-any-return]
                session, actor, nouns.DELIVERIES, selected, endpoint_id=wanted.id
            )


@strawberry.type
class WebhookMutation:
    @rules.mutation(
        access.OWNER,
        description="Be told what happens at an address, by messages as Standard Webhooks and CloudEvents have them,"
        " with ids alone. Problems: BAD_URL, EVENT_TYPE, REQUIRED, LENGTH, CHARACTERS, TOO_MANY_ENDPOINTS.",
    )
    async def create_webhook_endpoint(
        self,
        info: Info,
        input: Annotated[CreateWebhookEndpointInput, strawberry.argument(description="Where, and what.")],
    ) -> WebhookEndpointCreated:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            made = await endpoints.create_endpoint(
                session,
                actor,
                info.context.settings,
                url=input.url,
                types=input.event_types,
                description=input.description,
                idempotency_key=input.idempotency_key,
            )
            return await compose(  # type: ignore[no-any-return]
                session, actor, "WebhookEndpointCreated", selected, made.id, secret=made.secret
            )

    @rules.mutation(access.OWNER, description="Change the address of an endpoint, what it is told, or its description.")
    async def change_webhook_endpoint(
        self, info: Info, input: Annotated[ChangeWebhookEndpointInput, strawberry.argument(description="What.")]
    ) -> WebhookEndpointChanged:
        selected, wanted = selection.read(info), read_endpoint_id(input.endpoint_id)
        async with info.context.transaction() as (session, actor):
            await endpoints.change_endpoint(
                session,
                actor,
                info.context.settings,
                endpoint_id=wanted,
                url=input.url,
                types=input.event_types,
                description=input.description,
            )
            return await compose(session, actor, "WebhookEndpointChanged", selected, wanted)  # type: ignore[no-any-return]

    @rules.mutation(
        access.OWNER,
        description="Give an endpoint a new secret. The one before signs along for a day, so that a receiver that knows"
        " either takes each message; one before that signs no more.",
    )
    async def rotate_webhook_secret(
        self, info: Info, input: Annotated[RotateWebhookSecretInput, strawberry.argument(description="Which one.")]
    ) -> WebhookSecretRotated:
        selected, wanted = selection.read(info), read_endpoint_id(input.endpoint_id)
        async with info.context.transaction() as (session, actor):
            made = await endpoints.rotate_secret(session, actor, info.context.settings, endpoint_id=wanted)
            return await compose(  # type: ignore[no-any-return]
                session, actor, "WebhookSecretRotated", selected, wanted, secret=made.secret
            )

    @rules.mutation(access.OWNER, description="Let an endpoint rest; what happens meanwhile waits, for a month.")
    async def pause_webhook_endpoint(
        self, info: Info, input: Annotated[PauseWebhookEndpointInput, strawberry.argument(description="Which one.")]
    ) -> WebhookEndpointPaused:
        return await change(info, input.endpoint_id, "paused", "WebhookEndpointPaused")  # type: ignore[no-any-return]

    @rules.mutation(access.OWNER, description="Let an endpoint that rests, or that the portal gave up, go on.")
    async def enable_webhook_endpoint(
        self, info: Info, input: Annotated[EnableWebhookEndpointInput, strawberry.argument(description="Which one.")]
    ) -> WebhookEndpointEnabled:
        return await change(info, input.endpoint_id, "active", "WebhookEndpointEnabled")  # type: ignore[no-any-return]

    @rules.mutation(access.OWNER, description="Remove an endpoint with its secrets, its log and what waits for it.")
    async def remove_webhook_endpoint(
        self, info: Info, input: Annotated[RemoveWebhookEndpointInput, strawberry.argument(description="Which one.")]
    ) -> WebhookEndpointRemoved:
        wanted = read_endpoint_id(input.endpoint_id)
        async with info.context.transaction() as (session, actor):
            await endpoints.remove_endpoint(session, actor, endpoint_id=wanted)
        return WebhookEndpointRemoved(endpoint_id=input.endpoint_id)

    @rules.mutation(
        access.OWNER, description="Send an active endpoint a message to try it with, of the type webhook.ping."
    )
    async def ping_webhook(
        self, info: Info, input: Annotated[PingWebhookInput, strawberry.argument(description="Which one.")]
    ) -> WebhookPinged:
        selected, wanted = selection.read(info), read_endpoint_id(input.endpoint_id)
        async with info.context.transaction() as (session, actor):
            await endpoints.ping_endpoint(session, actor, endpoint_id=wanted)
            return await compose(session, actor, "WebhookPinged", selected, wanted)  # type: ignore[no-any-return]

    @rules.mutation(
        access.OWNER, description="Send a message again, whatever became of it, under the same `webhook-id`."
    )
    async def replay_webhook_delivery(
        self, info: Info, input: Annotated[ReplayWebhookDeliveryInput, strawberry.argument(description="Which one.")]
    ) -> WebhookDeliveryReplayed:
        selected = selection.read(info)
        wanted = nodes.decode_id(input.delivery_id, DELIVERY, path=("delivery_id",)).id
        async with info.context.transaction() as (session, actor):
            await replaying.replay_delivery(session, actor, delivery_id=wanted)

            async def read(part: reading.Selected) -> Any:
                return await reading.read_one(session, actor, nouns.DELIVERY, part, id=wanted)

            return await reading.compose("WebhookDeliveryReplayed", selected, {"delivery": read})  # type: ignore[return-value]

    @rules.mutation(
        access.OWNER,
        description="Send again what an endpoint was to be told of a time, the oldest 5,000 first. Problems: RANGE.",
    )
    async def replay_webhook_deliveries(
        self, info: Info, input: Annotated[ReplayWebhookDeliveriesInput, strawberry.argument(description="Which.")]
    ) -> WebhookDeliveriesReplayed:
        wanted = read_endpoint_id(input.endpoint_id)
        async with info.context.transaction() as (session, actor):
            count = await replaying.replay_range(
                session,
                actor,
                endpoint_id=wanted,
                since=input.since,
                until=input.until,
                with_delivered=input.with_delivered,
            )
        return WebhookDeliveriesReplayed(count=count)
