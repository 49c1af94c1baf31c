"""Every field of a root, asked by every class of callers: refused where its rule says so, and only there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from portal import access
from portal.access import Actor
from portal.identity import provisioning
from tests import databases, people
from tests.graphql_schema import portals
from tests.hostile import matrix, surface, walls

pytestmark = pytest.mark.slow
CLASSES = matrix.list_classes()
# These change who the caller is, so that they come last.
LAST = ("foundOrganization", "endOtherSessions", "signOut")
REFUSED = {"NOT_ALLOWED", "UNAUTHENTICATED"}


@dataclass
class Stand:
    """A portal, and for each class of callers a token."""

    portal: portals.Portal
    client: httpx.AsyncClient
    tokens: dict[str, str | None]

    async def is_refused(self, name: str, root: str, field: str, rule: access.Rule) -> bool:
        """Whether a caller is told that this needs something that it is not."""
        declared = surface.SCHEMA.get_type(root).fields[field]  # type: ignore[union-attr]
        given = {
            key: surface.make_value(one.type, key, {}) for key, one in declared.args.items() if surface.is_needed(one)
        }
        document = surface.write_brief(root, field, *given)
        if root == "Mutation":
            document = document.replace("{ __typename }", "{ __typename ... on Problem { code message } }")
        token = self.tokens[name]
        response = await self.client.post(
            "/graphql",
            json={"query": document, "variables": given},
            headers={"authorization": f"Bearer {token}"} if token else {},
        )
        assert response.status_code < 500, response.text
        code, words = read_problem(response.json())
        return code == "UNAUTHENTICATED" or (code == "NOT_ALLOWED" and f"This needs: {rule.words}." in words)


def read_problem(answer: Any) -> tuple[str, str]:
    """Code and words of the first error, or of the problem that a mutation gave."""
    for error in answer.get("errors") or ():
        return error["extensions"]["code"], error["message"]
    result = (answer.get("data") or {}).get("result")
    return (result.get("code", ""), result.get("message", "")) if isinstance(result, dict) else ("", "")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand(database_server: databases.Server, database_template: str) -> AsyncIterator[Stand]:
    with databases.copy_template(database_server, database_template) as made:
        async with portals.run_portal(made) as running, running.client() as client:
            yield Stand(running, client, {name: await enter(made, name, actor) for name, actor in CLASSES.items()})


async def enter(database: databases.TestDatabase, name: str, actor: Actor) -> str | None:
    """A session or a key of this class, in an organization of its own."""
    if actor == access.ANONYMOUS:
        return None
    person = await people.add_person(database, operator=actor.is_operator)
    if actor.organization_id is None:
        return person.token
    role = actor.held_role or actor.member_role or "owner"
    roles = tuple(actor.organization_roles)
    organization = await people.add_organization(database, (person, role), name=name, roles=roles)
    if actor.held_role:
        await people.run_sql(
            database, "UPDATE portal.organization SET status = 'suspended' WHERE id = $1", organization
        )
    if actor.api_key_id is None:
        return person.token
    async with people.open_session(database.owner_url) as session:
        return await provisioning.create_api_key(
            session, organization=organization, name=name, scopes=tuple(actor.scopes)
        )


def list_roots() -> list[tuple[str, str]]:
    """Every field of the two roots that are asked once, those that change the caller last."""
    found = [
        (root, field)
        for root in ("Query", "Mutation")
        for field in surface.SCHEMA.get_type(root).fields  # type: ignore[union-attr]
    ]
    return sorted(found, key=lambda one: LAST.index(one[1]) if one[1] in LAST else -1)


def test_the_classes_are_as_many_as_rules_can_tell_apart() -> None:
    """Each rule lets somebody in and, unless it is open to all, keeps somebody out; no two say the same of all."""
    said = {rule.name: tuple(rule.allows(actor) for actor in CLASSES.values()) for rule in access.RULES}
    assert [name for name, answers in said.items() if not any(answers)] == []
    assert [name for name, answers in said.items() if all(answers)] == ["PUBLIC"]
    assert len(set(said.values())) == len(said), sorted(said.items(), key=lambda one: one[1])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("root", "field"), [pytest.param(*one, id=".".join(one)) for one in list_roots()])
async def test_a_field_lets_in_those_whom_its_rule_lets_in(stand: Stand, root: str, field: str) -> None:
    rule = matrix.find_rule(root, field)
    await stand.portal.run_sql("DELETE FROM portal.credential_attempt")
    wrong = [
        f"{name} is {'refused' if rule.allows(actor) else 'let in'}"
        for name, actor in CLASSES.items()
        if await stand.is_refused(name, root, field, rule) == rule.allows(actor)
    ]
    assert not wrong, walls.describe(wrong)


def test_what_is_shown_beyond_the_table_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown = matrix.gather()
    shown["Submission.id"]["buyer"].add(matrix.SHARED)
    monkeypatch.setattr(matrix, "TABLE", tmp_path / "table.csv")
    matrix.TABLE.write_text(matrix.write_table(shown), encoding="utf-8")
    assert matrix.compare(shown) == []
    assert matrix.compare(matrix.gather()) == []
    shown["Submission.id"]["buyer"].add(matrix.FOREIGN)
    assert matrix.compare(shown) == ["Submission.id of foreign rows is shown to: buyer"]
    lines = matrix.TABLE.read_text(encoding="utf-8").splitlines(keepends=True)
    matrix.TABLE.write_text("".join(one for one in lines if not one.startswith("Share.id")), encoding="utf-8")
    assert "Share.id has no row" in matrix.compare(matrix.gather())


def test_the_page_for_auditors_is_current() -> None:
    """`python -m tests.hostile.matrix` writes it."""
    assert matrix.PAGE.read_text(encoding="utf-8") == matrix.write_page()
