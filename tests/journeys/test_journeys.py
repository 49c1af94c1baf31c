"""The whole story over HTTP: a buyer asks, a supplier answers and shares, the buyer reads."""

import pytest
from graphql import build_schema, validate

from graphql_schema import export
from tests import databases, people
from tests.journeys import authoring, buying, documents, partnering, supplying, world
from tests.journeys.documents import Caller


@pytest.mark.parametrize("name", documents.NAMES)
def test_each_journey_is_valid(name: str) -> None:
    schema = build_schema(export.PATH.read_text(encoding="utf-8"))
    assert validate(schema, documents.read(name)) == []
    assert documents.split(name)


@pytest.mark.slow
def test_buyer_and_supplier(database: databases.TestDatabase) -> None:
    with world.open_world(database) as portal:
        databases.run(lambda: tell(portal))


async def tell(portal: world.World) -> None:
    """The chapters in their order; every operation of the two documents is used."""
    buyer = await buying.found_buyer(portal)
    mill = (await buying.bring_suppliers_in(buyer))["Riverside Knitting Mill"]["id"]
    await buying.run_campaign(buyer)
    await buying.ask_supplier(buyer, mill)
    supplier = await supplying.join(portal)
    request, assessment = await supplying.accept_request(supplier)
    number = await supplying.answer(supplier, assessment)
    await supplying.answer_for_a_site(supplier, assessment)
    await supplying.add_evidence(supplier, assessment)
    await supplying.declare_gap(supplier, assessment)
    submission = await supplying.submit(supplier, assessment, number + 2)
    share = await supplying.share(supplier, submission, request)
    await buying.read_what_is_shared(buyer, mill, supplying.EVIDENCE)
    await buying.review(buyer, mill)
    await supplying.answer_clarification(supplier, submission)
    await buying.read_reply(buyer, mill)
    await supplying.see_who_looked(supplier)
    await buying.ask_for_more(buyer, mill)
    await supplying.grant_a_part(supplier)
    await buying.read_what_was_granted(buyer, mill)
    await supplying.refuse(supplier)
    await buying.read_the_refusal(buyer, mill)
    await supplying.agree_once(supplier)
    await supplying.take_back(supplier, share)
    await supplying.end_all(supplier)
    await buying.see_that_it_ended(buyer, mill)
    assert set(buyer.done) == set(buyer.operations)
    assert set(supplier.done) | {"FollowAssessment"} == set(supplier.operations)


@pytest.mark.slow
def test_operator_and_partner(database: databases.TestDatabase) -> None:
    with world.open_world(database) as portal:
        databases.run(lambda: partnering.fill(portal))
        partnering.release(portal)
        databases.run(lambda: pull(portal))


async def pull(portal: world.World) -> None:
    """The partner's chapters; every operation of its document is used."""
    partner = await partnering.found_partner(portal)
    await partnering.read_release(partner)
    assert set(partner.done) == set(partner.operations)


@pytest.mark.slow
def test_author(database: databases.TestDatabase) -> None:
    with world.open_world(database) as portal:
        databases.run(lambda: write(portal))


async def write(portal: world.World) -> None:
    """From a name to publish under to what everybody finds, in as many calls as are counted at the end."""
    buyer = await buying.found_buyer(portal)
    mill = (await buying.bring_suppliers_in(buyer))["Riverside Knitting Mill"]["id"]
    author = Caller(portal.url, "author", buyer.token)
    await author.do("ClaimName", name="shirts")
    await authoring.publish_form(author)
    await authoring.publish_text(author)
    await authoring.connect(buyer, mill)
    supplier = await supplying.join(portal, requests=0)
    second = Caller(portal.url, "author", supplier.token)
    extra = {"questionnaire": authoring.CODE, "minimumTier": "MICRO"}
    await authoring.ask(author, mill, "responsible-sourcing", extra=extra, **authoring.FIRST_YEAR)
    first_draft, first = await authoring.answer_both(supplier, second)
    await authoring.read_both(author, mill)
    await authoring.ask(author, mill, authoring.CODE, **authoring.SECOND_YEAR)
    request, draft = await authoring.begin_second_year(second, first_draft)
    await authoring.publish_next(author)
    await authoring.compare(second, first, await authoring.go_on(supplier, second, request, draft))
    operator = await authoring.show_to_everybody(portal, author, authoring.CODE)
    person = await people.add_person(portal.database)
    await people.add_organization(portal.database, (person, "owner"), name="A mill of somebody else")
    stranger = Caller(portal.url, "author", person.token)
    await authoring.find_it(stranger)
    counted = {"author": len(author.done), "supplier": len(supplier.done + second.done), "operator": len(operator)}
    assert counted == {"author": 19, "supplier": 28, "operator": 2}
    body = await authoring.share_among_many(portal, author, supplier, mill)
    assert len(body) == 4
    assert {*author.done, *second.done, *operator, *stranger.done} == set(author.operations)
