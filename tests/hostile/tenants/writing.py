"""What tenants write for themselves: names, lists, texts of questionnaires, answers, documents, notes to colleagues."""

from datetime import date, timedelta
from typing import Any

from portal.database import ids
from portal.delivery.webhooks.catalogue import CATALOGUE, PING
from tests.graphql_schema.authoring import documents
from tests.hostile import surface
from tests.hostile.house import put, write
from tests.hostile.tenants.model import PLACES, Work
from tests.hostile.tenants.town import Town
from tests.portal.assessments import files

FIRST_DAY = date(2025, 1, 1)
TIERS = ("MICRO", "BASIC")


async def name_oneself(town: Town, name: str) -> None:
    """Another name of the organization, which whoever is linked reads, and of the person, which stays inside."""
    word = town.model.mint(name, "updateOrganization")
    town.model.words[word].is_name = True
    await town.attempt(name, "updateOrganization", name=word)
    await town.attempt(name, "updateProfile", name=town.model.mint(name, "updateProfile"))


async def invite_colleague(town: Town, name: str) -> None:
    address = f"{town.model.mint(name, 'inviteMember')}@example.com"
    await town.attempt(name, "inviteMember", email=address, role="VIEWER")


async def make_key(town: Town, name: str) -> None:
    scope = {"s": "ASSESSMENTS", "b": "SUPPLIERS"}[name[0]]
    made = await town.attempt(
        name, "createApiKey", name=town.model.mint(name, "createApiKey"), scopes=[f"{scope}_READ", f"{scope}_WRITE"]
    )
    if made:
        town.house.tokens[f"{name} key"] = made["secret"]


async def open_endpoint(town: Town, name: str) -> None:
    """An address with a word in it, and another one in what it is for."""
    words = [town.model.mint(name, "createWebhookEndpoint") for _ in range(2)]
    url = f"{town.receiver.url()}/{words[0]}/{name}"
    kinds = sorted(CATALOGUE.keys() - {PING})
    await town.attempt(name, "createWebhookEndpoint", url=url, description=words[1], eventTypes=kinds)


async def add_site(town: Town, name: str) -> None:
    words = {key: town.model.mint(name, "addSite") for key in ("name", "address", "externalReference")}
    await town.attempt(name, "addSite", **words, country="VN")


async def add_record(town: Town, name: str) -> None:
    """A supplier as the buyer calls it, and a contact that gets a letter."""
    texts = ("name", "localName", "address", "vendorNumber", "externalReference")
    words = {key: town.model.mint(name, "addSupplier") for key in texts}
    made = await town.attempt(name, "addSupplier", **words, country="VN")
    if made is None:
        return
    record = made["supplier"]["id"]
    address = f"{town.model.mint(name, 'addSupplierContact')}@example.com"
    person = town.model.mint(name, "addSupplierContact")
    contact = await town.attempt(name, "addSupplierContact", supplierId=record, email=address, name=person)
    if contact:
        wanted = {"supplierId": record, "contactId": contact["contactId"]}
        await town.attempt(name, "inviteSuppliers", suppliers=[wanted])
    await town.attempt(name, "tagSuppliers", supplierIds=[record], add=[town.model.mint(name, "tagSuppliers")])
    words = {key: town.model.mint(name, "segmentSuppliers") for key in ("segment", "reason", "spendBand")}
    await town.attempt(name, "segmentSuppliers", supplierIds=[record], **words)


async def hand_in_list(town: Town, name: str) -> None:
    """A file of suppliers, by a name of its own."""
    words = [town.model.mint(name, "createSupplierListUpload") for _ in range(4)]
    made = await town.attempt(name, "createSupplierListUpload", fileName=f"{words[0]}.csv")
    if made:
        row = f"{words[1]},VN,{words[2]},{words[3]}@example.com"
        await put(town.house, made["upload"], f"Name,Country,Vendor number,E-mail\n{row}\n".encode())
        chosen = {"supplierListId": made["supplierList"]["id"]}
        await town.attempt(name, "previewSupplierList", **chosen)
        await town.attempt(name, "confirmSupplierList", **chosen)


async def plan_campaign(town: Town, name: str) -> None:
    """Asks those that have only got a letter, who are nobody's tenants."""
    texts = ("name", "purpose", "message", "legalBasis", "externalReference")
    words = {key: town.model.mint(name, "createCampaign") for key in texts}
    asked = {"questionnaire": "sample", "minimumTier": "MICRO", "dueOn": surface.SOON, **make_period(town)}
    await town.attempt(name, "createCampaign", **words, **asked, filter={"state": ["INVITED"]})


async def plan_cadence(town: Town, name: str) -> None:
    """One that rests, so that nobody hears of it."""
    words = {key: town.model.mint(name, "setCadence") for key in ("purpose", "message", "legalBasis")}
    await town.attempt(name, "setCadence", questionnaire="sample", tier="MICRO", everyMonths=12, paused=True, **words)


async def draft_questionnaire(town: Town, name: str) -> None:
    """Texts of one's own, which nobody else was asked yet."""
    await town.attempt(name, "claimPublisherName", name=name)
    key = f"q{len(town.model.words)}"
    text = documents.write_questionnaire(name, key).replace("Sample", town.model.mint(name, "importQuestionnaire"))
    given = {"format": "YAML", "text": text, "profileFormat": "YAML", "profileText": documents.write_profile(name, key)}
    made = await town.attempt(name, "importQuestionnaire", **given, baseRevision=0)
    if made and town.chance.random() < 0.5:
        await town.attempt(name, "publishQuestionnaire", questionnaire=f"{name}--{key}", revision=1)


def make_period(town: Town) -> dict[str, str]:
    start = FIRST_DAY + timedelta(days=town.chance.randrange(300))
    return {"periodStart": start.isoformat(), "periodEnd": (start + timedelta(days=300)).isoformat()}


async def begin(town: Town, name: str) -> None:
    made = await town.attempt(
        name, "startAssessment", questionnaire="sample", tier=town.chance.choice(TIERS), **make_period(town)
    )
    if made:
        town.model.drafts.setdefault(made["assessment"]["id"], Work(name))
        await answer(town, name)


def pick_draft(town: Town, name: str) -> tuple[str, Work] | tuple[None, None]:
    own = [key for key, work in town.model.drafts.items() if work.supplier == name]
    chosen = town.chance.choice(own) if own else None
    return (chosen, town.model.drafts[chosen]) if chosen else (None, None)


async def answer(town: Town, name: str) -> None:
    """Everything that must be answered, a remark, a reason, a note, a document and a word to colleagues."""
    draft, work = pick_draft(town, name)
    if draft is None or work is None:
        return
    remark, reason, note = (town.model.mint(name, "saveAnswers") for _ in range(3))
    revisions = await read_revisions(town, name, draft)
    answers = [
        write("headcount", number=str(town.chance.randint(3, 60))),
        write("remark", text=remark, comment=note),
        write("trained", number="95", comment=note),
        write("exits_locked", boolean=False),
        write("fees_repaid", state="NOT_APPLICABLE", reason=reason),
    ]
    for one in answers:
        one["baseRevision"] = revisions.get(one["question"], 0)
    saved = await town.attempt(name, "saveAnswers", assessmentId=draft, answers=answers)
    if saved:
        done = {one["current"]["question"]: one["status"] for one in saved["results"]}
        town.seen["answers"] += sum(status == "SAVED" for status in done.values())
        for question, word in (("remark", remark), ("fees_repaid", reason)):
            if done.get(question) == "SAVED":
                work.texts[question] = (word,)
    said = {"commentId": str(ids.new_id()), "body": town.model.mint(name, "addComment"), "question": "remark"}
    await town.attempt(name, "addComment", assessmentId=draft, **said)
    if not work.documents or town.chance.random() < 0.3:
        await attach(town, name, draft, work)


async def read_revisions(town: Town, name: str, draft: str) -> dict[str, int]:
    query = "query ($id: ID!) { assessment(id: $id) { answers { answers { question revision } } } }"
    found = (await town.post(name, query, id=draft))["data"]["assessment"]["answers"]["answers"]
    return {one["question"]: one["revision"] for one in found}


async def attach(town: Town, name: str, draft: str, work: Work) -> None:
    """A document with words in its name, its facts and its bytes."""
    words = [town.model.mint(name, "createEvidenceUpload") for _ in range(4)]
    facts = {"fileName": f"{words[0]}.pdf", "kind": "RECORD", "title": words[1], "issuer": words[2]}
    made = await town.attempt(name, "createEvidenceUpload", **facts, validUntil="2099-01-01")
    if made is None:
        return
    evidence = made["evidence"]["id"]
    town.model.documents[evidence] = words
    await put(town.house, made["upload"], files.make_pdf(f"% {words[3]}\n".encode()))
    await town.settle()
    question = town.chance.choice(sorted(PLACES))
    given: dict[str, Any] = {"assessmentId": draft, "question": question, "evidenceId": evidence}
    if await town.attempt(name, "attachEvidence", **given):
        work.documents.setdefault(question, []).append(evidence)


async def rename_document(town: Town, name: str) -> None:
    own = [one for one in town.model.documents if town.rows["evid"].get(one) == name]
    if own:
        evidence, word = town.chance.choice(own), town.model.mint(name, "updateEvidence")
        town.model.documents[evidence].append(word)
        await town.attempt(name, "updateEvidence", evidenceId=evidence, title=word)
