"""What an owner sees of webhooks: the endpoints of the organization, and what became of each message."""

from typing import Any

from sqlalchemy import Text, Uuid, cast, func, select

from portal.database.tables.webhooks import WebhookDelivery, WebhookEndpoint, WebhookSecret
from portal.reading import outputs
from portal.reading.assessments import newest_first, node_id
from portal.reading.declarations import Connection, Field, Filter, Noun, equals, plain
from portal.reading.sources import Condition, Source, Viewer

ENDPOINT_TAG, DELIVERY_TAG = "whep", "whdl"


def own_scope(row: Source, viewer: Viewer) -> Condition:
    return row.c.organization_id == viewer.organization_id  # type: ignore[no-any-return]


def find_former_end(row: Source, viewer: Viewer) -> Any:
    """Until when the secret before the present one signs along."""
    table = WebhookSecret.__table__.alias()
    return (
        select(func.max(table.c.valid_until))
        .where(
            table.c.organization_id == row.c.organization_id,
            table.c.endpoint_id == row.c.id,
            table.c.valid_until > viewer.now,
        )
        .correlate(row.rows)
        .scalar_subquery()
    )


def spell_message(row: Source, viewer: Viewer) -> Any:
    """As the message itself names it."""
    return func.concat("msg_", func.replace(cast(row.c.message_id, Text), "-", ""), type_=Text)


ENDPOINT = Noun(
    "WebhookEndpoint",
    source=WebhookEndpoint.__table__,
    scope=own_scope,
    key=("organization_id", "id"),
    fields={
        "id": node_id(ENDPOINT_TAG, "organization_id"),
        "url": plain("url"),
        "description": plain("description"),
        "types": plain("types"),
        "state": plain("state", outputs.CODE),
        "disabled_reason": plain("disabled_reason", outputs.CODE),
        "disabled_at": plain("disabled_at", outputs.MOMENT),
        "failing_since": plain("failing_since", outputs.MOMENT),
        "former_secret_until": Field(find_former_end, outputs.MOMENT),
        "created_at": plain("created_at", outputs.MOMENT),
        "updated_at": plain("updated_at", outputs.MOMENT),
    },
)
ENDPOINTS = Connection(ENDPOINT, sorts={"newest": newest_first()}, default_sort="newest")
DELIVERY = Noun(
    "WebhookDelivery",
    source=WebhookDelivery.__table__,
    scope=own_scope,
    key=("organization_id", "id"),
    fields={
        "id": node_id(DELIVERY_TAG, "organization_id"),
        "endpoint_id": node_id(ENDPOINT_TAG, "organization_id", "endpoint_id"),
        "message_id": Field(spell_message, required=True),
        "type": plain("type"),
        "state": plain("state", outputs.CODE),
        "attempts": plain("attempts"),
        "response_code": plain("response_code"),
        "failure": plain("failure"),
        "happened_at": plain("happened_at", outputs.MOMENT),
        "attempted_at": plain("attempted_at", outputs.MOMENT),
        "next_attempt_at": plain("next_attempt_at", outputs.MOMENT),
        "created_at": plain("created_at", outputs.MOMENT),
    },
)
DELIVERIES = Connection(
    DELIVERY,
    sorts={"newest": newest_first()},
    default_sort="newest",
    filters={
        "endpoint_id": Filter(lambda row, viewer, value: row.c.endpoint_id == value, Uuid()),
        "state": equals("state"),
        "type": equals("type"),
    },
    always=frozenset({"endpoint_id"}),
)
