"""Two suppliers, two buyers and a partner with everything in place, made through the API, with marks in every text."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

import asyncpg
import httpx

from graphql_schema import documents as parsed
from graphql_schema import nodes
from portal.assessments import publishing
from portal.database import ids
from questionnaires import catalogue
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.authoring import documents
from tests.graphql_schema.sharing.stage import SECRET, run_worker
from tests.hostile import surface
from tests.portal.assessments import files, sample

PARTIES = {"s1": "supplier", "s2": "supplier", "b1": "buyer", "b2": "buyer", "p1": "partner"}
ROLES = {"p1": ("partner", "reviewer")}
SUPPLIERS, BUYERS = ("s1", "s2"), ("b1", "b2")
LOOKED_AT = "s1"  # by the operator, through an open view
ACTORS = ("s1", "s2", "b1", "b2", "p1", "key", "homeless", "nobody")
PERIODS = {
    "own": ("2024-01-01", "2024-12-31"),
    "old": ("2025-01-01", "2025-12-31"),
    "new": ("2026-01-01", "2026-12-31"),
    "next": ("2027-01-01", "2027-12-31"),
}
# Marks that others may read: what an organization says to the other side, or shares with it.
SAID = {
    "name": {pair for one in SUPPLIERS for other in BUYERS for pair in ((one, other), (other, one))}
    | {("s1", "p1"), *(("p1", one) for one in (*SUPPLIERS, *BUYERS))},  # an approved reviewer, which s1 engages
    **{f"asks{supplier}": {(buyer, supplier) for buyer in BUYERS} for supplier in SUPPLIERS},
    "opened": {("s1", "b1"), ("s1", "p1")},  # answers of the shared section, and the evidence beside them
    "shares": {("s1", "b1"), ("s1", "p1")},
    "states": {("b1", "s1")},
    "wonders": {("b1", "s1")},
    "disputes": {("s1", "b1")},
}  # fmt: skip
# Ids that are not of the reader's own rows, yet its to know: by tag, owner, reader.
KNOWN = {
    *(("orga", one, other) for one, other in SAID["name"]),
    *(("rcvd", buyer, supplier) for buyer in BUYERS for supplier in SUPPLIERS),
    *((tag, "s1", "b1") for tag in ("shrd", "evid", "stmt", "clar", "disp")),
    *((tag, "s1", "p1") for tag in ("shrd", "enga", "stmt")),
}


def mark(party: str, what: str) -> str:
    """A word that stands nowhere else."""
    return f"zq{party}{what}qz"


@dataclass(frozen=True)
class Ref:
    """An id of the API, and the party whose row it names."""

    value: str
    tag: str
    owner: str


@dataclass
class Party:
    """An organization, the owner who acts for it, and all ids that its own reading shows."""

    name: str
    organization: UUID
    person: people.Person
    known: set[str] = field(default_factory=set)


@dataclass
class House:
    """The running portal, who is in it, and what they have."""

    portal: portals.Portal
    parties: dict[str, Party]
    tokens: dict[str, str | None]
    client: httpx.AsyncClient
    folder: Path
    connection: asyncpg.Connection  # the superuser's
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    made: dict[str, str] = field(default_factory=dict)  # ids by a name such as "s1 submission old"
    refs: list[Ref] = field(default_factory=list)
    calls: int = 0
    acts: list[tuple[str, str]] = field(default_factory=list)  # mutations that were done, with the ids of their calls

    @property
    def database(self) -> databases.TestDatabase:
        return self.portal.database

    async def post(self, actor: str, query: str, **variables: Any) -> httpx.Response:
        token = self.tokens[actor]
        self.calls += 1
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await self.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def ask(self, actor: str, query: str, **variables: Any) -> Any:
        """The data of an operation that must not have errors."""
        answer = (await self.post(actor, query, **variables)).json()
        assert "errors" not in answer, (actor, query[:300], answer["errors"])
        return answer["data"]

    async def do(self, actor: str, mutation: str, **given: Any) -> Any:
        """The result of a mutation that must not be a problem."""
        document = surface.write_change(mutation)
        response = await self.post(actor, document, input=given)
        answer = response.json()
        assert "errors" not in answer, (actor, mutation, answer["errors"])
        result = answer["data"]["result"]
        assert result["__typename"] not in surface.PROBLEMS, (actor, mutation, result)
        self.acts.append((mutation, response.headers["x-request-id"]))
        return result

    async def read_all(self, actor: str, leaf: str | None = None) -> list[tuple[str, httpx.Response]]:
        """Every field of every type that lists and single rows of the query root lead to, as one caller gets them.

        With `leaf`, those of one type only.
        """
        found = []
        for name in surface.SCHEMA.query_type.fields:
            for arguments in self.list_arguments(name):
                for document in surface.list_documents(name, arguments, leaf=leaf):
                    found.append((document, await self.post(actor, document, **arguments)))
        for kind, value in self.list_nodes(actor):
            for document in surface.list_documents("node", {"id": value}, kind, leaf):
                found.append((document, await self.post(actor, document, id=value)))
        return found

    def list_nodes(self, actor: str) -> Iterator[tuple[str, str]]:
        """Of each kind of node one id, the actor's own where it has one."""
        for kind, _ in nodes._loaders.values():
            found = [ref for ref in self.refs if ref.tag == kind.tag]
            for ref in sorted(found, key=lambda one: one.owner != actor)[:1]:
                yield kind.type_name, ref.value

    def list_arguments(self, name: str) -> Iterator[dict[str, Any]]:
        """What to ask a root field for: every id of every kind it takes, or else what makes it answer most."""
        declared = surface.SCHEMA.query_type.fields[name]
        needed = [key for key, one in declared.args.items() if surface.is_needed(one) or key == "contentHash"]
        given = {key: surface.make_value(declared.args[key].type, key, {}) for key in needed}
        if name in ("node", "nodes"):
            return
        slots = [key for key in needed if surface.get_named_type(declared.args[key].type).name == "ID"]
        for ref in self.refs if slots else ():
            if ref.tag == TAKEN.get(name, "asmt"):
                yield given | {slots[0]: ref.value} | ({"questionnaire": "sample"} if name == "supplier" else {})
        if not slots:
            yield given
        if name == "questionnaireTrial":
            for buyer in BUYERS:
                yield {"input": {"tier": "MICRO", "draft": f"{buyer}--draft"}}
        if name == "suppliers":
            yield given | {"filter": surface.Raw('{questionnaire: "sample"}')}

    async def fetch(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Rows past every policy."""
        async with self.turn:
            return list(await self.connection.fetch(statement, *values))

    def find(self, tag: str, owner: str) -> list[str]:
        return [ref.value for ref in self.refs if (ref.tag, ref.owner) == (tag, owner)]


def decode(value: str) -> tuple[str, UUID, UUID] | None:
    """Tag, owner and row of an id of the API; None for anything else."""
    with contextlib.suppress(ValueError):
        content = base64.b64decode(value, altchars=b"-_", validate=True)
        if len(value) == 48 and content[:4].isalpha():
            return content[:4].decode("ascii"), UUID(bytes=content[4:20]), UUID(bytes=content[20:])
    return None


def list_texts(content: Any) -> Iterator[str]:
    """Every text in a JSON value, names left out."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for one in content:
            yield from list_texts(one)
    elif isinstance(content, str):
        yield content


@asynccontextmanager
async def open_house(
    database: databases.TestDatabase, folder: Path, *, everything: bool = True
) -> AsyncIterator[House]:
    """A portal with a worker over this database, and everybody in it; with everything, all their ids are learned."""
    await publishing.publish_with_login(database.owner_url, [*catalogue.list_packaged(), sample.make_packaged()])
    stored = {"storage_url": f"file://{folder}", "secret_key": SECRET, "public_url": "http://portal.test"}
    async with contextlib.AsyncExitStack() as stack:
        # All operations are sent again and again by everybody; each is parsed once, however many there are.
        stack.enter_context(mock.patch.object(parsed, "MOST_DOCUMENTS", 1_000))
        running = await stack.enter_async_context(portals.run_portal(database, listen_url=database.app_url, **stored))
        await stack.enter_async_context(run_worker(database, running.app.state.services.settings))
        client = await stack.enter_async_context(running.client())
        parties = {name: await settle(database, name, role) for name, role in PARTIES.items()}
        tokens: dict[str, str | None] = {name: party.person.token for name, party in parties.items()}
        homeless = await people.add_person(database, "homeless@example.com")
        operator = await people.add_person(database, "operator@example.com", operator=True)
        tokens |= {"homeless": homeless.token, "operator": operator.token, "nobody": None}
        connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
        stack.push_async_callback(connection.close)
        house = House(running, parties, tokens, client, folder, connection)
        await house.fetch(FACTOR, operator.id)
        for name, party in parties.items():
            await add_glass(house, name, party, operator)
        await furnish(house)
        if everything:
            await collect(house)
        yield house


async def settle(database: databases.TestDatabase, name: str, role: str) -> Party:
    person = await people.add_person(database, f"{mark(name, 'owner')}@example.com")
    colleague = await people.add_person(database, f"{mark(name, 'colleague')}@example.com")
    members = ((person, "owner"), (colleague, "editor"))
    organization = await people.add_organization(
        database, *members, name=mark(name, "name"), roles=ROLES.get(name, (role,))
    )
    return Party(name, organization, person)


async def furnish(house: House) -> None:
    """Everything that the tests need, said and done by those whose it is."""
    for name in PARTIES:
        await add_own_things(house, name)
    for buyer in BUYERS:
        for supplier in SUPPLIERS:
            await link(house, buyer, supplier)
            await suggest(house, buyer, supplier)
        await add_list(house, buyer)
        await add_campaign(house, buyer)
        await add_cadence(house, buyer)
        await add_questionnaires(house, buyer)
    for supplier in SUPPLIERS:
        await answer_requests(house, supplier)
    await share_with_first_buyer(house)
    await review_shared(house)
    await agree(house)
    _, owner, row = decode(house.made["s2 submission new"]) or ("", UUID(int=0), UUID(int=0))
    house.made["s2 result new"] = surface.encode_id("shrd", owner, row)  # which nobody was shown
    await house.fetch(ORIGINS)
    await house.fetch(PLANNED)
    await house.fetch(TOLD)
    await house.fetch(BENCHMARKS, house.parties["s1"].organization, house.parties["s2"].organization, ids.new_id())
    for value in house.made.values():
        add_ref(house, value)


async def add_own_things(house: House, name: str) -> None:
    await house.do(name, "updateProfile", name=mark(name, "person"))
    await house.do(name, "inviteMember", email=f"{mark(name, 'invited')}@example.com", role="VIEWER")
    scopes = {"supplier": "ASSESSMENTS", "buyer": "SUPPLIERS"}.get(PARTIES[name])
    wanted = ["BENCHMARKS_READ", *([f"{scopes}_READ", f"{scopes}_WRITE"] if scopes else [])]
    key = await house.do(name, "createApiKey", name=mark(name, "key"), scopes=wanted)
    house.tokens["key" if name == "p1" else f"{name} key"] = key["secret"]
    await add_webhook(house, name)
    await add_provider(house, name)
    if name in SUPPLIERS:
        site = await house.do(name, "addSite", name=mark(name, "site"), address=mark(name, "siteaddress"), country="VN")
        house.made[f"{name} site"] = site["site"]["id"]


async def add_webhook(house: House, name: str) -> None:
    """An endpoint that is told of what does not happen here, and a message that waits for another year."""
    words = {"url": f"https://{mark(name, 'hook')}.example.com/", "description": mark(name, "hook")}
    made = await house.do(name, "createWebhookEndpoint", **words, eventTypes=["benchmark.released"])
    house.made[f"{name} endpoint"] = made["endpoint"]["id"]
    _, owner, endpoint = decode(made["endpoint"]["id"]) or ("", UUID(int=0), UUID(int=0))
    delivery = ids.new_id()
    await house.fetch(MESSAGE, owner, delivery, endpoint)
    house.made[f"{name} delivery"] = surface.encode_id("whdl", owner, delivery)


async def add_provider(house: House, name: str) -> None:
    """An identity provider that is asked nothing, with a domain that is claimed."""
    await house.do(name, "claimSsoDomain", domain=f"{mark(name, 'domain')}.example.com")
    issuer = f"https://{mark(name, 'issuer')}.example.com"
    await house.fetch(PROVIDER, house.parties[name].organization, ids.new_id(), issuer)


async def add_glass(house: House, name: str, party: Party, operator: people.Person) -> None:
    """A view by the operator, which is open into the first supplier's data alone."""
    glass = ids.new_id()
    await house.fetch(GLASS, party.organization, glass, operator.id, mark(name, "glass"), name == LOOKED_AT)
    house.made[f"{name} glass"] = surface.encode_id("glas", party.organization, glass)


async def link(house: House, buyer: str, supplier: str) -> None:
    """A record that the supplier accepts by a link, one that only got a letter, and requests to the first."""
    for what in (supplier, f"{supplier}waiting"):
        made = await house.do(
            buyer,
            "addSupplier",
            name=f"{mark(buyer, 'record')} {what}",
            country="VN",
            localName=mark(buyer, "localname"),
            address=mark(buyer, "address"),
            vendorNumber=f"{mark(buyer, 'vendor')}{what}",
            externalReference=mark(buyer, "reference"),
        )
        record = made["supplier"]["id"]
        house.made[f"{buyer} record {what}"] = record
        contact = await house.do(
            buyer, "addSupplierContact", supplierId=record, email=f"{mark(buyer, 'contact')}{what}@example.com",
            name=mark(buyer, "contactname"),
        )  # fmt: skip
        if what == supplier:
            link = await house.do(buyer, "createInvitationLink", supplierId=record)
            own = surface.encode_id("orga", UUID(int=0), house.parties[supplier].organization)
            await house.do(supplier, "acceptSupplierInvitation", token=link["token"], organizationId=own)
        else:
            wanted = {"supplierId": record, "contactId": contact["contactId"]}
            await house.do(buyer, "inviteSuppliers", suppliers=[wanted])
    for period in ("old", "new", "next"):
        await ask(house, buyer, supplier, period)
    await ask(house, buyer, supplier, "new", subject="SITE", subjectName=mark(buyer, f"asks{supplier}"))


async def ask(house: House, buyer: str, supplier: str, period: str, **more: Any) -> None:
    start, end = PERIODS[period]
    made = await house.do(
        buyer,
        "createRequests",
        supplierIds=[house.made[f"{buyer} record {supplier}"]],
        questionnaire="sample",
        minimumTier="MICRO",
        periodStart=start,
        periodEnd=end,
        purpose=mark(buyer, f"asks{supplier}"),
        message=mark(buyer, f"asks{supplier}"),
        legalBasis=mark(buyer, f"asks{supplier}"),
        externalReference=mark(buyer, "reference"),
        dueOn=surface.SOON,
        **more,
    )
    _, owner, row = decode(made["lines"][0]["requestId"]) or ("", UUID(int=0), UUID(int=0))
    house.made[f"{buyer} {supplier} {period}{' site' if more else ''}"] = surface.encode_id("rcvd", owner, row)


async def add_campaign(house: House, buyer: str) -> None:
    """Of those that have only got a letter, so that no supplier hears of it."""
    start, end = PERIODS["own"]
    made = await house.do(
        buyer,
        "createCampaign",
        name=mark(buyer, "campaign"),
        filter={"state": ["INVITED"]},
        questionnaire="sample",
        minimumTier="MICRO",
        periodStart=start,
        periodEnd=end,
        purpose=mark(buyer, "campaign"),
        dueOn=surface.SOON,
    )
    house.made[f"{buyer} campaign"] = made["campaign"]["id"]


async def add_cadence(house: House, buyer: str) -> None:
    """One that rests, so that no supplier hears of it, and the days that a worker plans."""
    words = {"purpose": mark(buyer, "cadence"), "message": mark(buyer, "cadence"), "legalBasis": mark(buyer, "cadence")}
    made = await house.do(
        buyer, "setCadence", questionnaire="sample", tier="MICRO", everyMonths=12, paused=True, **words
    )
    house.made[f"{buyer} cadence"] = made["cadence"]["id"]


async def suggest(house: House, buyer: str, supplier: str) -> None:
    name = mark(supplier, "name")
    request = house.made[f"{buyer} {supplier} new"]
    await house.do(supplier, "suggestContact", requestId=request, name=name, email=f"{name}@example.com")


async def add_list(house: House, buyer: str) -> None:
    """A list that was looked at and not confirmed, and one that was."""
    for what in ("seen", "done"):
        made = await house.do(buyer, "createSupplierListUpload", fileName=f"{mark(buyer, 'list')}.csv")
        row = f"{mark(buyer, 'row')} {what},VN,{mark(buyer, 'vendor')}{what},{mark(buyer, 'row')}@example.com"
        lines = f"Name,Country,Vendor number,E-mail\n{row}\n"
        await put(house, made["upload"], lines.encode())
        list_id = made["supplierList"]["id"]
        house.made[f"{buyer} list {what}"] = list_id
        await house.do(buyer, "previewSupplierList", supplierListId=list_id)
        if what == "done":
            await house.do(buyer, "confirmSupplierList", supplierListId=list_id)


async def add_questionnaires(house: House, buyer: str) -> None:
    """One of its own that is published and nobody was asked for, which one buyer wants to be public, and a draft."""
    await house.do(buyer, "claimPublisherName", name=buyer)
    for what in ("code", "draft"):
        text = documents.write_questionnaire(buyer, what).replace("title: Sample", f"title: {mark(buyer, what)}")
        given = {"format": "YAML", "text": text, "profileFormat": "YAML"}
        profile = documents.write_profile(buyer, what)
        made = await house.do(buyer, "importQuestionnaire", **given, profileText=profile, baseRevision=0)
        assert made["draft"]["isSound"], made["draft"]["findings"]
    await house.do(buyer, "publishQuestionnaire", questionnaire=f"{buyer}--code", revision=1)
    if buyer == "b2":
        await house.do(buyer, "setQuestionnaireVisibility", questionnaire=f"{buyer}--code", visibility="PUBLIC")


async def put(house: House, upload: Any, content: bytes) -> None:
    headers = {one["name"]: one["value"] for one in upload["headers"]}
    response = await house.client.put("/uploads", content=content, headers=headers)
    assert response.status_code == 201, response.text


async def answer_requests(house: House, supplier: str) -> None:
    """A submission that nobody asked for, two that both buyers did, and a draft."""
    for period in ("own", "old", "new", "next"):
        assessment = await begin(house, supplier, period)
        text = mark(supplier, "opened" if period == "new" else "answer")
        evidence = await add_evidence(house, supplier, text, f"{text}.pdf")
        answers = [
            write("headcount", number="12"),
            write("remark", text=text, comment=mark(supplier, "comment")),
            write("trained", number="95"),
            write("exits_locked", boolean=False),
            write("fees_repaid", state="NOT_APPLICABLE", reason=text if period == "new" else mark(supplier, "reason")),
        ]
        saved = await house.do(supplier, "saveAnswers", assessmentId=assessment, answers=answers)
        assert {one["status"] for one in saved["results"]} == {"SAVED"}, saved["results"]
        await house.do(supplier, "attachEvidence", assessmentId=assessment, question="trained", evidenceId=evidence)
        house.made |= {f"{supplier} assessment {period}": assessment, f"{supplier} evidence {period}": evidence}
        if period != "next":
            made = await house.do(
                supplier, "submitAssessment", assessmentId=assessment, expectedChangeNumber=saved["changeNumber"] + 1
            )
            house.made[f"{supplier} submission {period}"] = made["submission"]["id"]


async def begin(house: House, supplier: str, period: str) -> str:
    """A draft: started by the supplier itself, or by accepting what both buyers ask."""
    if period == "own":
        start, end = PERIODS[period]
        taken = await house.do(
            supplier, "startAssessment", questionnaire="sample", tier="BASIC", periodStart=start, periodEnd=end
        )
    for buyer in BUYERS if period != "own" else ():
        taken = await house.do(supplier, "acceptRequest", requestId=house.made[f"{buyer} {supplier} {period}"])
    assessment: str = taken["assessment"]["id"]
    return assessment


def write(question: str, **given: Any) -> dict[str, Any]:
    own = {name: given.pop(name) for name in ("state", "reason", "comment") if name in given}
    sent = {"writeId": str(ids.new_id()), "question": question, "baseRevision": 0, **own}
    return sent | ({"value": given} if given else {})


async def add_evidence(house: House, supplier: str, text: str, name: str) -> str:
    made = await house.do(
        supplier, "createEvidenceUpload", fileName=name, kind="RECORD", title=text, issuer=text, validUntil="2099-01-01"
    )
    await put(house, made["upload"], files.make_pdf(f"% {text}\n".encode()))
    evidence: str = made["evidence"]["id"]
    query = "query ($id: ID!) { node(id: $id) { ... on Evidence { state } } }"
    async with asyncio.timeout(20):
        while (await house.ask(supplier, query, id=evidence))["node"]["state"] != "AVAILABLE":
            await asyncio.sleep(0.05)
    return evidence


async def share_with_first_buyer(house: House) -> None:
    """The first supplier shares the old summary, and of the new submission one section and its evidence."""
    buyer = surface.encode_id("orga", UUID(int=0), house.parties["b1"].organization)
    common = {"buyerId": buyer, "purpose": mark("s1", "shares")}
    opened = {"sections": ["facts", "labour"], "includeEvidence": True}
    old, new = (house.made[f"s1 submission {period}"] for period in ("old", "new"))
    made = await house.do("s1", "shareResult", submissionId=old, **common)
    house.made["s1 summary"] = made["share"]["id"]
    made = await house.do("s1", "shareResult", submissionId=new, **common, **opened)
    house.made["s1 sections"] = made["share"]["id"]
    await house.do("b1", "requestRedaction", evidenceId=house.made["s1 evidence new"], reason="x")


async def review_shared(house: House) -> None:
    """The first buyer states, asks and is disputed; the partner is engaged for one section of the same submission."""
    _, owner, submission = decode(house.made["s1 submission new"]) or ("", UUID(int=0), UUID(int=0))
    result = surface.encode_id("shrd", owner, submission)
    house.made |= {"b1 result": result, "p1 result": result}
    said = mark("b1", "states")
    finding = {"question": "trained", "level": "DOCUMENTED", "basis": said, "notShown": said, "beyond": said}
    finding["restsOn"] = [house.made["s1 evidence new"]]
    stated = await house.do("b1", "makeStatement", resultId=result, findings=[finding])
    house.made["s1 statement"] = stated["statement"]["id"]
    words = mark("s1", "disputes")
    disputed = await house.do(
        "s1", "openDispute", statementId=stated["statement"]["id"], question="trained", reason=words
    )
    dispute = {"disputeId": disputed["dispute"]["id"], "commentId": str(ids.new_id()), "body": words}
    await house.do("s1", "commentDispute", **dispute)
    house.made["s1 dispute"] = disputed["dispute"]["id"]
    words = mark("b1", "wonders")
    item = {"question": "trained", "text": words, "evidenceId": house.made["s1 evidence new"]}
    asked = await house.do("b1", "askClarification", resultId=result, items=[item], message=words, dueOn=surface.SOON)
    house.made["s1 clarification"] = asked["clarification"]["id"]
    reviewer = surface.encode_id("orga", UUID(int=0), house.parties["p1"].organization)
    proposed = await house.do(
        "s1",
        "proposeEngagement",
        reviewerId=reviewer,
        submissionId=house.made["s1 submission new"],
        sections=["facts"],
        includeEvidence=False,
        purpose=mark("s1", "shares"),
        until=f"{surface.SOON}T00:00:00Z",
    )
    house.made["s1 engagement"] = proposed["engagement"]["id"]
    await house.do("p1", "acceptEngagement", engagementId=proposed["engagement"]["id"])
    finding = {"question": "remark", "level": "VERIFIED", "basis": "x"}
    own = await house.do("p1", "makeStatement", resultId=result, findings=[finding])
    house.parties["p1"].known.add(own["statement"]["id"])


async def agree(house: House) -> None:
    """Every buyer asks every supplier for more; each supplier has a rule for one of them."""
    for buyer in BUYERS:
        for supplier in SUPPLIERS:
            wanted = {"supplierId": house.made[f"{buyer} record {supplier}"], "questionnaire": "sample"}
            texts = dict.fromkeys(("purpose", "message"), mark(buyer, f"asks{supplier}"))
            made = await house.do(buyer, "requestAccess", **wanted, **texts, sections=["safety"])
            house.made[f"{buyer} access {supplier}"] = made["request"]["id"]
    state = "query ($input: StandingRuleInput!) { standingRuleStatement(input: $input) { agreement } }"
    for supplier in SUPPLIERS:
        rule = {
            "buyerId": surface.encode_id("orga", UUID(int=0), house.parties["b2"].organization),
            "questionnaire": "sample", "purpose": mark(supplier, "shares"), "until": f"{surface.SOON}T00:00:00Z",
        }  # fmt: skip
        agreement = (await house.ask(supplier, state, input=rule))["standingRuleStatement"]["agreement"]
        made = await house.do(supplier, "makeStandingRule", **rule, agreement=agreement)
        house.made[f"{supplier} rule"] = made["rule"]["id"]
        listed = await house.ask(supplier, "{ receivedAccessRequests { nodes { id } } }")
        for place, one in enumerate(listed["receivedAccessRequests"]["nodes"]):
            house.made[f"{supplier} asked {place}"] = one["id"]


# As if an answer of each submission had been taken over from itself: whose row it is hangs on nothing else.
PLANNED = """
INSERT INTO portal.cadence_plan (buyer_id, supplier_record_id, questionnaire, cadence_id, ask_on, ends_on, period_start,
                                 period_end, held)
SELECT r.buyer_id, r.id, 'sample', c.id, '2099-01-01', '2099-02-01', '2026-01-01', '2026-12-31', 'over_limit'
  FROM portal.supplier_record r JOIN portal.cadence c ON c.buyer_id = r.buyer_id
    ON CONFLICT DO NOTHING
"""
# What a digest would tell is told: at its hour the worker would note so beside an attack that changes nothing.
TOLD = "UPDATE portal.buyer_news SET digest_id = gen_random_uuid() WHERE digest_id IS NULL"
MESSAGE = """
INSERT INTO portal.webhook_delivery (organization_id, id, endpoint_id, message_id, type, data, happened_at,
                                     next_attempt_at)
VALUES ($1, $2, $3, $2, 'benchmark.released', '{"release": "1"}', '2026-12-01', '2099-01-01')
"""
FACTOR = "INSERT INTO portal.second_factor (user_id, sealed, confirmed_at) VALUES ($1, 'x', now())"
GLASS = """
INSERT INTO portal.glass (organization_id, id, operator_id, operator_mark, reason, until, ended_at, ended_by)
VALUES ($1, $2, $3, '0123abcd', $4, portal.clock() + interval '4 hours',
        CASE WHEN NOT $5 THEN portal.clock() END, CASE WHEN NOT $5 THEN 'owner' END)
"""
PROVIDER = """
INSERT INTO portal.sso_connection (organization_id, id, issuer, client_id, sealed, default_role)
VALUES ($1, $2, $3, $3, 'x', 'viewer')
"""
# What kind of id a root field takes that takes another one than most.
TAKEN = {
    "glassView": "glas",
    "supplier": "supp",
    "campaignSuppliers": "camp",
    "cadenceSuppliers": "cade",
    "webhookDeliveries": "whep",
}
ORIGINS = """
INSERT INTO portal.submission_origin (supplier_id, submission_id, question, carried_from, carried_question,
                                      from_submission)
SELECT supplier_id, id, 'trained', assessment_id, 'trained', id FROM portal.submission
"""
# What no call of these parties makes: a release with both suppliers in it, their groups, their choices.
BENCHMARKS = """
WITH made AS (
    INSERT INTO portal.release (number, period_start, period_end, policy, terms_version)
    VALUES (1, '2026-01-01', '2026-03-31', '{"for_mean": 5, "for_quartiles": 8, "for_tails": 12, "changed": 3}', '1')),
cell AS (
    INSERT INTO portal.release_cell (release_number, id, cell, questionnaire, tier, sector, region, size_band, measure,
                                     status, count_band, mean, p50)
    VALUES (1, gen_random_uuid(), 'all', 'sample', 'micro', '*', '*', '*', 'total', 'published', '10-19', 5000, 5000)),
maker AS (
    INSERT INTO portal.corporate_group (id, name) VALUES ($3, 'zqgroupqz') RETURNING id),
groups AS (
    INSERT INTO portal.group_member (organization_id, group_id)
    SELECT one, maker.id FROM unnest(ARRAY[$1::uuid, $2::uuid]) one, maker),
choices AS (
    INSERT INTO portal.benchmark_choice (organization_id, takes_part)
    SELECT one, true FROM unnest(ARRAY[$1::uuid, $2::uuid]) one),
terms AS (
    INSERT INTO portal.partner_terms (organization_id, terms_version)
    SELECT one, '1' FROM unnest(ARRAY[$1::uuid, $2::uuid]) one)
INSERT INTO portal.release_contributor (release_number, questionnaire, supplier_id, submission_id, profile_number, tier,
                                        sector, region, size_band, group_id, waits)
SELECT 1, 'sample', s.supplier_id, s.id, 1, 'micro', '*', '*', '*', $3, false
  FROM portal.submission s WHERE s.period_end = '2026-12-31'
"""


async def collect(house: House) -> None:
    """Learn every id that the parties' own reading shows."""
    for name, party in reversed(house.parties.items()):  # buyers first: their reading leaves receipts
        for _, response in await house.read_all(name, "ID"):
            for text in list_texts(response.json()):
                learn(house, party, text)
        if name in SUPPLIERS:
            everything = await house.ask(name, "{ receivedRequests(first: 100) { nodes { id } } }")
            for text in list_texts(everything):
                learn(house, party, text)


def learn(house: House, party: Party, text: str) -> None:
    if decode(text):
        party.known.add(text)
        add_ref(house, text, party.name)


def add_ref(house: House, value: str, reader: str | None = None) -> None:
    tag, owner, row = decode(value) or ("", UUID(int=0), UUID(int=0))
    organizations = {party.organization: name for name, party in house.parties.items()}
    found = organizations.get(row if tag == "orga" else owner) or reader
    if tag and found and not any(ref.value == value for ref in house.refs):
        house.refs.append(Ref(value, tag, found))
