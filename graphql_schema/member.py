"""The people of the caller's organization, and the invitations that wait for colleagues."""

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import nodes, paging, rules
from graphql_schema.context import Info, Session
from portal import access
from portal.identity import members

MEMBER = nodes.NodeKind("memb", "Member", access.SIGNED_IN)
INVITATION = nodes.NodeKind("invi", "MemberInvitation", access.SIGNED_IN)
BY_ARRIVAL = paging.Order("members.createdAt", (datetime,))


@strawberry.enum(description="What a member may do in the organization.")
class MemberRole(enum.Enum):
    OWNER = strawberry.enum_value("owner", description="Everything, also members, keys and the organization itself.")
    EDITOR = strawberry.enum_value("editor", description="Answers, requests, supplier records, shares.")
    REVIEWER = strawberry.enum_value("reviewer", description="Reads all, and reviews.")
    VIEWER = strawberry.enum_value("viewer", description="Reads all.")


@rules.type(access.SIGNED_IN, description="A person in the caller's organization.")
class Member(nodes.Node):
    name: str = rules.field(description="The person's name.")
    email: str = rules.field(description="The person's address.")
    role: MemberRole = rules.field(description="What the person may do.")
    joined_at: datetime = rules.field(description="Since when.")
    is_viewer: bool = rules.field(description="Whether this is the person who is calling.")


@rules.type(access.SIGNED_IN, description="A colleague who was invited and has not come yet.")
class MemberInvitation(nodes.Node):
    email: str = rules.field(description="The address the link was sent to.")
    role: MemberRole = rules.field(description="What the colleague will be.")
    expires_at: datetime = rules.field(description="When the link ends.")
    invited_at: datetime = rules.field(description="When it was sent.")


@strawberry.input(description="Which colleague to invite, as what.")
class InviteMemberInput:
    email: str = strawberry.field(description="The colleague's address; an earlier open invitation to it ends.")
    role: MemberRole = strawberry.field(description="What the colleague will be.")
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters, the client's own; a repeated call with it sends no second letter.",
        default=None,
    )


@strawberry.input(description="Which invitation to take back.")
class RevokeMemberInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="One of `memberInvitations`.")


@strawberry.input(description="Whose role to change, to what.")
class ChangeMemberRoleInput:
    member_id: strawberry.ID = strawberry.field(description="One of `members`.")
    role: MemberRole = strawberry.field(description="The new role; the last owner cannot get another.")


@strawberry.input(description="Whom to let go.")
class RemoveMemberInput:
    member_id: strawberry.ID = strawberry.field(description="One of `members`; oneself to leave.")


@rules.type(rules.AS_PARENT, description="A link is on its way to the colleague.")
class MemberInvited:
    invitation: MemberInvitation = rules.field(description="The open invitation.")


@rules.type(rules.AS_PARENT, description="The link works no longer.")
class MemberInvitationRevoked:
    invitation_id: strawberry.ID = rules.field(description="The invitation that ended.")


@rules.type(rules.AS_PARENT, description="The member has another role, from the next call on.")
class MemberRoleChanged:
    member: Member = rules.field(description="The member as it is now.")


@rules.type(rules.AS_PARENT, description="The person no longer belongs to the organization.")
class MemberRemoved:
    member_id: strawberry.ID = rules.field(description="Who was removed.")


def make_member(found: members.Member, actor: access.Actor) -> Member:
    return Member(
        id=nodes.encode_id(MEMBER, found.user_id, found.organization_id),
        name=found.name,
        email=found.email,
        role=MemberRole(found.role),
        joined_at=found.created_at,
        is_viewer=found.user_id == actor.user_id,
    )


def make_invitation(found: members.MemberInvitation) -> MemberInvitation:
    return MemberInvitation(
        id=nodes.encode_id(INVITATION, found.id, found.organization_id),
        email=found.email,
        role=MemberRole(found.role),
        expires_at=found.expires_at,
        invited_at=found.created_at,
    )


def _keep_own(wanted: Sequence[nodes.NodeId], actor: access.Actor) -> list[UUID]:
    """The rows of ids whose owner is the caller's organization."""
    return [one.id for one in wanted if one.owner == actor.organization_id]


@nodes.loads(MEMBER)
async def load_members(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Member | None]:
    own = _keep_own(wanted, actor)
    listed = await members.list_members(session, actor, user_ids=own) if own else []
    found = {(one.organization_id, one.user_id): make_member(one, actor) for one in listed}
    return [found.get((one.owner, one.id)) for one in wanted]


@nodes.loads(INVITATION)
async def load_invitations(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[MemberInvitation | None]:
    own = _keep_own(wanted, actor)
    listed = await members.list_invitations(session, actor, invitation_ids=own) if own else []
    found = {(one.organization_id, one.id): make_invitation(one) for one in listed}
    return [found.get((one.owner, one.id)) for one in wanted]


@strawberry.type
class MemberQuery:
    @rules.query(
        access.SIGNED_IN, description="The people of the organization this session acts for, the first to come first."
    )
    async def members(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[Member]:
        page = paging.read_page(BY_ARRIVAL, first, after)
        async with info.context.transaction() as (session, actor):
            place: tuple[datetime, UUID] | None = None
            if page.after is not None:
                place = (page.after.keys[0], page.after.id)  # type: ignore[assignment]  # its order's one key is a moment
            rows = await members.list_members(session, actor, limit=page.limit, after=place)
        return paging.build_connection(
            page,
            rows,
            keys=lambda row: ([row.created_at], row.user_id),
            node=lambda row: make_member(row, actor),
        )

    @rules.query(access.SIGNED_IN, description="The open invitations of colleagues, the newest first; at most 100.")
    async def member_invitations(self, info: Info) -> list[MemberInvitation]:
        async with info.context.transaction() as (session, actor):
            return [make_invitation(one) for one in await members.list_invitations(session, actor)]


@strawberry.type
class MemberMutation:
    @rules.mutation(access.OWNER, description="Have a single-use link mailed to a colleague.")
    async def invite_member(
        self, info: Info, input: Annotated[InviteMemberInput, strawberry.argument(description="Whom, as what.")]
    ) -> MemberInvited:
        async with info.context.transaction() as (session, actor):
            made = await members.invite_member(
                session,
                actor,
                email=input.email,
                role=str(input.role.value),
                lifetime=timedelta(days=info.context.settings.invitation_days),
                idempotency_key=input.idempotency_key,
            )
        return MemberInvited(invitation=make_invitation(made))

    @rules.mutation(access.OWNER, description="Take an invitation back before it is used.")
    async def revoke_member_invitation(
        self, info: Info, input: Annotated[RevokeMemberInvitationInput, strawberry.argument(description="Which one.")]
    ) -> MemberInvitationRevoked:
        wanted = nodes.decode_id(input.invitation_id, INVITATION, path=("invitation_id",))
        async with info.context.transaction() as (session, actor):
            await members.revoke_invitation(session, actor, invitation_id=wanted.id)
        return MemberInvitationRevoked(invitation_id=input.invitation_id)

    @rules.mutation(access.OWNER, description="Give a member another role.")
    async def change_member_role(
        self, info: Info, input: Annotated[ChangeMemberRoleInput, strawberry.argument(description="Whose, to what.")]
    ) -> MemberRoleChanged:
        wanted = nodes.decode_id(input.member_id, MEMBER, path=("member_id",))
        async with info.context.transaction() as (session, actor):
            changed = await members.change_member_role(session, actor, user_id=wanted.id, role=str(input.role.value))
            return MemberRoleChanged(member=make_member(changed, actor))

    @rules.mutation(access.SIGNED_IN, description="Let a member go (owners), or leave the organization oneself.")
    async def remove_member(
        self, info: Info, input: Annotated[RemoveMemberInput, strawberry.argument(description="Whom.")]
    ) -> MemberRemoved:
        wanted = nodes.decode_id(input.member_id, MEMBER, path=("member_id",))
        async with info.context.transaction() as (session, actor):
            await members.remove_member(session, actor, user_id=wanted.id)
        return MemberRemoved(member_id=input.member_id)
