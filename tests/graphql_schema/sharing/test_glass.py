"""An operator's view into one organization's data: opened with proof, read with a trace, ended by its owners."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from portal.database import ids
from portal.delivery import jobs, mail, relay
from portal.delivery.letter_texts import read_packaged
from portal.delivery.letters import Letter
from portal.delivery.notifications import plain_url
from tests import people
from tests.graphql_schema import portals
from tests.graphql_schema.identity.documents import PROBLEM, change, read
from tests.graphql_schema.identity.factors import add_factor, make_code
from tests.graphql_schema.sharing.stage import Stage
from tests.hostile import surface
from tests.people import PASSWORD, Person
from tests.portal.assessments.house import Caller

VIEW = "view { id reason until endedAt endedBy reads fieldsRead operatorMark }"
BREAK = (
    "mutation ($input: BreakGlassInput!) { result: breakGlass(input: $input) { __typename"
    f" ... on GlassBroken {{ glass {{ {VIEW} organizationName isOwn isOpen }} }} {PROBLEM} }} }}"
)
CLOSE = (
    "mutation ($input: CloseGlassInput!) { result: closeGlass(input: $input) { __typename"
    f" ... on GlassClosed {{ glass {{ {VIEW} isOpen }} }} {PROBLEM} }} }}"
)
END = (
    "mutation ($input: EndGlassInput!) { result: endGlass(input: $input) { __typename"
    f" ... on GlassEnded {{ glass {{ endedBy reads }} }} {PROBLEM} }} }}"
)
LIST = "query ($only: Boolean!) { glasses(onlyOpen: $only) { edges { node { isOwn isOpen organizationName } } } }"
OWN = "{ operatorGlasses { edges { node { id reason endedBy reads fieldsRead operatorMark } } } }"
MEMBERS = "query ($id: ID!) { glassView(glassId: $id) { members { edges { node { name email role } } } } }"
EVERYTHING = """
query ($id: ID!) { glassView(glassId: $id) {
  organizationId
  profile { name status roles }
  members { edges { node { email role } } pageInfo { hasNextPage } }
  requests { edges { node { isOwn otherOrganizationId questionnaire state } } }
  assessments { edges { node { id state tier answers(first: 50) {
    edges { node { question rowId state value comment } } } } } }
  submissions { edges { node { rootHash total band state } } }
  documents { edges { node { fileName state } } }
  shares { edges { node { buyerId purpose } } }
  webhookDeliveries { edges { node { type state } } }
} }
"""
TRAIL = (
    "query ($id: ID!) { auditTrail(objectId: $id) { edges { node {"
    " action actor { role name } object { id } records { id kind } } } } }"
)
REASON = "Answers of the supplier vanish when it saves them, ticket 4711"
EVENTS = "SELECT action, actor_role, detail::jsonb, organization_id FROM portal.audit_event WHERE action LIKE 'glass.%'"
OPEN_TO_GLASS = (
    "organization", "organization_role", "member", "user_account", "request", "assessment", "answer", "submission",
    "result", "evidence", "share", "webhook_delivery",
)  # fmt: skip


@dataclass
class Operator:
    """An operator with a second factor."""

    person: Person
    secret: str
    codes: list[str]

    @property
    def token(self) -> str:
        return self.person.token


async def add_operator(stage: Stage) -> Operator:
    person = await people.add_person(stage.portal.database, operator=True)
    return Operator(person, *await add_factor(stage.portal, person.token))


async def open_view(stage: Stage, operator: Operator, whose: Caller, **more: Any) -> Any:
    code = operator.codes.pop()
    given = {"organizationId": stage.name_organization(whose), "reason": REASON, "password": PASSWORD, "code": code}
    return await change(stage.portal, BREAK, operator.token, **(given | more))


async def open_id(stage: Stage, operator: Operator, whose: Caller) -> str:
    made = await open_view(stage, operator, whose)
    assert made["__typename"] == "GlassBroken", made
    view: str = made["glass"]["view"]["id"]
    return view


async def pass_on(stage: Stage) -> list[Letter]:
    """Let the worker's clock and relay do what is due; the letters to owners that this wrote, as they are sent."""
    connection = await asyncpg.connect(plain_url(stage.portal.database.worker_url))
    try:
        await jobs.sweep(connection)
        await relay.relay_batch(connection)
    finally:
        await connection.close()
    rows = await stage.house.fetch("SELECT kind, ids FROM portal.mail WHERE kind LIKE 'glass%' ORDER BY kind DESC, id")
    letters = []
    for row in rows:
        async with people.open_session(stage.portal.database.worker_url) as session:
            parts = jobs.orjson.loads(row["ids"])
            letters.append(await mail.compose(session, row["kind"], parts, "http://portal.test", read_packaged()))
    return [one for one in letters if one is not None]


def list_nodes(page: Any) -> list[Any]:
    return [edge["node"] for edge in page["edges"]]


async def test_an_operator_looks_and_the_owners_see_all_of_it(unwatched: Stage) -> None:
    stage, operator = unwatched, await add_operator(unwatched)
    submitted = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.maker, submitted)
    await stage.request(stage.maker, stage.weaver, accept=False)
    await stage.announce(stage.weaver, "policy.pdf")
    opened = await open_view(stage, operator, stage.weaver, hours=2)
    assert (opened["__typename"], opened["glass"]["isOpen"], opened["glass"]["isOwn"]) == ("GlassBroken", True, True)
    view = opened["glass"]["view"]
    assert (view["reason"], view["reads"], view["fieldsRead"]) == (REASON, 0, [])
    assert (await open_view(stage, operator, stage.weaver))["code"] == "ALREADY_OPEN"
    seen = (await read(stage.portal, EVERYTHING, operator.token, id=view["id"]))["glassView"]
    assert (seen["organizationId"], seen["profile"]["roles"]) == (stage.name_organization(stage.weaver), ["SUPPLIER"])
    assert [one["role"] for one in list_nodes(seen["members"])] == ["OWNER"]
    (request,) = list_nodes(seen["requests"])
    assert (request["isOwn"], request["otherOrganizationId"]) == (False, stage.name_organization(stage.maker))
    (assessment,) = list_nodes(seen["assessments"])
    assert (assessment["state"], assessment["tier"]) == ("SUBMITTED", "BASIC")
    answers = {one["question"]: one for one in list_nodes(assessment["answers"])}
    assert answers["waste"]["value"] == '["paper"]'
    (result,) = list_nodes(seen["submissions"])
    roots = await stage.house.fetch("SELECT encode(root_hash, 'hex') AS root FROM portal.submission")
    assert [result["rootHash"]] == [row["root"] for row in roots]
    assert result["total"] is not None
    assert [one["fileName"] for one in list_nodes(seen["documents"])] == ["policy.pdf"]
    assert [one["buyerId"] for one in list_nodes(seen["shares"])] == [stage.name_organization(stage.maker)]

    (letter,) = await pass_on(stage)
    assert letter.subject.startswith("An operator can read data of ")
    assert REASON in letter.body
    (own,) = list_nodes((await stage.ask(stage.weaver, OWN))["operatorGlasses"])
    assert own["reads"] == 9
    assert {"members.email", "answers.value", "submissions.rootHash", "profile.name"} <= set(own["fieldsRead"])
    assert not {one for one in own["fieldsRead"] if "pageInfo" in one or "edges" in one}
    assert operator.person.email not in str(own)
    trail = list_nodes((await stage.ask(stage.weaver, TRAIL, id=view["id"]))["auditTrail"])
    acts = ["glass.opened", *["glass.read"] * 9, *["glass.shown"] * 6]
    assert sorted(one["action"] for one in trail) == acts
    shown = {one["id"]: one["kind"] for entry in trail for one in entry["records"]}
    documents = await stage.house.fetch("SELECT id FROM portal.evidence")
    expected = {stage.name("evid", stage.weaver, row["id"]): "evidence" for row in documents}
    expected |= {assessment["id"]: "assessment", submitted.node: "submission"}
    assert expected.items() <= shown.items()
    assert sorted(shown.values()) == ["assessment", "evidence", "request", "share", "submission"]
    assert sum(one["records"] == [{"id": assessment["id"], "kind": "assessment"}] for one in trail) == 2  # and answers
    assert {(one["actor"]["role"], one["actor"]["name"], one["object"]["id"]) for one in trail} == {
        ("OPERATOR", None, view["id"])
    }
    read_events = [row for row in await stage.house.fetch(EVENTS) if row["action"] == "glass.read"]
    assert {row["organization_id"] for row in read_events} == {stage.weaver.organization}
    details = [jobs.orjson.loads(row["detail"])["fields"] for row in read_events]
    assert ["members.email", "members.role"] in details

    closed = await change(stage.portal, CLOSE, operator.token, glassId=view["id"])
    assert (closed["glass"]["isOpen"], closed["glass"]["view"]["endedBy"]) == (False, "OPERATOR")
    assert (await change(stage.portal, CLOSE, operator.token, glassId=view["id"]))["__typename"] == "GlassClosed"
    _, ended = await pass_on(stage)
    assert "An operator ended it." in ended.body
    assert "members.email" in ended.body
    assert [row["action"] for row in await stage.house.fetch(EVENTS)].count("glass.ended") == 1
    listed = list_nodes((await read(stage.portal, LIST, operator.token, only=False))["glasses"])
    assert [(one["isOwn"], one["isOpen"]) for one in listed] == [(True, False)]
    assert not list_nodes((await read(stage.portal, LIST, operator.token, only=True))["glasses"])


async def test_only_an_operator_with_both_factors_and_a_reason_opens_one(unwatched: Stage) -> None:
    stage, operator = unwatched, await add_operator(unwatched)
    bare = await people.add_person(stage.portal.database, operator=True)
    whose = {"organizationId": stage.name_organization(stage.weaver), "reason": REASON, "password": PASSWORD}
    assert (await change(stage.portal, BREAK, bare.token, **whose, code="123456"))["code"] == "NOT_ON"
    assert (await open_view(stage, operator, stage.weaver, password="another one"))["code"] == "WRONG_PASSWORD"
    assert (await open_view(stage, operator, stage.weaver, code="000000x"))["code"] == "WRONG_CODE"
    for wrong, path in (({"reason": "ticket 4711"}, "reason"), ({"hours": 5}, "hours"), ({"hours": 0}, "hours")):
        refused = await open_view(stage, operator, stage.weaver, **wrong)
        assert [one["path"] for one in refused["problems"]] == [["input", path]], refused
    code = make_code(operator.secret)
    ghost = stage.name_organization(stage.weaver)
    assert (await open_view(stage, operator, stage.weaver, code=code))["__typename"] == "GlassBroken"
    assert (await open_view(stage, operator, stage.dyer, code=code))["code"] == "WRONG_CODE"  # it counts once
    closed = Caller(ids.new_id(), ids.new_id(), stage.weaver.credential)
    assert (await open_view(stage, operator, closed))["__typename"] == "NotFound"
    refused = await change(stage.portal, BREAK, stage.weaver.credential.token, **whose, code="123456")
    assert refused["__typename"] == "NotAllowed"
    assert ghost not in str(refused)
    assert len(await stage.house.fetch("SELECT FROM portal.glass")) == 1


async def end_by_owner(stage: Stage, operator: Operator, view: str) -> None:
    done = await stage.change(stage.weaver, END, glassId=view)
    assert done["glass"]["endedBy"] == "OWNER"


async def close_organization(stage: Stage, operator: Operator, view: str) -> None:
    await stage.house.fetch(
        "SELECT portal.close_organization($1, 'operator', 'asked for it')", stage.weaver.organization
    )
    (row,) = await stage.house.fetch("SELECT ended_by FROM portal.glass")
    assert row["ended_by"] == "closing"
    (ended,) = [row for row in await stage.house.fetch(EVENTS) if row["action"] == "glass.ended"]
    assert jobs.orjson.loads(ended["detail"]) == {"by": "closing"}
    assert "The organization was closed." in (await pass_on(stage))[-1].body
    # It does not begin anew with the organization, either.
    await stage.house.fetch("SELECT portal.reopen_organization($1, 'operator', 30)", stage.weaver.organization)


async def let_time_pass(stage: Stage, operator: Operator, view: str) -> None:
    await people.move_clock(stage.portal.database, "61 minutes")


async def lose_factor(stage: Stage, operator: Operator, view: str) -> None:
    await stage.house.fetch("DELETE FROM portal.second_factor WHERE user_id = $1", operator.person.id)


async def lose_right(stage: Stage, operator: Operator, view: str) -> None:
    await stage.house.fetch("UPDATE portal.user_account SET is_operator = false WHERE id = $1", operator.person.id)


@pytest.mark.parametrize("end", [end_by_owner, close_organization, let_time_pass, lose_factor, lose_right])
async def test_nothing_is_read_by_a_view_that_is_over(
    unwatched: Stage, end: Callable[[Stage, Operator, str], Awaitable[None]]
) -> None:
    stage, operator = unwatched, await add_operator(unwatched)
    view = await open_id(stage, operator, stage.weaver)
    assert list_nodes((await read(stage.portal, MEMBERS, operator.token, id=view))["glassView"]["members"])
    await end(stage, operator, view)
    answer = await stage.portal.ask(MEMBERS, operator.token, id=view)
    expected = "NOT_ALLOWED" if end is lose_right else "NOT_FOUND"
    assert [one["extensions"]["code"] for one in answer["errors"]] == [expected]
    assert answer["data"] is None
    (row,) = await stage.house.fetch("SELECT reads FROM portal.glass")
    assert row["reads"] == 1
    # The database says no as well, to whoever skips the first look.
    assert await look_raw(stage, operator.person.id, view, "SELECT user_id FROM portal.member") == []


async def look_raw(stage: Stage, user: UUID, view: str, *statements: str) -> Any:
    """What the application's login gets that names a view by its setting, in the name of a person."""
    row = surface.decode_row(view)
    connection = await asyncpg.connect(plain_url(stage.portal.database.app_url))
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT set_config('portal.user', $1, true), set_config('portal.glass', $2, true)", str(user), str(row)
            )
            found: Any = None
            for statement in statements:
                found = await connection.fetch(statement)
            return found
    finally:
        await connection.close()


async def test_the_database_opens_one_organization_to_one_operator_for_reading(unwatched: Stage) -> None:
    stage, operator = unwatched, await add_operator(unwatched)
    for supplier, buyer in ((stage.weaver, stage.maker), (stage.dyer, stage.maker)):
        await stage.share(supplier, buyer, await stage.submit(supplier))
        await stage.request(buyer, supplier, accept=False)
        await stage.announce(supplier)
        await stage.house.fetch(ENDPOINT, supplier.organization)
    view = await open_id(stage, operator, stage.weaver)
    me, own = operator.person.id, str(stage.weaver.organization)
    for table in OPEN_TO_GLASS:
        columns = await stage.house.fetch(READABLE, table)
        rows = await look_raw(
            stage, me, view, f"SELECT {', '.join(row['name'] for row in columns)} FROM portal.{table}"
        )
        others = [row for row in rows if table != "user_account" and own not in map(str, row.values())]
        assert rows, table
        assert not others, table
        for spoilt in (f"DELETE FROM portal.{table}", f"UPDATE portal.{table} SET {columns[0]['name']} = NULL"):
            with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
                assert await look_raw(stage, me, view, f"{spoilt} RETURNING 1") == [], spoilt
    assert {str(row["id"]) for row in await look_raw(stage, me, view, "SELECT id FROM portal.user_account")} == {
        str(me), str(stage.weaver.user)
    }  # fmt: skip
    for closed in ("webhook_endpoint", "submission_section", "answer_comment", "supplier_record", "site", "glass"):
        assert await look_raw(stage, me, view, f"SELECT organization_id FROM portal.{closed}".replace(
            "organization_id", OWNED.get(closed, "organization_id"))) == [], closed  # fmt: skip
    other = await add_operator(stage)
    for table in OPEN_TO_GLASS:
        found = await look_raw(stage, other.person.id, view, f"SELECT count(*) AS n FROM portal.{table}")
        assert found[0]["n"] == (table == "user_account"), table
    answer = await stage.portal.ask(MEMBERS, other.token, id=view)
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["NOT_FOUND"]


READABLE = """
SELECT a.attname::text AS name FROM pg_attribute a
 WHERE a.attrelid = ('portal.' || $1)::regclass AND a.attnum > 0 AND NOT a.attisdropped
   AND has_column_privilege('portal_app', a.attrelid, a.attnum, 'SELECT') ORDER BY a.attnum
"""
ENDPOINT = """
WITH made AS (INSERT INTO portal.webhook_endpoint (organization_id, id, url, types)
              VALUES ($1, gen_random_uuid(), 'https://hooks.example/secret', '{share.created}') RETURNING id)
INSERT INTO portal.webhook_delivery (organization_id, id, endpoint_id, message_id, type, data, happened_at)
SELECT $1, gen_random_uuid(), id, gen_random_uuid(), 'share.created', '{}', now() FROM made
"""
OWNED = {
    "submission_section": "supplier_id", "answer_comment": "supplier_id", "supplier_record": "buyer_id",
}  # fmt: skip


async def test_nobody_forges_a_view_or_hides_one(unwatched: Stage) -> None:
    stage, operator = unwatched, await add_operator(unwatched)
    bare = await people.add_person(stage.portal.database, operator=True)
    view = await open_id(stage, operator, stage.weaver)
    me, target = operator.person.id, stage.weaver.organization
    opening = f"SELECT portal.open_glass(gen_random_uuid(), gen_random_uuid(), '{target}', 'forged reason', 1) AS said"
    assert (await look_raw(stage, bare.id, view, opening))[0]["said"] == "NO_FACTOR"
    looking = (
        f"SELECT portal.look_through_glass(gen_random_uuid(), '{target}', (SELECT gen_random_uuid()), '{{}}') AS said"
    )
    assert (await look_raw(stage, me, view, looking))[0]["said"] is False
    refused = (
        (stage.weaver.user, opening),
        (stage.weaver.user, "SELECT * FROM portal.list_glasses(NULL, false, NULL, 9)"),
        (me, FORGED.format(target=target, me=me)),
        (me, "DELETE FROM portal.glass"),
        (me, "UPDATE portal.glass SET until = until + interval '1 hour'"),
        (me, "UPDATE portal.glass SET reads = 0, fields = '{}'"),
        (me, "SELECT operator_id FROM portal.glass"),
        (me, "SELECT portal.end_lapsed_glasses()"),
        (me, f"SELECT portal.note_glass(gen_random_uuid(), '{target}', '{target}', 'glass.read', 'owner', '{{}}')"),
        (me, f"SELECT portal.end_glasses_of_closed('{target}', 'owner')"),
        (me, "DELETE FROM portal.audit_event"),
    )
    for who, statement in refused:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await look_raw(stage, who, view, statement)
    longer = "SELECT portal.open_glass(gen_random_uuid(), gen_random_uuid(), '{}', 'forged reason', 5)"
    with pytest.raises(asyncpg.CheckViolationError):
        await look_raw(stage, me, view, longer.format(stage.dyer.organization))
    ending = f"SELECT portal.end_glass(gen_random_uuid(), '{target}', (SELECT id FROM portal.glass), 'owner') AS said"
    for stranger in (stage.dyer.user, stage.maker.user, me):
        assert (await look_raw(stage, stranger, view, ending))[0]["said"] is False


FORGED = """
INSERT INTO portal.glass (organization_id, id, operator_id, operator_mark, reason, until)
VALUES ('{target}', gen_random_uuid(), '{me}', 'x', 'x', now() + interval '1 hour')
"""
ACTS = {
    "removes a member": "mutation { removeMember(input: {memberId: $id}) { __typename } }",
    "fetches a file": "mutation { createEvidenceDownload(input: {evidenceId: $id}) { __typename } }",
    "saves answers": "mutation { saveAnswers(input: {assessmentId: $id, answers: []}) { __typename } }",
    "ends it as an owner": "mutation { endGlass(input: {glassId: $id}) { __typename } }",
}


async def test_a_view_opens_reading_by_it_and_nothing_else(unwatched: Stage) -> None:
    stage, operator = unwatched, await add_operator(unwatched)
    submitted = await stage.submit(stage.weaver)
    evidence, _ = await stage.announce(stage.weaver)
    view = await open_id(stage, operator, stage.weaver)
    assessment = stage.name("asmt", stage.weaver, submitted.assessment)
    named = {
        "removes a member": stage.name("memb", stage.weaver, stage.weaver.user),
        "fetches a file": evidence,
        "saves answers": assessment,
        "ends it as an owner": view,
    }
    for what, mutation in ACTS.items():
        answer = await stage.portal.ask(mutation.replace("$id", f'"{named[what]}"'), operator.token)
        ((result,),) = [answer["data"].values()] if answer.get("data") else [({"__typename": "refused"},)]
        assert result["__typename"] in ("NotAllowed", "refused"), (what, answer)
    for path in (f"/assessments/{assessment}/workbook", f"/evidence/{evidence}"):
        async with stage.portal.client() as client:
            got = await client.get(path, headers={"authorization": f"Bearer {operator.token}"})
        assert got.status_code in (401, 403, 404), path
    node = await stage.portal.ask(f'{{ node(id: "{assessment}") {{ id }} }}', operator.token)
    assert node["data"]["node"] is None


async def test_its_time_ends_it_and_owners_of_a_suspended_organization_see_and_end_one(unwatched: Stage) -> None:
    stage, operator = unwatched, await add_operator(unwatched)
    colleague = await stage.portal.join(portals.Caller("", stage.weaver.user, stage.weaver.organization), "An editor")
    answer = await stage.portal.ask(OWN, colleague.token)
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["NOT_ALLOWED"]
    await open_id(stage, operator, stage.weaver)
    await people.move_clock(stage.portal.database, "61 minutes")
    _, ended = await pass_on(stage)
    assert "Its time was over." in ended.body
    assert "What was read: nothing" in ended.body
    (own,) = list_nodes((await stage.ask(stage.weaver, OWN))["operatorGlasses"])
    assert (own["endedBy"], own["reads"]) == ("TIME", 0)
    events = [(row["action"], row["actor_role"]) for row in await stage.house.fetch(EVENTS)]
    assert events == [("glass.opened", "operator"), ("glass.ended", None)]
    assert len(await pass_on(stage)) == 2  # it is told once

    await stage.house.fetch(
        "UPDATE portal.organization SET status = 'suspended' WHERE id = $1", stage.weaver.organization
    )
    view = await open_id(stage, operator, stage.weaver)
    newest, _ = list_nodes((await stage.ask(stage.weaver, OWN))["operatorGlasses"])
    assert newest["id"] == view
    assert newest["operatorMark"] == own["operatorMark"]
    assert (await stage.change(stage.weaver, END, glassId=view))["glass"] == {"endedBy": "OWNER", "reads": 0}
    assert (await stage.change(stage.weaver, END, glassId=view))["glass"] == {"endedBy": "OWNER", "reads": 0}
    assert (await stage.change(stage.dyer, END, glassId=view))["__typename"] == "NotFound"


async def test_nothing_is_shown_by_a_view_that_has_ended_meanwhile(stage: Stage) -> None:
    """What cannot be noted undoes the reading."""
    connection = await asyncpg.connect(plain_url(stage.house.made.app_url))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="the view has ended"):
            note = "SELECT portal.note_glass_rows($1, $2, $1, 'share', '[]')"
            await connection.execute(note, ids.new_id(), stage.weaver.organization)
    finally:
        await connection.close()
