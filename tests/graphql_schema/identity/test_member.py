"""Members: who sees them, who changes them, and that an organization keeps an owner."""

import asyncio

from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.portals import Portal, codes
from tests.people import Person


async def ids_of(house: Portal, token: str) -> dict[str, str]:
    """The members' ids by their addresses."""
    edges = (await read(house, do.MEMBERS, token))["members"]["edges"]
    return {edge["node"]["email"]: edge["node"]["id"] for edge in edges}


async def make_team(house: Portal, *roles: str) -> list[Person]:
    team = [await people.add_person(house.database) for _ in roles]
    await people.add_organization(house.database, *zip(team, roles, strict=True))
    return team


async def test_members_are_listed_page_by_page_to_members_only(house: Portal) -> None:
    team = await make_team(house, "owner", "editor", "viewer")
    (stranger,) = await make_team(house, "owner")
    first = (await read(house, do.MEMBERS, team[2].token, first=2))["members"]
    rest = (await read(house, do.MEMBERS, team[2].token, after=first["pageInfo"]["endCursor"]))["members"]
    assert first["pageInfo"]["hasNextPage"]
    seen = [edge["node"]["email"] for edge in first["edges"] + rest["edges"]]
    assert sorted(seen) == sorted(person.email for person in team)
    assert len(seen) == 3
    mine = await ids_of(house, stranger.token)
    assert list(mine) == [stranger.email]
    for id_ in (await ids_of(house, team[0].token)).values():
        assert await read(house, do.NODE, stranger.token, id=id_) == {"node": None}
        assert (await read(house, do.NODE, team[1].token, id=id_))["node"]["__typename"] == "Member"
    alone = await people.add_person(house.database)
    assert codes(await house.ask(do.MEMBERS, alone.token)) == ["NO_ORGANIZATION"]
    assert codes(await house.ask(do.MEMBERS)) == ["UNAUTHENTICATED"]


async def test_the_last_owner_can_neither_leave_nor_step_down(house: Portal) -> None:
    owner, editor = await make_team(house, "owner", "editor")
    listed = await ids_of(house, owner.token)
    own, other = listed[owner.email], listed[editor.email]
    assert (await change(house, do.REMOVE, owner.token, memberId=own))["code"] == "LAST_OWNER"
    assert (await change(house, do.CHANGE_ROLE, owner.token, memberId=own, role="EDITOR"))["code"] == "LAST_OWNER"
    promoted = await change(house, do.CHANGE_ROLE, owner.token, memberId=other, role="OWNER")
    assert promoted["member"]["role"] == "OWNER"
    assert (await change(house, do.REMOVE, owner.token, memberId=own))["__typename"] == "MemberRemoved"


async def test_two_owners_who_demote_each_other_leave_one(house: Portal) -> None:
    for _ in range(5):
        one, two = await make_team(house, "owner", "owner")
        listed = await ids_of(house, one.token)
        results = await asyncio.gather(
            change(house, do.CHANGE_ROLE, one.token, memberId=listed[two.email], role="VIEWER"),
            change(house, do.CHANGE_ROLE, two.token, memberId=listed[one.email], role="VIEWER"),
        )
        kinds = sorted(result["__typename"] for result in results)
        assert kinds[0] == "MemberRoleChanged" or kinds[1] == "MemberRoleChanged"
        assert kinds != ["MemberRoleChanged", "MemberRoleChanged"]


async def test_a_removed_member_is_out_at_once(house: Portal) -> None:
    owner, editor = await make_team(house, "owner", "editor")
    listed = await ids_of(house, owner.token)
    await change(house, do.REMOVE, owner.token, memberId=listed[editor.email])
    assert codes(await house.ask(do.MEMBERS, editor.token)) == ["NO_ORGANIZATION"]
    viewer = (await read(house, do.VIEWER, editor.token))["viewer"]
    assert (viewer["organization"], viewer["organizations"]) == (None, [])
    again = await change(house, do.REMOVE, owner.token, memberId=listed[editor.email])
    assert again["__typename"] == "NotFound"


async def test_a_removed_owners_invitations_end_too(house: Portal) -> None:
    one, two = await make_team(house, "owner", "owner")
    friend = await people.add_person(house.database)
    await change(house, do.INVITE, two.token, email=friend.email, role="OWNER")
    (letter,) = await people.read_letters(house.database)
    listed = await ids_of(house, one.token)
    await change(house, do.REMOVE, one.token, memberId=listed[two.email])
    assert (await change(house, do.JOIN, friend.token, token=people.read_token(letter)))["__typename"] == "NotFound"


async def test_members_leave_and_remove_nobody_else(house: Portal) -> None:
    owner, viewer, editor = await make_team(house, "owner", "viewer", "editor")
    (stranger,) = await make_team(house, "owner")
    listed = await ids_of(house, owner.token)
    refused = await change(house, do.REMOVE, viewer.token, memberId=listed[editor.email])
    assert refused["__typename"] == "NotAllowed"
    foreign = await change(house, do.REMOVE, stranger.token, memberId=listed[editor.email])
    assert foreign["__typename"] == "NotFound"
    left = await change(house, do.REMOVE, viewer.token, memberId=listed[viewer.email])
    assert left["__typename"] == "MemberRemoved"
    assert sorted(await ids_of(house, owner.token)) == sorted([owner.email, editor.email])


async def test_a_member_is_not_invited_again(house: Portal) -> None:
    owner, editor = await make_team(house, "owner", "editor")
    invited = await change(house, do.INVITE, owner.token, email=editor.email, role="VIEWER")
    assert invited["code"] == "ALREADY_MEMBER"
