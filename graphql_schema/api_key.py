"""API keys of the caller's organization: the credentials of machines."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_schema import nodes, rules
from graphql_schema.context import Info, Session
from portal import access
from portal.identity import api_keys

API_KEY = nodes.NodeKind("apik", "ApiKey", access.OWNER)


@strawberry.enum(description="What a key may do, within what the organization's active roles may.")
class ApiKeyScope(enum.Enum):
    ASSESSMENTS_READ = strawberry.enum_value(
        "assessments:read", description="Read own assessments and shares; suppliers."
    )
    ASSESSMENTS_WRITE = strawberry.enum_value("assessments:write", description="Answer, submit and share; suppliers.")
    SUPPLIERS_READ = strawberry.enum_value("suppliers:read", description="Read supplier records and profiles; buyers.")
    SUPPLIERS_WRITE = strawberry.enum_value(
        "suppliers:write", description="Write supplier records and requests; buyers."
    )
    BENCHMARKS_READ = strawberry.enum_value("benchmarks:read", description="Read released benchmarks.")
    QUESTIONNAIRES_WRITE = strawberry.enum_value(
        "questionnaires:write", description="Write and publish own questionnaires; buyers and partners."
    )


@rules.type(access.OWNER, description="An API key; its secret is shown once, when it is made.")
class ApiKey(nodes.Node):
    name: str = rules.field(description="What it is for, 1 to 200 characters.")
    scopes: list[ApiKeyScope] = rules.field(description="What it may do.")
    created_at: datetime = rules.field(description="When it was made.")
    expires_at: datetime | None = rules.field(description="When it ends by itself; null for never.")
    revoked_at: datetime | None = rules.field(description="When it was revoked; null while it holds.")
    last_used_at: datetime | None = rules.field(
        description="When a call came with it last, to within some minutes; null for never."
    )


@strawberry.input(description="A new API key.")
class CreateApiKeyInput:
    name: str = strawberry.field(description="What it is for, 1 to 200 characters.")
    scopes: list[ApiKeyScope] = strawberry.field(description="What it may do, at least one.")
    expires_at: datetime | None = strawberry.field(
        description="When it ends by itself; never without it.", default=None
    )
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters, the client's own; a repeated call with it makes no second key.", default=None
    )


@strawberry.input(description="Which key to replace.")
class RotateApiKeyInput:
    api_key_id: strawberry.ID = strawberry.field(description="One of `apiKeys` that holds.")
    overlap_hours: int = strawberry.field(
        description="For how many hours the old key holds on, while machines are given the new one: 0 to 720.",
        default=24,
    )
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters, the client's own; a repeated call with it makes no second key.", default=None
    )


@strawberry.input(description="Which key to revoke.")
class RevokeApiKeyInput:
    api_key_id: strawberry.ID = strawberry.field(description="One of `apiKeys`.")


@rules.type(rules.AS_PARENT, description="The key holds from now on.")
class ApiKeyCreated:
    api_key: ApiKey = rules.field(description="The key.")
    secret: str | None = rules.field(
        description="What a machine sends as `Authorization: Bearer`; only here, and null in a repeated call."
    )


@rules.type(rules.AS_PARENT, description="The new key holds from now on, the old one for a while.")
class ApiKeyRotated:
    api_key: ApiKey = rules.field(description="The new key: name, scopes and lifetime are those of the old one.")
    secret: str | None = rules.field(
        description="What a machine sends as `Authorization: Bearer`; only here, and null in a repeated call."
    )
    former: ApiKey = rules.field(description="The old key, with the time at which it ends.")


@rules.type(rules.AS_PARENT, description="The key is worth nothing from now on.")
class ApiKeyRevoked:
    api_key: ApiKey = rules.field(description="The key as it is now.")


def make_api_key(found: api_keys.ApiKey) -> ApiKey:
    return ApiKey(
        id=nodes.encode_id(API_KEY, found.id, found.organization_id),
        name=found.name,
        scopes=[ApiKeyScope(scope) for scope in found.scopes],
        created_at=found.created_at,
        expires_at=found.expires_at,
        revoked_at=found.revoked_at,
        last_used_at=found.last_used_at,
    )


@nodes.loads(API_KEY)
async def load_api_keys(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[ApiKey | None]:
    own = [one.id for one in wanted if one.owner == actor.organization_id]
    listed = await api_keys.list_api_keys(session, actor, key_ids=own) if own else []
    found = {(one.organization_id, one.id): make_api_key(one) for one in listed}
    return [found.get((one.owner, one.id)) for one in wanted]


@strawberry.type
class ApiKeyQuery:
    @rules.query(
        access.OWNER, description="The keys of the organization, revoked ones too, the newest first; at most 100."
    )
    async def api_keys(self, info: Info) -> list[ApiKey]:
        async with info.context.transaction() as (session, actor):
            return [make_api_key(one) for one in await api_keys.list_api_keys(session, actor)]


@strawberry.type
class ApiKeyMutation:
    @rules.mutation(access.OWNER, description="Make an API key; its secret is in this answer and nowhere else.")
    async def create_api_key(
        self, info: Info, input: Annotated[CreateApiKeyInput, strawberry.argument(description="The key.")]
    ) -> ApiKeyCreated:
        async with info.context.transaction() as (session, actor):
            made = await api_keys.create_api_key(
                session,
                actor,
                name=input.name,
                scopes=[str(scope.value) for scope in input.scopes],
                expires_at=input.expires_at,
                idempotency_key=input.idempotency_key,
            )
        return ApiKeyCreated(api_key=make_api_key(made), secret=made.secret)

    @rules.mutation(access.OWNER, description="Put a new key in the place of one, which holds on for some hours.")
    async def rotate_api_key(
        self, info: Info, input: Annotated[RotateApiKeyInput, strawberry.argument(description="Which key.")]
    ) -> ApiKeyRotated:
        wanted = nodes.decode_id(input.api_key_id, API_KEY, path=("api_key_id",))
        async with info.context.transaction() as (session, actor):
            made, former = await api_keys.rotate_api_key(
                session,
                actor,
                key_id=wanted.id,
                overlap_hours=input.overlap_hours,
                idempotency_key=input.idempotency_key,
            )
        return ApiKeyRotated(api_key=make_api_key(made), secret=made.secret, former=make_api_key(former))

    @rules.mutation(access.OWNER, description="End a key at once; revoking one again changes nothing.")
    async def revoke_api_key(
        self, info: Info, input: Annotated[RevokeApiKeyInput, strawberry.argument(description="Which key.")]
    ) -> ApiKeyRevoked:
        wanted = nodes.decode_id(input.api_key_id, API_KEY, path=("api_key_id",))
        await info.context.check(access.OWNER)
        await info.context.note_uses()  # the last one is the more telling now
        async with info.context.transaction() as (session, actor):
            return ApiKeyRevoked(api_key=make_api_key(await api_keys.revoke_api_key(session, actor, key_id=wanted.id)))
