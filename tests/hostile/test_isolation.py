"""Nobody reads or writes across: every field, every id, filters, counts, cursors, words, imports, exports, events.

Driven by the schema: a new field, argument or kind of node is attacked by itself.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
import pytest_asyncio
import structlog
import websockets

from graphql_schema import nodes, schema
from portal.database import ids
from portal.http import exports
from tests.hostile import house as houses
from tests.hostile import matrix, surface, walls
from tests.hostile.house import ACTORS, BUYERS, KNOWN, LOOKED_AT, PARTIES, House, Ref, decode, mark, put

pytestmark = pytest.mark.slow
SLOTS = surface.list_slots()
CHANGES = [slot for slot in SLOTS if slot.root == "Mutation"]
# What an argument of these names takes; the test below shows that the list is whole.
TAGS = {
    "assessmentId": ("asmt",), "submissionId": ("subm",), "evidenceId": ("evid",), "revises": ("evid",),
    "shareId": ("shar",), "campaignId": ("camp",), "cadenceId": ("cade",), "suggestionId": ("csug",),
    "ruleId": ("stru",), "glassId": ("glas",), "endpointId": ("whep",), "deliveryId": ("whdl",),
    "requestId": ("rqst", "rcvd", "rdct", "accr", "racr"), "siteId": ("site",), "siteIds": ("site",),
    "supplierId": ("supp",), "supplierIds": ("supp",),
    "contactId": ("cont",), "supplierListId": ("slst",), "memberId": ("memb",), "ownerId": ("memb",),
    "apiKeyId": ("apik",),
    "invitationId": ("invi", "sinv"), "sessionId": ("sess",), "organizationId": ("orga",), "buyerId": ("orga",),
    "resultId": ("shrd",), "statementId": ("stmt",), "disputeId": ("disp",), "clarificationId": ("clar",),
    "engagementId": ("enga",), "reviewerId": ("orga",), "documentIds": ("evid",), "restsOn": ("evid",),
    "contradicts": ("evid",), "earlier": ("subm", "shrd"), "later": ("subm", "shrd"), "groupId": ("grup",),
    "objectId": ("asmt", "subm", "shar", "rqst", "supp", "enga", "glas"), "id": ("asmt", "supp"), "ids": (),
}  # fmt: skip
# Slots that are not attacked with a foreign id, and why; each other one needs victims, also one that is new.
NOT_ATTACKED = {
    "node(id)": "read for each kind of node by a test of its own",
    "nodes(ids)": "read for each kind of node by a test of its own",
    "assessmentChanged(id)": "followed by a test of its own",
    "placeInGroup(input.groupId)": "a corporate group belongs to nobody",
    "confirmGroup(input.groupId)": "a corporate group belongs to nobody",
    "saveAnswers(input.answers.plan.ownerId)": "what is refused stands in the history: a test of gaps has it",
    "saveAnswers(input.answers.siteId)": "what is refused stands in the history: a test of rows with sites has it",
}
ATTACKED = [slot for slot in SLOTS if str(slot) not in NOT_ATTACKED]
OF_REVIEWS = {"enga", "clar", "stmt", "disp"}
LINES: list[str] = []


@pytest.fixture(autouse=True, scope="module")
def logged() -> Iterator[None]:
    """Keep every line that is logged while the tests of this file run."""

    def keep(_logger: Any, _name: str, event: Any) -> Any:
        LINES.append(repr(event))
        return event

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            LINES.append(f"{record.getMessage()} {record.exc_info}")

    before, handler = structlog.get_config()["processors"], Handler()
    structlog.configure(processors=[keep, *before])
    logging.getLogger().addHandler(handler)
    yield
    structlog.configure(processors=before)
    logging.getLogger().removeHandler(handler)


def make_ghosts(tag: str, owner: UUID) -> list[str]:
    """Ids that do not exist: of an owner who does, and of none."""
    if tag in ("orga", "user", "sess", "grup"):
        return [surface.encode_id(tag, nodes.NO_OWNER, ids.new_id())]
    return [surface.encode_id(tag, owner, ids.new_id()), surface.encode_id(tag, ids.new_id(), ids.new_id())]


def list_victims(house: House, slot: surface.Slot) -> list[Ref]:
    """For each party one id of each kind that the slot takes."""
    return [ref for tag in TAGS[slot.path[-1]] for ref in pick(house, tag)]


def pick(house: House, tag: str, most: int = 1) -> list[Ref]:
    return [
        ref for party in PARTIES for ref in [one for one in house.refs if (one.tag, one.owner) == (tag, party)][:most]
    ]


def list_own_ids(house: House, actor: str) -> dict[str, str]:
    """For each name of an argument an id of the actor's own, so that only the attacked one is foreign."""
    own = {}
    for name, tags in TAGS.items():
        found = [ref.value for ref in house.refs if ref.owner == actor and ref.tag in tags]
        own[name] = found[0] if found else "x" * 48
    better = {
        "assessmentId": f"{actor} assessment next",
        "requestId": f"b1 {actor} new site",
        "supplierId": f"{actor} record s1waiting",
        "supplierListId": f"{actor} list seen",
        "resultId": f"{actor} result",
    }
    own |= {name: house.made[known] for name, known in better.items() if known in house.made}
    own["buyerId"] = surface.encode_id("orga", nodes.NO_OWNER, house.parties["b1"].organization)
    return own


def may_act(house: House, slot: surface.Slot, ref: Ref, actor: str) -> bool:
    """Whether a slot takes this id from this actor by right."""
    who = {"key": "p1"}.get(actor, actor)
    if ref.owner == who:
        return True
    if slot.path[-1] == "reviewerId":
        return ref.owner == "p1"  # whoever engages a reviewer chooses from those that are approved
    if ref.tag == "orga":
        if slot.field == "endAccess" and (who, ref.owner) == ("s1", "p1"):
            return True  # which it engaged
        return slot.path[-1] == "buyerId" and PARTIES.get(who) == "supplier" and ref.owner in BUYERS
    return (ref.tag, ref.owner, who) in KNOWN and ref.value in house.parties[who].known


def test_the_kinds_of_ids_are_all_known(house: House) -> None:
    assert {slot.path[-1] for slot in SLOTS} <= set(TAGS)
    product = schema.get_schema()._schema.type_map  # other tests of this process may have made kinds of their own
    tags = {kind.tag for kind in nodes._kinds() if kind.type_name in product}
    assert tags <= {ref.tag for ref in house.refs}, "the house lacks rows of a kind of node"
    assert len(SLOTS) > 55


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reading(house: House) -> list[tuple[str, str, httpx.Response]]:
    """What every caller of the house gets of every field: the caller, the document, the answer."""
    return [
        (actor, document, response)
        for actor in (*ACTORS, "operator")
        for document, response in await house.read_all(actor)
    ]


async def test_every_field_is_read_by_every_caller_and_shows_nothing_of_others(
    house: House, reading: list[tuple[str, str, httpx.Response]]
) -> None:
    read: set[str] = set()
    found: list[str] = []
    shown: dict[str, str] = defaultdict(str)
    for actor, document, response in reading:
        assert response.status_code < 500, document
        assert "INTERNAL" not in response.text, (actor, document)
        read |= surface.list_selected(document)
        shown[actor] += response.text.lower()
        if actor != "operator":
            found += [
                f"{actor} sees {what}: {document[:90]}" for what in walls.list_foreign(house, actor, response.text)
            ]
        found += [
            f"{actor} sees the id {what}: {document[:90]}"
            for what in walls.list_foreign_ids(house, actor, response.json())
            if actor != "operator" or not may_operator_know(what)
        ]
    assert not found, walls.describe(found)
    # What a new field adds is read too, and the marks are where they should be, or nothing above would mean anything.
    assert surface.list_fields() - read == {"Query.nodes"}
    own = {"s1": "name person key invited site siteaddress answer opened comment reason shares",
           "s2": "name person key invited site siteaddress answer opened comment reason",
           "b1": "name person key invited record localname address vendor reference contact list askss1 askss2 code"
                 " draft",
           "b2": "name person key invited record localname address vendor reference contact list askss1 askss2 code"
                 " draft",
           "p1": "name person key invited"}  # fmt: skip
    for actor, marks in own.items():
        for what in marks.split():
            assert mark(actor, what) in shown[actor], (actor, what)
    for reader, owner, what in (
        ("b1", "s1", "opened"),
        ("b1", "s1", "name"),
        ("s1", "b2", "askss1"),
        ("s2", "b1", "name"),
    ):
        assert mark(owner, what) in shown[reader], (reader, owner, what)


def may_operator_know(what: str) -> bool:
    """Organizations, its own views, and what the open one shows: rows of that supplier, and requests to it."""
    return what.startswith(("orga", "glas", "rqst of b")) or what.endswith(f" of {LOOKED_AT}")


def test_what_each_caller_is_shown_is_what_the_table_says(
    house: House, reading: list[tuple[str, str, httpx.Response]]
) -> None:
    """A new field needs a row in matrix.csv; MATRIX=write writes it, and whoever reviews the change reads the row."""
    shown = matrix.gather()
    for actor, document, response in reading:
        for field, relation in matrix.list_shown(house, actor, document, response.json().get("data")):
            shown[field][matrix.READERS[actor]].add(relation)
    wrong = matrix.compare(shown)
    assert not wrong, walls.describe(wrong)
    foreign = {
        (field, kind)
        for field, by_kind in shown.items()
        for kind, relations in by_kind.items()
        if matrix.FOREIGN in relations and kind != "operator"
    }
    assert foreign == set()
    assert any(matrix.SHARED in relations for by_kind in shown.values() for relations in by_kind.values())


@pytest.mark.parametrize("kind", surface.list_node_types())
async def test_a_node_of_somebody_else_is_no_node(house: House, kind: str) -> None:
    (tag,) = (one.tag for one in nodes._kinds() if one.type_name == kind)
    refs, seen = pick(house, tag, 3), set()
    assert refs
    for actor in ACTORS:
        ghosts = {await read_node(house, actor, kind, one) for one in make_ghosts(tag, find_other(house, actor))}
        assert len(ghosts) == 1
        for ref in refs:
            answer = await read_node(house, actor, kind, ref.value)
            if may_read_node(house, ref, actor):
                seen.add(answer)
            else:
                assert answer in ghosts, (actor, ref)
    assert seen - ghosts, f"nobody reads a {kind}"
    values = [ref.value for ref in house.refs if ref.tag == tag][:100]
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename ... on {kind} {{ id }} }} }}"
    for actor in ACTORS:
        answered = (await house.post(actor, query, ids=values)).json()
        for value, one in zip(values, (answered.get("data") or {}).get("nodes", ()), strict=False):
            (ref,) = (one for one in house.refs if one.value == value)
            assert one is None or may_read_node(house, ref, actor), (actor, ref)


async def read_node(house: House, actor: str, kind: str, value: str) -> str:
    document = surface.list_documents("node", {"id": value}, only=kind)[0]
    return walls.normalize(await house.post(actor, document, id=value))


def may_read_node(house: House, ref: Ref, actor: str) -> bool:
    """Own rows; those of a link between the two; and one's own shared results."""
    who = {"key": "p1"}.get(actor, actor)
    if who == ref.owner:
        return True
    return (ref.tag, ref.owner, who) in KNOWN - {("evid", "s1", "b1")} and ref.value in house.parties[who].known


def test_slots_without_victims_are_those_that_are_named(house: House) -> None:
    assert {str(slot) for slot in SLOTS} >= set(NOT_ATTACKED)
    of_nobody = {name for name, why in NOT_ATTACKED.items() if "belongs to nobody" in why}
    followed = {str(slot) for slot in SLOTS if slot.root == "Subscription" or slot.field in ("node", "nodes")}
    kept = {name for name, why in NOT_ATTACKED.items() if "stands in the history" in why}
    assert followed == set(NOT_ATTACKED) - of_nobody - kept
    assert {str(slot) for slot in SLOTS if not list_victims(house, slot)} - {"nodes(ids)"} == of_nobody


@pytest.mark.parametrize("slot", ATTACKED, ids=str)
async def test_an_id_of_somebody_else_is_one_that_does_not_exist(house: House, slot: surface.Slot) -> None:
    victims = list_victims(house, slot)
    assert {ref.tag for ref in victims} == set(TAGS[slot.path[-1]])
    excepted = ("session",) if slot.field in ("signIn", "chooseOrganization") else ()
    before = await walls.hash_tables(house, *excepted)
    tried = 0
    for actor in ACTORS:
        others = list_own_ids(house, actor)
        await house.fetch("DELETE FROM portal.credential_attempt")
        for tag in TAGS[slot.path[-1]]:
            ghosts = make_ghosts(tag, find_other(house, actor))
            expected = {await send(house, actor, slot, ghost, others) for ghost in ghosts}
            assert len(expected) == 1, (actor, expected)
            for ref in victims:
                if ref.tag == tag and not may_act(house, slot, ref, actor):
                    answer = await send(house, actor, slot, ref.value, others)
                    assert answer in expected, (actor, ref, expected)
                    tried += 1
    # A row of a review has three parties beside its owner, of which one is a machine; any other has its owner alone.
    parties = 3 if OF_REVIEWS & set(TAGS[slot.path[-1]]) else 0
    assert tried >= len(ACTORS) - 1 - parties
    after = await walls.hash_tables(house, *excepted)
    assert [name for name in after if before[name] != after[name]] == []


def find_other(house: House, actor: str) -> UUID:
    """An organization that the actor has nothing of."""
    return house.parties["s2" if actor == "s1" else "s1"].organization


async def send(house: House, actor: str, slot: surface.Slot, value: str, others: dict[str, str]) -> str:
    """What an actor is answered who puts this id into the slot."""
    given = surface.fill(slot, value, others)
    if slot.field == "signIn":
        given["input"] |= {"email": f"{mark(actor, 'owner')}@example.com", "password": surface.PASSWORD}
    document = (
        surface.write_change(slot.field) if slot.root == "Mutation" else surface.list_documents(slot.field, given)[0]
    )
    response = await house.post(actor, document, **given)
    tag, _, row = decode(value) or ("", None, ids.new_id())
    own = house.parties[actor].organization if actor in house.parties else nodes.NO_OWNER
    return walls.normalize(response, value, surface.encode_id(tag, own, row), str(row))


async def test_the_same_calls_work_for_those_whose_the_ids_are(house: House) -> None:
    """Or the test above would show only that the inputs are wrong."""
    reached = set()
    for slot in CHANGES:
        for actor in ("s1", "s2", "b1", "b2", "p1"):
            ghosts = [
                surface.encode_id(tag, house.parties[actor].organization, ids.new_id()) for tag in TAGS[slot.path[-1]]
            ]
            for ghost in ghosts:
                others = list_own_ids(house, actor)
                answer = (
                    await house.post(actor, surface.write_change(slot.field), **surface.fill(slot, ghost, others))
                ).json()
                if "NOT_FOUND" in json.dumps(answer):
                    reached.add(str(slot))
    operators = {"decideRole", "suspendOrganization", "reinstateOrganization", "placeInGroup", "confirmGroup"}
    operators |= {"breakGlass", "closeGlass"}
    missed = {str(slot) for slot in CHANGES if slot.field not in operators} - reached
    assert missed <= MISSED, missed - MISSED


# What says something else to an id that does not exist: signing in goes on without an organization, and a line of a
# list may only be one of the suppliers suggested for it. What is granted of a request is looked at after the request.
MISSED = {
    "signIn(input.organizationId)", "confirmSupplierList(input.decisions.supplierId)",
    # A document is looked for among those behind the answer, and told as a problem of its own place.
    "makeStatement(input.findings.restsOn)", "makeStatement(input.findings.contradicts)",
    "askClarification(input.items.evidenceId)",
    "grantAccess(input.submissionId)", "previewAccess(input.submissionId)",
    "reopenOrganization(input.organizationId)",  # the password is asked for first
    # What is wrong with an answer is told as a problem of that answer.
    "saveAnswers(input.answers.siteId)", "saveAnswers(input.answers.plan.ownerId)",
}  # fmt: skip


async def test_cursors_of_somebody_elses_list_lead_nowhere_else(house: House) -> None:
    lists = [
        name
        for name, one in surface.SCHEMA.query_type.fields.items()
        if surface.get_named_type(one.type).name.endswith("Connection") and "first" in one.args
    ]
    assert len(lists) >= 9
    for name in lists:
        arguments = dict(next(house.list_arguments(name)))
        cursors = {}
        for actor in PARTIES:
            answer = await ask_page(house, actor, name, arguments)
            page = ((answer.get("data") or {}).get(name) or {}).get("pageInfo") or {}
            cursors[actor] = {page.get("startCursor"), page.get("endCursor")} - {None}
        for actor in ACTORS:
            for owner in cursors:
                for cursor in cursors[owner] if owner != actor else ():
                    answer = await ask_page(house, actor, name, {**arguments, "after": cursor})
                    assert not walls.list_foreign_ids(house, actor, answer), (name, actor, owner)
                    assert not walls.list_foreign(house, actor, json.dumps(answer)), (name, actor, owner)


async def ask_page(house: House, actor: str, name: str, arguments: dict[str, Any]) -> Any:
    head = surface.spell_root(surface.SCHEMA.query_type, name, arguments | {"first": 1})
    return (
        await house.post(
            actor, f"{{ {head} {{ edges {{ node {{ __typename }} }} pageInfo {{ startCursor endCursor }} }} }}"
        )
    ).json()


@pytest.mark.parametrize(("reader", "owner"), [("b2", "b1"), ("b1", "b2")])
async def test_words_numbers_and_filters_find_nothing_of_another_buyer(house: House, reader: str, owner: str) -> None:
    count = "query ($f: SupplierFilter) { suppliers(filter: $f, first: 100) { totalCount nodes { id name } } }"
    own = await house.ask(reader, count, f={})
    rows = await house.fetch(
        "SELECT count(*) AS n FROM portal.supplier_record WHERE buyer_id = $1 AND archived_at IS NULL",
        house.parties[reader].organization,
    )
    assert own["suppliers"]["totalCount"] == len(own["suppliers"]["nodes"]) == rows[0]["n"]
    for word in (mark(owner, "record"), mark(owner, "record")[:6], mark(owner, "row"), mark("s1", "name"), "zqb"):
        mine = await house.ask(owner, count, f={"search": word})
        theirs = await house.ask(reader, count, f={"search": word})
        assert not walls.list_foreign(house, reader, json.dumps(theirs))
        assert theirs["suppliers"]["totalCount"] == len(theirs["suppliers"]["nodes"])
        if word.startswith(f"zq{owner}"):
            assert mine["suppliers"]["totalCount"] > 0
            assert theirs["suppliers"]["totalCount"] == 0
    by_number = "query ($n: String!) { supplierByVendorNumber(vendorNumber: $n) { id } }"
    assert (await house.ask(owner, by_number, n=f"{mark(owner, 'vendor')}s1"))["supplierByVendorNumber"] is not None
    assert (await house.ask(reader, by_number, n=f"{mark(owner, 'vendor')}s1"))["supplierByVendorNumber"] is None


async def test_filters_by_what_was_not_shared_find_nothing(house: House) -> None:
    """The second buyer knows both suppliers, and has asked for the very submissions that the first one reads."""
    query = "query ($f: SupplierFilter!) { suppliers(filter: $f) { totalCount } }"
    for band in ("a", "c", "d"):
        for tier in ("MICRO", "BASIC"):
            wanted = {"questionnaire": "sample", "band": [band]}, {"questionnaire": "sample", "tier": [tier]}
            for one in wanted:
                assert (await house.ask("b2", query, f=one))["suppliers"]["totalCount"] == 0
    assert (await house.ask("b1", query, f={"questionnaire": "sample", "tier": ["MICRO", "BASIC"]}))["suppliers"][
        "totalCount"
    ] == 1


async def test_an_import_knows_the_buyers_own_records_only(house: House) -> None:
    rows = await house.fetch(
        "SELECT name, vendor_number FROM portal.supplier_record WHERE buyer_id = $1", house.parties["b1"].organization
    )
    lines = "Name,Country,Vendor number\n" + "".join(
        f'"{row["name"]}",VN,{row["vendor_number"] or ""}\n' for row in rows
    )
    made = await house.do("b2", "createSupplierListUpload", fileName="copied.csv")
    await put(house, made["upload"], lines.encode())
    query = surface.write_change("previewSupplierList")
    answer = await house.ask("b2", query, input={"supplierListId": made["supplierList"]["id"]})
    summary = answer["result"]["preview"]["summary"]
    assert summary["new"] == len(rows), summary
    assert not walls.list_foreign_ids(house, "b2", answer)
    owned = await house.do("b1", "createSupplierListUpload", fileName="own.csv")
    await put(house, owned["upload"], lines.encode())
    answer = await house.ask("b1", query, input={"supplierListId": owned["supplierList"]["id"]})
    assert answer["result"]["preview"]["summary"]["new"] == 0


FILES = {
    "assessments": [kind.ending for kind in exports.list_assessment_files()],
    "submissions": [kind.ending for kind in exports.list_submission_files()],
}


async def test_exports_and_downloads_are_not_for_others(house: House) -> None:
    links = {}
    for kind, name in (("assessments", "assessment"), ("submissions", "submission")):
        _, _, row = decode(house.made[f"s1 {name} new"]) or ("", None, None)
        for ending in FILES[kind]:
            links[f"/exports/{kind}/{row}.{ending}"] = f"/exports/{kind}/{ids.new_id()}.{ending}"
    for actor in ACTORS:
        token = house.tokens[actor]
        headers = {"authorization": f"Bearer {token}"} if token else {}
        for real, ghost in links.items():
            answers = [await house.client.get(path, headers=headers) for path in (real, ghost)]
            if actor == "s1":
                assert answers[0].status_code == 200
                is_text = not real.endswith((".xlsx", ".pdf"))
                assert not is_text or mark("s1", "opened") in answers[0].text
                continue
            assert (answers[0].status_code, answers[0].content) == (answers[1].status_code, answers[1].content)
            assert answers[0].status_code in (401, 403, 404)


async def test_a_form_is_taken_from_its_supplier_alone(house: House) -> None:
    _, _, row = decode(house.made["s1 assessment new"]) or ("", None, None)
    table = b"questionnaire,question,row,state,value\n"
    for actor in ACTORS:
        token = house.tokens[actor]
        headers = {"authorization": f"Bearer {token}"} if token else {}
        paths = [f"/imports/assessments/{one}{end}" for end in ("", "?apply=0") for one in (row, ids.new_id())]
        sent = [await house.client.post(path, content=table, headers=headers) for path in paths]
        real, ghost, applied, nowhere = sent
        if actor == "s1":
            # It was submitted already, which only its own supplier hears.
            assert (real.status_code, applied.status_code, ghost.status_code) == (200, 409, 404)
            continue
        assert (real.status_code, real.content) == (ghost.status_code, ghost.content)
        assert (applied.status_code, applied.content) == (nowhere.status_code, nowhere.content)
        assert real.status_code in (401, 403, 404)


# Every path with a caller's data, and what attacks it; all others are asked as they are.
PATHS = {
    "/graphql": "the tests above", "/imports/assessments/{id}": "forms",
    **{f"/exports/{kind}/{{id}}.{ending}": "exports" for kind, endings in FILES.items() for ending in endings},
    "/suppliers.csv": "tables", "/downloads/evidence": "signed links", "/uploads": "single-use links",
}  # fmt: skip


async def test_every_path_is_known_and_shows_nothing_of_others(house: House) -> None:
    paths = {route.path: getattr(route, "methods", None) for route in house.portal.app.routes}
    for path in set(paths) - set(PATHS):
        for actor in ACTORS:
            token = house.tokens[actor]
            headers = {"authorization": f"Bearer {token}"} if token else {}
            response = await house.client.get(path, headers=headers)
            assert response.status_code < 500, path
            assert not walls.list_foreign(house, actor, response.text), path
    assert set(PATHS) <= set(paths)


async def test_a_table_of_suppliers_is_the_buyers_own(house: House) -> None:
    wanted = [
        {},
        {"questionnaire": "sample"},
        {"search": mark("b1", "record")},
        {"questionnaire": "sample", "band": "a"},
    ]
    for actor in ACTORS:
        token = house.tokens[actor]
        headers = {"authorization": f"Bearer {token}"} if token else {}
        for parameters in wanted:
            response = await house.client.get("/suppliers.csv", params=parameters, headers=headers)
            assert response.status_code == (200 if actor in BUYERS else 401 if actor == "nobody" else 403), actor
            assert not walls.list_foreign(house, actor, response.text), (actor, parameters)
            if actor in BUYERS and not parameters:
                assert mark(actor, "record") in response.text


async def test_a_signed_link_is_worth_nothing_changed(house: House) -> None:
    made = await house.do("s1", "createEvidenceDownload", evidenceId=house.made["s1 evidence old"])
    token = made["url"].partition("token=")[2]
    assert (await house.client.get("/downloads/evidence", params={"token": token})).status_code in (200, 404)
    for forged in (
        token[:-2],
        token[1:],
        token.swapcase(),
        token + "A",
        "",
        "." * 50,
        f"{token[:20]}{'B' if token[20] == 'A' else 'A'}{token[21:]}",
    ):
        response = await house.client.get("/downloads/evidence", params={"token": forged})
        assert response.status_code == 404, forged
        assert not walls.list_foreign(house, "nobody", response.text)


@pytest.mark.parametrize("actor", [actor for actor in ACTORS if actor != "s1"])
async def test_nobody_else_follows_an_assessment(house: House, actor: str) -> None:
    ghost = surface.encode_id("asmt", house.parties["s1"].organization, ids.new_id())
    answers = [await follow(house, actor, value) for value in (house.made["s1 assessment next"], ghost)]
    assert answers[0] == answers[1]
    assert "errors" in answers[0] or answers[0].startswith("close"), answers


async def test_its_own_supplier_follows_it(house: House) -> None:
    said = await follow(house, "s1", house.made["s1 assessment next"])
    assert "errors" not in said
    assert house.made["s1 assessment next"] in said


async def follow(house: House, actor: str, value: str) -> str:
    """The first message of a subscription, while the supplier saves an answer."""
    url = house.portal.url.replace("http:", "ws:")
    query = "subscription ($id: ID!) { assessmentChanged(id: $id) { id changeNumber state } }"
    token = house.tokens[actor]
    payload = {"authorization": f"Bearer {token}"} if token else {}
    try:
        async with websockets.connect(url, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            await socket.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
            first = orjson.loads(await asyncio.wait_for(socket.recv(), 5))
            assert first["type"] == "connection_ack", first
            asked = {"id": "1", "type": "subscribe", "payload": {"query": query, "variables": {"id": value}}}
            await socket.send(orjson.dumps(asked).decode())
            heard = asyncio.create_task(socket.recv())
            for text in ("one", "two", "three", "four") if actor == "s1" else ():
                await asyncio.wait([heard], timeout=0.3)
                await save(house, text)
            return json.dumps(orjson.loads(await asyncio.wait_for(heard, 5)))
    except websockets.ConnectionClosed as closed:
        return f"close {closed.rcvd and closed.rcvd.code}"


async def save(house: House, text: str) -> None:
    """Let the first supplier change an answer of its draft, whatever it was before."""
    assessment = house.made["s1 assessment next"]
    sent = houses.write("area", number=str(len(text)))
    for revision in range(6):
        given = {
            "assessmentId": assessment,
            "answers": [sent | {"baseRevision": revision, "writeId": str(ids.new_id())}],
        }
        saved = await house.do("s1", "saveAnswers", **given)
        if saved["results"][0]["status"] == "SAVED":
            return


async def test_events_letters_and_log_lines_hold_no_texts(house: House) -> None:
    events = await house.fetch(
        "SELECT ids::text AS text FROM portal.outbox UNION ALL SELECT ids::text FROM portal.mail"
        " UNION ALL SELECT detail::text FROM portal.audit_event"
    )
    assert len(events) > 50
    assert [row["text"] for row in events if "zq" in row["text"] and "qz" in row["text"]] == []
    lines = [line for line in LINES if "zq" in line and "qz" in line]
    assert len(LINES) > 100
    assert lines == []
