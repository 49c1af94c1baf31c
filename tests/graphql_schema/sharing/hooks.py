"""What tests of webhooks ask again and again, and the settings that let messages reach this machine."""

import asyncio
from typing import Any

from tests.graphql_schema.sharing.stage import WAIT, Stage
from tests.portal.assessments.house import Caller
from tests.receivers import Receiver

LOCAL = {"webhook_http": True, "webhook_networks": "127.0.0.0/8"}
ENDPOINT = "id url description types state disabledReason disabledAt failingSince formerSecretUntil"
PROBLEM = "__typename ... on Problem { code path message } ... on InvalidInput { problems { code path message } }"
DELIVERY = "id endpointId messageId type state attempts responseCode failure nextAttemptAt attemptedAt happenedAt"
LIST = f"{{ webhookEndpoints {{ nodes {{ {ENDPOINT} }} }} }}"
LOG = f"""query ($id: ID!, $state: WebhookDeliveryState, $type: String, $first: Int! = 25, $after: String) {{
  webhookDeliveries(endpointId: $id, state: $state, type: $type, first: $first, after: $after) {{
    nodes {{ {DELIVERY} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
FIELDS = {
    "create": ("createWebhookEndpoint", "WebhookEndpointCreated", f"endpoint {{ {ENDPOINT} }} secret"),
    "change": ("changeWebhookEndpoint", "WebhookEndpointChanged", f"endpoint {{ {ENDPOINT} }}"),
    "rotate": ("rotateWebhookSecret", "WebhookSecretRotated", f"endpoint {{ {ENDPOINT} }} secret"),
    "pause": ("pauseWebhookEndpoint", "WebhookEndpointPaused", f"endpoint {{ {ENDPOINT} }}"),
    "enable": ("enableWebhookEndpoint", "WebhookEndpointEnabled", f"endpoint {{ {ENDPOINT} }}"),
    "remove": ("removeWebhookEndpoint", "WebhookEndpointRemoved", "endpointId"),
    "ping": ("pingWebhook", "WebhookPinged", f"endpoint {{ {ENDPOINT} }}"),
    "replay": ("replayWebhookDelivery", "WebhookDeliveryReplayed", f"delivery {{ {DELIVERY} }}"),
    "replay_all": ("replayWebhookDeliveries", "WebhookDeliveriesReplayed", "count"),
}


def write(act: str) -> str:
    name, success, fields = FIELDS[act]
    input_type = f"{name[0].upper()}{name[1:]}Input"
    return (
        f"mutation ($input: {input_type}!) {{ {name}(input: $input) {{ {PROBLEM} ... on {success} {{ {fields} }} }} }}"
    )


async def do(stage: Stage, caller: Caller, act: str, **given: Any) -> Any:
    """The member of the result union."""
    return await stage.change(caller, write(act), **given)


async def open_endpoint(stage: Stage, caller: Caller, receiver: Receiver | str, *types: str) -> tuple[str, str]:
    """A new endpoint with its secret."""
    url = receiver if isinstance(receiver, str) else receiver.url()
    made = await do(stage, caller, "create", url=url, eventTypes=list(types) or ["benchmark.released"])
    assert made["__typename"] == "WebhookEndpointCreated", made
    return made["endpoint"]["id"], made["secret"]


async def read_log(stage: Stage, caller: Caller, endpoint: str, **given: Any) -> list[Any]:
    nodes: list[Any] = (await stage.ask(caller, LOG, id=endpoint, **given))["webhookDeliveries"]["nodes"]
    return nodes


async def read_endpoint(stage: Stage, caller: Caller, endpoint: str) -> Any:
    listed = (await stage.ask(caller, LIST))["webhookEndpoints"]["nodes"]
    (found,) = [one for one in listed if one["id"] == endpoint]
    return found


async def relayed(stage: Stage) -> None:
    """Until the worker has passed every event on."""
    await wait_for_none(stage, "SELECT 1 FROM portal.outbox WHERE relayed_at IS NULL")


async def settle(stage: Stage) -> None:
    """Until everything was passed on, and each message that may go out was tried and marked."""
    await relayed(stage)
    await wait_for_none(
        stage,
        "SELECT 1 FROM portal.webhook_delivery d JOIN portal.webhook_endpoint e ON e.id = d.endpoint_id"
        "  JOIN portal.organization o ON o.id = d.organization_id AND o.status = 'active'"
        " WHERE d.state = 'waiting' AND e.state = 'active' AND d.response_code IS NULL AND d.failure IS NULL",
    )


async def wait_for_none(stage: Stage, query: str) -> None:
    async with asyncio.timeout(WAIT):
        while await stage.house.fetch(query):
            await asyncio.sleep(0.05)
