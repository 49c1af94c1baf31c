"""Whole operations over the small read model: what comes back, and that both ways to finish give the same."""

import json
from typing import Any

import orjson
import pytest

from graphql_schema import finishing
from portal import access
from tests.databases import TestDatabase
from tests.graphql_schema.toy_schema import SCHEMA, ToyContext
from tests.portal.reading import toy, toy_data


async def run(
    database: TestDatabase, query: str, actor: access.Actor = toy.EDITOR, **variables: Any
) -> tuple[Any, list[Any], bool]:
    async with toy_data.open_session(database, actor) as session:
        result = await SCHEMA.execute(query, variable_values=variables, context_value=ToyContext(session, actor))
        text = orjson.dumps(result.data)
        problems = [(error.message, error.path) for error in result.errors or ()]
        fast = any(type(value) is orjson.Fragment for value in (result.data or {}).values())
        return json.loads(text), problems, fast


@pytest.fixture
async def filled(database: TestDatabase) -> TestDatabase:
    await toy_data.fill(database)
    return database


async def test_first(filled: TestDatabase) -> None:
    q = """query($n:Int!){ firms(first:$n) { __typename totalCount pageInfo{hasNextPage endCursor startCursor hasPreviousPage} edges { cursor
      node { id name country grade tint score points founded seenAt tags plantCount x: parent { name y:id }
        parts { key score } keeper { __typename ... on Person { nickname } ... on Plant { staff } }
        topPlants { name } plants(first:2, sort: STAFF) { totalCount nodes { staff name firmName viewerCanEdit firm { name } } pageInfo { hasNextPage } } } } } }"""
    data, problems, fast = await run(filled, q, n=3)
    print(json.dumps(data, indent=1)[:6000], problems, fast)
    with finishing.finish_ordinarily():
        data2, problems2, fast2 = await run(filled, q, n=3)
    assert (data2, problems2) == (data, problems)
    assert fast and not fast2
