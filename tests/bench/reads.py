"""The measured cases that read: their requests to either server, and what makes two answers equal."""

import itertools
import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from tests.bench import load, world
from tests.bench.load import Generator, WrongAnswer
from tests.bench.world import BUYER, ORGANIZATION, RECORD, World

PAGE = 50
SAMPLE = 40
LIST = """
query Suppliers($first: Int!, $after: String) {
  suppliers(first: $first, after: $after) {
    nodes {
      id name country sector state tier band total coverage submittedAt validUntil requestState dueOn
      pillars { key score }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PROFILE = """
query Profile($id: ID!) {
  supplier(id: $id) {
    id name country address vendorNumber state linkedAt
    contacts { name email }
    latestResult { ...Result evidence { question kind title validUntil } }
    history { ...Result }
    requests { state dueOn minimumTier purpose }
  }
}
fragment Result on SharedResult {
  tier periodStart periodEnd state submittedAt total band coverage validUntil pillars { key score }
}
"""
CELL = """
query Cell($sector: String!, $region: BenchmarkRegion!, $size: OrganizationSize!, $measure: String!) {
  benchmark(
    questionnaire: "responsible-sourcing", tier: BASIC, sector: $sector, region: $region, size: $size, measure: $measure
  ) {
    release { number periodStart periodEnd }
    cell {
      measure status countBand mean p10 p25 p50 p75 p90 figuresFromRelease cohort { sector region size }
    }
    foldedTo { sector region size }
  }
}
"""
REGIONS = ("Africa", "Americas", "Asia", "Europe", "Oceania")
SIZES = ("micro", "small", "medium", "large")
MEASURES = ("total", "pillar:labour", "pillar:management")


@dataclass
class Reads:
    """Requests that may be sent any number of times, in turn."""

    requests: list[bytes]
    place: int = field(default=0)

    def take(self) -> tuple[bytes, Any]:
        self.place = (self.place + 1) % len(self.requests)
        return self.requests[self.place], None

    def give(self, tag: Any, body: bytes) -> None:
        if b'"errors"' in body[:200]:
            raise WrongAnswer(f"Instead of data came: {body[:500]!r}")


def ask_portal(token: str, query: str, **variables: Any) -> bytes:
    """A GraphQL request as clients send it, with the whole document."""
    body = orjson.dumps({"query": query, "variables": variables})
    return load.write_request("POST", "/graphql", token, body)


async def make_list_reads(portal: Generator, handwritten: Generator) -> tuple[Reads, Reads]:
    """Every page of the list, found by walking through it on both sides, which must show the same."""
    token = world.make_token(BUYER)
    ours, theirs = [], []
    after = following = None
    while True:
        ours.append(ask_portal(token, LIST, first=PAGE, after=after))
        asked = "" if following is None else f"&after={quote(following)}"
        theirs.append(load.write_request("GET", f"/suppliers?first={PAGE}{asked}", token))
        page = read_data(await portal.ask(ours[-1]))["suppliers"]
        other = orjson.loads(await handwritten.ask(theirs[-1]))
        compare("supplier list", page["nodes"], other["nodes"])
        after, following = page["pageInfo"]["endCursor"], other["next"]
        if not page["pageInfo"]["hasNextPage"] or following is None:
            # A full last page is known to be the last by one side only, which asks for a row more.
            compare("end of the supplier list", page["pageInfo"]["hasNextPage"], False)
            break
    order = random.Random(1)
    return Reads(order.sample(ours, len(ours))), Reads(order.sample(theirs, len(theirs)))


async def make_profile_reads(portal: Generator, handwritten: Generator, made: World) -> tuple[Reads, Reads]:
    """Profiles of all suppliers in a random order; some of them are compared."""
    token, buyer = world.make_token(BUYER), world.make_id(ORGANIZATION, BUYER)
    numbers = random.Random(2).sample(range(1, made.suppliers + 1), made.suppliers)
    keys = [world.make_node_id("supp", buyer, world.make_id(RECORD, number)) for number in numbers]
    ours = [ask_portal(token, PROFILE, id=key) for key in keys]
    theirs = [load.write_request("GET", f"/suppliers/{key}", token) for key in keys]
    for mine, other in list(zip(ours, theirs, strict=True))[:SAMPLE]:
        profile = read_data(await portal.ask(mine))["supplier"]
        compare("profile", profile, orjson.loads(await handwritten.ask(other)))
    return Reads(ours), Reads(theirs)


async def make_cell_reads(portal: Generator, handwritten: Generator) -> tuple[Reads, Reads]:
    """Every cohort of eight sectors, one of which is folded; some of them are compared."""
    token = world.make_token(BUYER)
    places = list(itertools.product("ABCFGHIJ", REGIONS, SIZES, MEASURES))
    random.Random(3).shuffle(places)
    ours, theirs = [], []
    for sector, region, size, measure in places:
        variables = {"sector": sector, "region": region.upper(), "size": size.upper(), "measure": measure}
        ours.append(ask_portal(token, CELL, **variables))
        asked = urlencode({"sector": sector, "region": region, "size": size, "measure": measure})
        theirs.append(load.write_request("GET", f"/benchmark?{asked}", token))
    for mine, other in list(zip(ours, theirs, strict=True))[:SAMPLE]:
        cell = read_data(await portal.ask(mine))["benchmark"]
        compare("benchmark cell", cell, orjson.loads(await handwritten.ask(other)))
    return Reads(ours), Reads(theirs)


def read_data(body: bytes) -> dict[str, Any]:
    """The data of a GraphQL answer; raises WrongAnswer where it has errors."""
    answer: dict[str, Any] = orjson.loads(body)
    if answer.get("errors"):
        raise WrongAnswer(f"The portal answered with errors: {body[:800]!r}")
    data: dict[str, Any] = answer["data"]
    return data


def compare(what: str, ours: Any, theirs: Any) -> None:
    """Raise WrongAnswer that names the first place where the two sides do not say the same."""
    found = find_difference(ours, theirs, what)
    if found is not None:
        raise WrongAnswer(f"The portal and the hand-written endpoint differ. {found}")


def find_difference(
    ours: Any, theirs: Any, place: str, names: tuple[str, str] = ("portal", "hand-written")
) -> str | None:
    """The first difference of two JSON values in words, none where they are equal."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        pairs = [(ours[name], theirs[name], f"{place}.{name}") for name in ours]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = [(*pair, f"{place}[{at}]") for at, pair in enumerate(zip(ours, theirs, strict=True))]
    else:
        return None if ours == theirs else f"{place}: {names[0]} {str(ours)[:600]}; {names[1]} {str(theirs)[:600]}"
    return next((found for pair in pairs if (found := find_difference(*pair, names)) is not None), None)
