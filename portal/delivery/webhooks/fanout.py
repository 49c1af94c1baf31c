"""From an event to messages: in the relay's own transaction, one for each endpoint that wants to be told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson

from portal.database import ids
from portal.delivery.webhooks import concerns
from portal.delivery.webhooks.catalogue import PING, RELEASED, Side, find_types
from portal.delivery.webhooks.concerns import Concern, Happening
from portal.delivery.webhooks.node_ids import NOBODY, write_id
from portal.reading.other_organizations import ORGANIZATION_TAG
from portal.reading.webhooks import ENDPOINT_TAG

HAS_ENDPOINTS = "SELECT EXISTS (SELECT FROM portal.webhook_endpoint)"
ENDPOINTS = """
SELECT e.organization_id, e.id, e.types,
       ARRAY (SELECT r.role FROM portal.organization_role r
               WHERE r.organization_id = e.organization_id AND r.status = 'active') AS roles
  FROM portal.webhook_endpoint e JOIN portal.organization o ON o.id = e.organization_id AND o.status = 'active'
 WHERE e.organization_id = ANY($1::uuid[]) OR $2 = ANY(e.types)
"""
# One that is there already was written by the same event.
WRITE = """
INSERT INTO portal.webhook_delivery (organization_id, id, endpoint_id, message_id, type, data, happened_at,
                                     share_supplier_id, share_id)
SELECT m.organization_id, m.id, m.endpoint_id, m.message_id, m.type, m.data::jsonb, m.happened_at, m.share_supplier_id,
       m.share_id
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::uuid[],
              $9::uuid[]) AS m (organization_id, id, endpoint_id, message_id, type, data, happened_at,
                                share_supplier_id, share_id)
  JOIN portal.webhook_endpoint e ON e.organization_id = m.organization_id AND e.id = m.endpoint_id
ON CONFLICT (organization_id, endpoint_id, message_id) DO NOTHING
"""
ROLES: Mapping[Side, frozenset[str]] = {
    "supplier": frozenset({"supplier"}),
    "buyer": frozenset({"buyer", "reviewer"}),
    "reader": frozenset({"supplier", "buyer", "partner"}),
}


async def write_deliveries(connection: asyncpg.Connection, happenings: Sequence[Happening]) -> None:
    """Write the messages that these events make; nothing where nobody wants to be told of any."""
    told = [one for one in happenings if find_types(one.topic, one.parts)]
    if not told or not await connection.fetchval(HAS_ENDPOINTS):
        return
    concerned = await concerns.list_concerns(connection, told)
    asked = {one.organization_id for one in concerned}
    asked |= {UUID(one.parts["organization"]) for one in told if one.topic == "webhook.pinged"}
    released = RELEASED if any(one.topic == "release.made" for one in told) else ""
    endpoints = await connection.fetch(ENDPOINTS, list(asked), released)
    concerned += [made for one in told for made in _list_others(one, endpoints)]
    rows = list(_write_rows(concerned, {one.id: one for one in told}, endpoints))
    if rows:
        await connection.execute(WRITE, *map(list, zip(*rows, strict=True)))


def _list_others(happening: Happening, endpoints: Sequence[Any]) -> Iterator[Concern]:
    """A release concerns whoever reads releases, a try the endpoint alone."""
    if happening.topic == "webhook.pinged":
        organization, endpoint = UUID(happening.parts["organization"]), UUID(happening.parts["endpoint"])
        data = {"endpointId": write_id(ENDPOINT_TAG, organization, endpoint)}
        yield Concern(happening.id, "self", organization, endpoint, _name(organization) | data)
    if happening.topic == "release.made":
        number = str(happening.parts["release"])
        for organization in sorted({row["organization_id"] for row in endpoints}):
            yield Concern(happening.id, "reader", organization, organization, _name(organization) | {"release": number})


def _name(organization: UUID) -> dict[str, str]:
    return {"organizationId": write_id(ORGANIZATION_TAG, NOBODY, organization)}


def _write_rows(
    concerned: Sequence[Concern], happenings: Mapping[UUID, Happening], endpoints: Sequence[Any]
) -> Iterator[tuple[Any, ...]]:
    for one in concerned:
        happening = happenings[one.event_id]
        name = find_types(happening.topic, happening.parts).get(one.side)
        if name is None:
            continue
        message = uuid5(happening.id, f"{name} {one.organization_id} {one.subject}")
        data, share = orjson.dumps(one.data).decode(), one.share or (None, None)
        for row in endpoints:
            if row["organization_id"] == one.organization_id and _wants(row, one, name):
                yield one.organization_id, ids.new_id(), row["id"], message, name, data, happening.at, *share


def _wants(endpoint: Any, concern: Concern, name: str) -> bool:
    if name == PING:
        return bool(endpoint["id"] == concern.subject)
    return name in endpoint["types"] and not ROLES[concern.side].isdisjoint(endpoint["roles"])
