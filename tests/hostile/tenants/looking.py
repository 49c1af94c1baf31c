"""What tenants and strangers look at, their own and others': fields, nodes, exports, documents, summaries, sockets."""

from typing import Any

import httpx

from graphql_schema import nodes
from tests.hostile import surface
from tests.hostile.house import TAKEN, decode, list_texts
from tests.hostile.tenants.town import LeakError, Town, unpack
from tests.hostile.test_isolation import FILES

ROOTS = sorted(set(surface.SCHEMA.query_type.fields) - {"nodes", "ssoStart", "invitation"})  # type: ignore[union-attr]
FILE_TAGS = {"assessments": "asmt", "submissions": "subm"}


def pick_reader(town: Town) -> str:
    return town.chance.choice(sorted(town.house.tokens))


async def read(town: Town, reader: str = "") -> None:
    """A part of all that a field leads to, for an id of anybody."""
    reader = reader or pick_reader(town)
    name = town.chance.choice(ROOTS)
    only = None
    declared = surface.SCHEMA.query_type.fields[name]  # type: ignore[union-attr]
    needed = [key for key, one in declared.args.items() if surface.is_needed(one) or key == "contentHash"]
    given: dict[str, Any] = {key: surface.make_value(declared.args[key].type, key, {}) for key in needed}
    if name == "node":
        kind = town.chance.choice(sorted(nodes._loaders.values(), key=lambda one: str(one[0].tag)))[0]
        given, only = {"id": town.pick(kind.tag)}, kind.type_name
    for key in needed:
        if name != "node" and surface.get_named_type(declared.args[key].type).name == "ID":
            given[key] = town.pick(TAKEN.get(name, "asmt"))
    if name == "supplier":
        given["questionnaire"] = "sample"
    elif name == "suppliers":
        given["filter"] = surface.Raw('{questionnaire: "sample"}')
    documents = surface.list_documents(name, given, only)
    if documents:
        town.seen["fields read"] += 1
        await town.post(reader, town.chance.choice(documents), **{key: given[key] for key in given if key != "filter"})


async def search(town: Town) -> None:
    """A word of anybody, by the search of a buyer."""
    buyer, word = town.chance.choice(("b1", "b2")), town.chance.choice(list(town.model.words))
    query = "query ($f: SupplierFilter) { suppliers(filter: $f, first: 100) { totalCount nodes { id name } } }"
    found = (await town.post(buyer, query, f={"search": word[:8]}))["data"]["suppliers"]
    assert found["totalCount"] == len(found["nodes"])
    found = (await town.post(buyer, query, f={"search": word}))["data"]["suppliers"]
    if found["totalCount"] and town.model.list_foreign(buyer, [word]):
        raise LeakError(f"the search of {buyer} finds {town.model.describe(word)}")
    await town.get(buyer, "/suppliers.csv?questionnaire=sample")


async def export(town: Town) -> None:
    """A file of somebody's assessment or submission: its supplier alone gets it."""
    reader, kind = pick_reader(town), town.chance.choice(sorted(FILES))
    value = town.pick(FILE_TAGS[kind])
    if not value:
        return
    owner = town.rows[FILE_TAGS[kind]][value]
    ending = town.chance.choice(FILES[kind])
    if town.chance.random() < 0.5:
        reader = owner
    _, _, row = decode(value) or ("", None, None)
    response = await town.get(reader, f"/exports/{kind}/{row}.{ending}")
    town.seen[f"{ending} {response.status_code}"] += 1
    if response.status_code == 200 and reader.partition(" ")[0] != owner:
        raise LeakError(f"{reader} gets a {ending} of {owner}")


async def fetch_document(town: Town) -> None:
    """A document of anybody, by a link that is asked for."""
    reader, value = pick_reader(town), town.pick("evid")
    if not value or reader == "nobody":
        return
    made = await town.attempt(reader, "createEvidenceDownload", evidenceId=value)
    if made:
        path = httpx.URL(made["url"]).raw_path.decode()
        response = await town.house.client.get(path)
        town.seen[f"document {response.status_code}"] += 1
        town.check(reader.partition(" ")[0], [*unpack(response.content), str(response.headers)], "a document")


async def fetch_summary(town: Town) -> None:
    value = town.pick("subm")
    if value:
        reader = pick_reader(town)
        _, owner, row = decode(value) or ("", None, None)
        await town.get(reader, f"/summaries/{owner}/{row}.jws")
        await town.get(reader, f"/summaries/{owner}/{row}/facts.json")


async def follow(town: Town) -> None:
    """A socket on an assessment of anybody."""
    value = town.pick("asmt")
    if value:
        await town.follow(town.chance.choice(sorted(town.house.parties)), value)


async def misuse(town: Town) -> None:
    """A mutation with an id of somebody else in one of its arguments; whatever comes of it, no word is told."""
    reader = pick_reader(town)
    slot = town.chance.choice(MISUSED)
    values = [town.pick(tag) for tag in town.rows]
    foreign = [one for one in values if town.rows[(decode(one) or ("",))[0]].get(one) != reader.partition(" ")[0]]
    if foreign:
        given = surface.fill(slot, town.chance.choice(foreign), {})
        answer = await town.post(reader, surface.write_change(slot.field), **given)
        town.seen["misused"] += 1
        assert "INTERNAL" not in "".join(list_texts(answer)), (reader, slot, answer)


# Whatever could end what the others need to go on.
LEFT_OUT = {"signIn", "chooseOrganization", "endSession", "placeInGroup", "confirmGroup"}
MISUSED = [slot for slot in surface.list_slots() if slot.root == "Mutation" and slot.field not in LEFT_OUT]
