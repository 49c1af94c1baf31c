"""What tenants say to each other and share: links, requests, submissions, shares, statements, questions, disputes."""

from uuid import UUID

from portal.database import ids
from tests.hostile import surface
from tests.hostile.house import decode
from tests.hostile.tenants.model import PLACES, SECTIONS, Share, Work
from tests.hostile.tenants.town import TENANTS, Town
from tests.hostile.tenants.writing import make_period, pick_draft


async def link(town: Town, buyer: str, supplier: str) -> None:
    """A record that its supplier takes for itself by a link."""
    words = {key: town.model.mint(buyer, "addSupplier") for key in ("name", "vendorNumber")}
    made = await town.attempt(buyer, "addSupplier", **words, country="VN")
    assert made is not None
    opened = await town.attempt(buyer, "createInvitationLink", supplierId=made["supplier"]["id"])
    town.model.links.add((buyer, supplier))
    own = name_organization(town, supplier)
    await town.attempt(supplier, "acceptSupplierInvitation", token=opened["token"], organizationId=own)
    town.records[buyer, supplier] = made["supplier"]["id"]


def name_organization(town: Town, name: str) -> str:
    return surface.encode_id("orga", UUID(int=0), town.house.parties[name].organization)


def pick_supplier(town: Town, buyer: str) -> str:
    return town.chance.choice(sorted(supplier for one, supplier in town.model.links if one == buyer))


def pick_buyer(town: Town, supplier: str) -> str:
    return town.chance.choice(sorted(buyer for buyer, one in town.model.links if one == supplier))


async def meet(town: Town, name: str) -> None:
    """The pair that did not know each other becomes linked."""
    if ("b1", "s2") not in town.model.links:
        await link(town, "b1", "s2")


async def ask(town: Town, buyer: str) -> None:
    supplier = pick_supplier(town, buyer)
    told = {key: town.model.mint(buyer, "createRequests") for key in ("purpose", "message", "legalBasis")}
    town.model.tell(supplier, *told.values())
    reference = town.model.mint(buyer, "createRequests")
    asked = {"questionnaire": "sample", "minimumTier": "MICRO", "dueOn": surface.SOON, **make_period(town)}
    wanted = [town.records[buyer, supplier]]
    await town.attempt(buyer, "createRequests", supplierIds=wanted, **told, **asked, externalReference=reference)


async def answer_request(town: Town, supplier: str) -> None:
    """Accept or decline one, or say whom else to ask."""
    query = "{ receivedRequests(first: 50, state: OPEN) { nodes { id } } }"
    found = (await town.post(supplier, query))["data"]["receivedRequests"]["nodes"]
    if not found:
        return
    request = town.chance.choice(found)["id"]
    _, owner, _ = decode(request) or ("", None, None)
    (buyer,) = (name for name, one in town.house.parties.items() if one.organization == owner)
    act = town.chance.choice(["accept", "decline", "suggest"])
    if act == "accept":
        made = await town.attempt(supplier, "acceptRequest", requestId=request)
        if made and made["assessment"]["id"] not in town.frozen.values():
            town.model.drafts.setdefault(made["assessment"]["id"], Work(supplier))
        return
    words = [town.model.mint(supplier, f"{act} of a request") for _ in range(3)]
    town.model.tell(buyer, *words)
    if act == "decline":
        await town.attempt(supplier, "declineRequest", requestId=request, reason=words[0])
    else:
        given = {"name": words[0], "email": f"{words[1]}@example.com", "remark": words[2]}
        await town.attempt(supplier, "suggestContact", requestId=request, **given)


async def submit(town: Town, supplier: str) -> None:
    draft, work = pick_draft(town, supplier)
    if draft is None or work is None:
        return
    query = "query ($id: ID!) { assessment(id: $id) { changeNumber } }"
    number = (await town.post(supplier, query, id=draft))["data"]["assessment"]["changeNumber"]
    made = await town.attempt(supplier, "submitAssessment", assessmentId=draft, expectedChangeNumber=number)
    if made:
        town.model.submissions[made["submission"]["id"]] = work.freeze(len(town.model.submissions))
        del town.model.drafts[draft]
        town.frozen[made["submission"]["id"]] = draft


async def correct(town: Town, supplier: str) -> None:
    """A new revision of what was submitted, which begins with the same words."""
    name = pick_submission(town, supplier)
    if not name:
        return
    made = await town.attempt(supplier, "correctAssessment", assessmentId=town.frozen[name])
    if made:
        town.model.drafts.setdefault(made["assessment"]["id"], town.model.submissions[name].freeze(0))


def pick_submission(town: Town, supplier: str) -> str:
    own = [key for key, work in town.model.submissions.items() if work.supplier == supplier]
    return town.chance.choice(own) if own else ""


async def take_back(town: Town, supplier: str) -> None:
    name = pick_submission(town, supplier)
    if not name:
        return
    told, reason = town.model.mint(supplier, "withdrawSubmission"), town.model.mint(supplier, "withdrawSubmission")
    for share in town.model.shares.values():
        if share.supplier == supplier and town.model.covers(share, name):
            town.model.tell(share.buyer, told)
    made = await town.attempt(supplier, "withdrawSubmission", submissionId=name, reason=reason, toldReason=told)
    if made:
        town.model.submissions[name].is_withdrawn = True


async def share(town: Town, supplier: str) -> None:
    name = pick_submission(town, supplier)
    if not name:
        return
    buyer, purpose = pick_buyer(town, supplier), town.model.mint(supplier, "shareResult")
    sections = town.chance.sample(SECTIONS, town.chance.randint(0, 3))
    follows, with_documents = town.chance.random() < 0.4, town.chance.random() < 0.5
    given = {"submissionId": name, "buyerId": name_organization(town, buyer), "purpose": purpose}
    given |= {"mode": "FOLLOWING" if follows else "SNAPSHOT", "sections": sections, "includeEvidence": with_documents}
    made = await town.attempt(supplier, "shareResult", **given)
    if made:
        share_id = made["share"]["id"]
        if follows:  # all that is tried has one subject: the supplier as a whole
            for one in town.model.shares.values():
                one.is_live &= not (one.follows and (one.supplier, one.buyer) == (supplier, buyer))
        town.model.shares[share_id] = Share(supplier, buyer, name, follows, tuple(sections), with_documents)
        town.model.words[purpose].shares.add(share_id)


def pick_share(town: Town, supplier: str) -> str:
    own = [key for key, one in town.model.shares.items() if one.supplier == supplier and one.is_live]
    return town.chance.choice(own) if own else ""


async def narrow(town: Town, supplier: str) -> None:
    share_id = pick_share(town, supplier)
    if share_id:
        sections = town.chance.sample(SECTIONS, town.chance.randint(0, 2))
        given = {"sections": sections, "includeEvidence": town.chance.random() < 0.5}
        if await town.attempt(supplier, "changeShare", shareId=share_id, **given):
            one = town.model.shares[share_id]
            one.sections, one.with_documents = tuple(sections), given["includeEvidence"]


async def revoke(town: Town, supplier: str) -> None:
    share_id = pick_share(town, supplier)
    if share_id and await town.attempt(supplier, "revokeShare", shareId=share_id):
        town.model.shares[share_id].is_live = False


async def end_access(town: Town, supplier: str) -> None:
    buyer = pick_buyer(town, supplier)
    if await town.attempt(supplier, "endAccess", buyerId=name_organization(town, buyer)):
        for one in town.model.shares.values():
            one.is_live &= (one.supplier, one.buyer) != (supplier, buyer)


async def ask_for_access(town: Town, buyer: str) -> None:
    supplier = pick_supplier(town, buyer)
    words = {key: town.model.mint(buyer, "requestAccess") for key in ("purpose", "message")}
    town.model.tell(supplier, *words.values())
    wanted = {"supplierId": town.records[buyer, supplier], "questionnaire": "sample"}
    await town.attempt(buyer, "requestAccess", **wanted, **words, sections=[town.chance.choice(SECTIONS)])


async def refuse_access(town: Town, supplier: str) -> None:
    query = "{ receivedAccessRequests(first: 20, state: OPEN) { nodes { id buyer { id } } } }"
    found = (await town.post(supplier, query))["data"]["receivedAccessRequests"]["nodes"]
    if found:
        request = town.chance.choice(found)
        words = {key: town.model.mint(supplier, "refuseAccess") for key in ("reason", "offerText")}
        (buyer,) = (one for one in TENANTS if name_organization(town, one) == request["buyer"]["id"])
        town.model.tell(buyer, *words.values())
        await town.attempt(supplier, "refuseAccess", requestId=request["id"], offer="TALK", **words)


def pick_open(town: Town, buyer: str) -> tuple[str, str, str, str] | None:
    """A result that is shown to a buyer, its submission's name, a section that is open, and a question of it."""
    found = [(name, section) for one, name in town.model.list_open(buyer) for section in one.sections]
    if not found:
        return None
    name, section = town.chance.choice(found)
    _, owner, row = decode(name) or ("", UUID(int=0), UUID(int=0))
    question = town.chance.choice(sorted(key for key, place in PLACES.items() if place == section))
    return surface.encode_id("shrd", owner, row), name, section, question


async def state(town: Town, buyer: str) -> None:
    """What everybody reads to whom that section is open, other buyers too."""
    opened = pick_open(town, buyer)
    if opened is None:
        return
    result, name, section, question = opened
    work = town.model.submissions[name]
    words = [town.model.mint(buyer, "makeStatement") for _ in range(4)]
    finding = {"question": question, "level": "VERIFIED", "basis": words[0], "notShown": words[1], "beyond": words[2]}
    town.model.tell(work.supplier, *words)
    work.said.setdefault(section, []).extend(words)
    work.said[section] += [one for one, said in town.model.words.items() if said.owner == buyer and said.is_name]
    made = await town.attempt(buyer, "makeStatement", resultId=result, findings=[finding], remark=words[3])
    if made:
        town.statements.append((made["statement"]["id"], buyer, name, section, question))


async def feed_back(town: Town, buyer: str) -> None:
    opened = pick_open(town, buyer)
    if opened:
        word = town.model.mint(buyer, "giveFeedback")
        town.model.tell(town.model.submissions[opened[1]].supplier, word)
        await town.attempt(buyer, "giveFeedback", resultId=opened[0], state="QUESTIONS", text=word)


async def wonder(town: Town, buyer: str) -> None:
    """A question about an answer, and what the supplier replies."""
    opened = pick_open(town, buyer)
    if opened is None:
        return
    result, name, _, question = opened
    supplier = town.model.submissions[name].supplier
    words = [town.model.mint(buyer, "askClarification") for _ in range(2)]
    town.model.tell(supplier, *words)
    given = {"items": [{"question": question, "text": words[0]}], "message": words[1], "dueOn": surface.SOON}
    made = await town.attempt(buyer, "askClarification", resultId=result, **given)
    if made:
        reply = town.model.mint(supplier, "replyToClarification")
        town.model.tell(buyer, reply)
        await town.attempt(supplier, "replyToClarification", clarificationId=made["clarification"]["id"], reply=reply)


async def dispute(town: Town, supplier: str) -> None:
    """The supplier disagrees with a statement, and both say something about it."""
    own = [one for one in town.statements if town.model.submissions[one[2]].supplier == supplier]
    if not own:
        return
    statement, reviewer, name, section, question = town.chance.choice(own)
    work = town.model.submissions[name]
    words = [town.model.mint(supplier, "openDispute") for _ in range(2)]
    town.model.tell(reviewer, *words)
    work.said.setdefault(section, []).extend(words)
    made = await town.attempt(supplier, "openDispute", statementId=statement, question=question, reason=words[0])
    if made:
        said = {"disputeId": made["dispute"]["id"], "commentId": str(ids.new_id())}
        await town.attempt(supplier, "commentDispute", **said, body=words[1])


async def ask_for_redaction(town: Town, buyer: str) -> None:
    """A document with less in it, whether or not the buyer may see the document."""
    document = town.pick("evid")
    if document:
        word = town.model.mint(buyer, "requestRedaction")
        made = await town.attempt(buyer, "requestRedaction", evidenceId=document, reason=word)
        if made:
            town.model.tell(town.rows["evid"][document], word)
