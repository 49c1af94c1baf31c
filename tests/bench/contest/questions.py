"""What is asked of every contender: places in the data, drawn at random and the same for all."""

import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from tests.bench import world
from tests.bench.contest.data import BUYER, DRAFT, RECORD, Data, organization

SHAPES = ("list", "profile in depth", "deep page", "cells", "assessment")
MOST = 400  # different requests of a shape
CELLS_PAGE = 50


@dataclass(frozen=True)
class Question:
    """One request in nobody's language: who asks, behind which row a page starts, or which row is meant."""

    shape: str
    caller: int
    after: tuple[Any, ...] = ()
    row: UUID | None = None


async def draw_questions(data: Data) -> dict[str, list[Question]]:
    """The same questions for the same data."""
    rng = random.Random(5)
    records = [world.make_id(RECORD, n) for n in _sample(rng, range(1, data.suppliers + 1))]
    answering = _sample(rng, data.answering)
    admin = await asyncpg.connect(data.admin_url)
    try:
        return {
            "list": await _find_places(admin, "name_key", records),
            "profile in depth": [Question("profile in depth", BUYER, row=one) for one in records],
            "deep page": await _find_deep_places(admin, records),
            "cells": await _find_cells(admin, data),
            "assessment": [Question("assessment", n, row=world.make_id(DRAFT, n)) for n in answering],
        }
    finally:
        await admin.close()


def _sample(rng: random.Random, numbers: Any) -> list[int]:
    return rng.sample(numbers, min(MOST, len(numbers)))


async def _find_places(admin: asyncpg.Connection, column: str, records: list[UUID]) -> list[Question]:
    rows = await admin.fetch(
        f"SELECT {column} AS value, supplier_record_id AS id FROM portal.relationship_card"
        " WHERE buyer_id = $1 AND supplier_record_id = ANY ($2) ORDER BY supplier_record_id",
        organization(BUYER),
        records,
    )
    shape = "list" if column == "name_key" else "deep page"
    return [Question(shape, BUYER, (row["value"], row["id"])) for row in rows]


async def _find_deep_places(admin: asyncpg.Connection, records: list[UUID]) -> list[Question]:
    """Places in the lower half of the scores: half of all suppliers or more come before."""
    places = await _find_places(admin, "total", records)
    median = sorted(place.after[0] for place in places)[len(places) // 2]
    return [place for place in places if place.after[0] <= median]


async def _find_cells(admin: asyncpg.Connection, data: Data) -> list[Question]:
    """Every page of the release."""
    rows = await admin.fetch("SELECT id FROM portal.release_cell WHERE release_number = 1 ORDER BY id")
    starts: list[tuple[Any, ...]] = [(), *((row["id"],) for row in rows[CELLS_PAGE - 1 : -1 : CELLS_PAGE])]
    return [Question("cells", data.partner, start) for start in starts]
