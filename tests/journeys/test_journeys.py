"""The whole story over HTTP: a buyer asks, a supplier answers and shares, the buyer reads."""

import pytest
from graphql import build_schema, validate

from graphql_schema import export
from tests import databases
from tests.journeys import buying, documents, partnering, supplying, world


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
    await buying.ask_supplier(buyer, mill)
    supplier = await supplying.join(portal)
    request, assessment = await supplying.accept_request(supplier)
    number = await supplying.answer(supplier, assessment)
    await supplying.add_evidence(supplier, assessment)
    submission = await supplying.submit(supplier, assessment, number + 1)
    share = await supplying.share(supplier, submission, request)
    await buying.read_what_is_shared(buyer, mill, supplying.EVIDENCE)
    await supplying.see_who_looked(supplier)
    await supplying.take_back(supplier, share)
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
