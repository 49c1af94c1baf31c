"""People who do everything that the portal is for, and some things that it refuses, in an order that a seed fixes."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import orjson
import websockets

from portal.database import ids
from tests import databases, people
from tests.bench import reads, responses, world, writes
from tests.bench.world import BUYER, ORGANIZATION, RECORD, SAVED, World
from tests.journeys import documents
from tests.people import Person
from tests.portal.assessments import files

LIST = """
query List($first: Int!, $after: String, $sort: SupplierSort!, $filter: SupplierFilter) {
  suppliers(first: $first, after: $after, sort: $sort, filter: $filter) {
    totalCount
    nodes { id name country state tier band total submittedAt requestState dueOn pillars { key score } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignedIn { token } } }"
SIGN_OUT = "mutation { signOut { __typename } }"
WHO = "{ viewer { __typename } }"
DOWNLOAD = """
mutation ($input: CreateEvidenceDownloadInput!) {
  createEvidenceDownload(input: $input) { __typename ... on EvidenceDownloadCreated { url } }
}
"""
SUPPLIER = documents.split("supplier")
FIELDS = [
    "id",
    "name",
    "country",
    "sector",
    "state",
    "tier",
    "band",
    "total",
    "coverage",
    "submittedAt",
    "validUntil",
    "requestState",
    "dueOn",
    "address",
    "linkedAt",
]
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"country": ["VN", "BD"]},
    {"search": "gold riv"},
    {"sector": ["C"]},
    {"state": ["LINKED"]},
    {"archived": True},
)
WRONG: tuple[tuple[str, str], ...] = (
    ("{ viewer { ", "GRAPHQL_PARSE_FAILED"),
    ("{ viewer { shoeSize } }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ suppliers { nodes " + "{ history " * 30 + "{ tier }" + " }" * 31 + " }", "too deep"),
    ('{ supplier(id: "nothing") { name } }', "no such id"),
)
# How often each thing is done, of all that is done.
SHARES = {
    "list": 20,
    "profile": 20,
    "cell": 15,
    "assessment": 10,
    "save": 20,
    "submit": 2,
    "sign": 2,
    "evidence": 1,
    "wrong": 8,
    "distinct": 12,
    "follow": 2,
}
TRIES_BETWEEN = 8  # sign-ins, after which the counts of tries are cleared, as there is one network address only


@dataclass
class Crowd:
    """Whoever talks to one server, and how often each thing was done."""

    url: str
    made: World
    database: databases.TestDatabase
    person: Person
    client: httpx.AsyncClient
    submissions: writes.Submissions
    done: Counter[str] = field(default_factory=Counter)
    filling: asyncio.Lock = field(default_factory=asyncio.Lock)
    signing: int = 0
    distinct: int = 0
    most_distinct: int | None = None  # the stream of distinct documents begins again after so many

    async def work(self, seed: int, deadline: float) -> None:
        """One thing after the other until the loop's clock has come there."""
        chance = random.Random(seed)
        while asyncio.get_running_loop().time() < deadline:
            await self.do(chance.choices(list(SHARES), list(SHARES.values()))[0], chance)

    async def do(self, what: str, chance: random.Random) -> None:
        """One thing, checked as far as it takes to know that it was done."""
        await getattr(self, f"do_{what}")(chance)
        self.done[what] += 1

    async def post(self, token: str, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        response = await self._send(token, {"query": query, "variables": variables})
        answer = response.json()
        assert response.status_code == 200, answer
        assert not answer.get("errors"), answer
        return answer["data"]

    async def _send(self, token: str, body: Any) -> httpx.Response:
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return await self.client.post("/graphql", content=content, headers=headers)

    async def do_list(self, chance: random.Random) -> None:
        """A page, and the next one, in some order."""
        given = {
            "first": chance.choice([5, 25, 50]),
            "sort": chance.choice(["NAME", "TOTAL_HIGHEST", "TOTAL_LOWEST", "DUE"]),
            "filter": chance.choice(FILTERS),
        }
        page = (await self.post(world.make_token(BUYER), LIST, **given))["suppliers"]["pageInfo"]
        if page["hasNextPage"]:
            await self.post(world.make_token(BUYER), LIST, **given, after=page["endCursor"])

    async def do_profile(self, chance: random.Random) -> None:
        record = world.make_id(RECORD, chance.randint(1, self.made.suppliers))
        key = world.make_node_id("supp", world.make_id(ORGANIZATION, BUYER), record)
        assert (await self.post(world.make_token(BUYER), reads.PROFILE, id=key))["supplier"]["name"]

    async def do_cell(self, chance: random.Random) -> None:
        asked = {
            "sector": chance.choice("ABCFGHIJ"),
            "region": chance.choice(reads.REGIONS).upper(),
            "size": chance.choice(reads.SIZES).upper(),
            "measure": chance.choice(reads.MEASURES),
        }
        assert (await self.post(world.make_token(BUYER), reads.CELL, **asked))["benchmark"]

    def _choose_draft(self, chance: random.Random) -> writes.Draft:
        return writes.make_draft(self.made, SAVED, chance.randrange(self.made.suppliers))

    async def do_assessment(self, chance: random.Random) -> None:
        draft = self._choose_draft(chance)
        after = chance.choice([0, 10])
        read = await self.post(draft.token, SUPPLIER["ReadProgress"], assessment=draft.node_id, changedAfter=after)
        assert read["assessment"]["state"] == "DRAFT"

    async def do_save(self, chance: random.Random) -> None:
        await self._save(self._choose_draft(chance), chance)

    async def _save(self, draft: writes.Draft, chance: random.Random) -> None:
        """An answer on a revision that may be old, and then on the one that stands."""
        question, options = chance.choice(responses.list_steady_choices(responses.find_packaged().definition))
        base = 1
        for _ in range(2):
            one = {"writeId": str(ids.new_id()), "question": question, "baseRevision": base}
            one["value"] = {"choice": chance.choice(options[:2])}
            sent = {"assessmentId": draft.node_id, "answers": [one]}
            (result,) = (await self.post(draft.token, writes.SAVE, input=sent))["saveAnswers"]["results"]
            assert result["status"] in ("SAVED", "UNCHANGED", "CONFLICT"), result
            base = result["current"]["revision"]

    async def do_submit(self, chance: random.Random) -> None:
        async with self.filling:
            if not self.submissions.waiting:
                await self.submissions.fill_up(50)
            draft = self.submissions.waiting.popleft()
        sent = {"assessmentId": draft.node_id, "expectedChangeNumber": draft.change_number}
        assert "submission" in (await self.post(draft.token, writes.SUBMIT, input=sent))["submitAssessment"]

    async def do_sign(self, chance: random.Random) -> None:
        """In with the right password, and out again; then with an address that nobody has."""
        self.signing += 1
        if self.signing % TRIES_BETWEEN == 1:
            await people.run_sql(self.database, "DELETE FROM portal.credential_attempt")
        given = {"email": self.person.email, "password": people.PASSWORD}
        token = (await self.post("", SIGN_IN, input=given))["signIn"]["token"]
        await self.post(token, WHO)
        assert (await self.post(token, SIGN_OUT))["signOut"]["__typename"] == "SignedOut"
        given["email"] = f"{chance.randbytes(8).hex()}@example.com"
        assert (await self.post("", SIGN_IN, input=given))["signIn"]["__typename"] == "Unauthenticated"

    async def do_evidence(self, chance: random.Random) -> None:
        """A document is uploaded, checked by the worker and downloaded."""
        token = world.make_token(chance.randint(1, self.made.suppliers))
        given = {"fileName": "exits.pdf", "kind": "RECORD", "title": "Exits"}
        made = await self.post(token, SUPPLIER["CreateEvidenceUpload"], input=given)
        created = made["createEvidenceUpload"]
        headers = {one["name"]: one["value"] for one in created["upload"]["headers"]}
        content = files.make_pdf(b"% " + chance.randbytes(2_000).hex().encode() + b"\n")
        upload = created["upload"]
        put = await self.client.request(upload["method"], upload["url"], content=content, headers=headers)
        assert put.status_code < 300, put.text
        evidence = created["evidence"]["id"]
        async with asyncio.timeout(60):
            while (await self.post(token, SUPPLIER["ReadEvidence"], id=evidence))["node"]["state"] != "AVAILABLE":
                await asyncio.sleep(0.1)
        link = (await self.post(token, DOWNLOAD, input={"evidenceId": evidence}))["createEvidenceDownload"]["url"]
        assert (await self.client.get(link)).content == content

    async def do_wrong(self, chance: random.Random) -> None:
        """Something that is refused, and not as a fault of the server."""
        query = chance.choice(WRONG)[0]
        unknown = {"documentId": f"sha256:{chance.randbytes(32).hex()}"}
        body, token = chance.choice(
            [
                ({"query": query}, world.make_token(BUYER)),
                ({"query": WHO}, f"never given {chance.random()}"),
                (unknown, world.make_token(BUYER)),
                (b'{"query": ', world.make_token(BUYER)),
                (b"[" * 10_000, world.make_token(BUYER)),
            ]
        )
        response = await self._send(token, body)
        assert response.status_code < 500, response.text
        assert response.json()["errors"], response.text
        assert "INTERNAL" not in response.text, response.text

    async def do_distinct(self, chance: random.Random) -> None:
        """A document that nobody sent before."""
        self.distinct += 1
        number = self.distinct % self.most_distinct if self.most_distinct else self.distinct
        chosen = random.Random(number).sample(FIELDS, 6)
        text = f"query D{number} {{ suppliers(first: 3) {{ nodes {{ own{number}: {' '.join(chosen)} }} }} }}"
        await self.post(world.make_token(BUYER), text)

    async def do_follow(self, chance: random.Random) -> None:
        """A subscription is opened, sees a change, and ends in order or with its connection."""
        draft = self._choose_draft(chance)
        address = self.url.replace("http", "ws") + "/graphql"
        subscribe = {"query": SUPPLIER["FollowAssessment"], "variables": {"assessment": draft.node_id}}
        async with websockets.connect(address, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
            begin = {"type": "connection_init", "payload": {"authorization": f"Bearer {draft.token}"}}
            await connection.send(orjson.dumps(begin).decode())
            assert orjson.loads(await asyncio.wait_for(connection.recv(), 30))["type"] == "connection_ack"
            named = {"id": str(uuid4()), "type": "subscribe", "payload": subscribe}
            await connection.send(orjson.dumps(named).decode())
            await self._save(draft, chance)
            if chance.random() < 0.5:
                await connection.send(orjson.dumps({"id": named["id"], "type": "complete"}).decode())
            elif chance.random() < 0.5:
                connection.transport.abort()


async def gather(url: str, made: World, database: databases.TestDatabase, client: httpx.AsyncClient) -> Crowd:
    """A crowd that is ready to begin."""
    person = await people.add_person(database)
    await people.add_organization(database, (person, "owner"))
    return Crowd(url, made, database, person, client, writes.Submissions(made, by_hand=False))
