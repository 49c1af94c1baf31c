"""What the demo prints when it can be used: addresses, sign-ins, and calls to copy into a shell."""

import json
import shlex
from dataclasses import dataclass

from portal.demo.sign_ins import ADDRESSES, SignIns
from portal.settings import Settings

PEOPLE = (
    ("operator", "the operator, who decides who may be buyer or partner"),
    ("buyer_1", "a buyer with suppliers that shared results"),
    ("buyer_2", "another buyer, who asks some of the same suppliers"),
    ("supplier_fresh", "a supplier that was just asked"),
    ("supplier_middle", "a supplier in the middle of its answers"),
    ("supplier_results", "a supplier with two years of results and shares"),
    ("partner", "an industry partner, who reads benchmarks"),
)
NEWEST_RESULTS = """{ submissions(first: 3) { edges { node { periodEnd tier submittedAt
  result { total band pillars { title score } } } } } }"""
BEST_SUPPLIERS = """{ suppliers(first: 5, sort: TOTAL_HIGHEST, filter: {questionnaire: "responsible-sourcing"}) {
  edges { node { name country tier band total requestState dueOn } } } }"""
RELEASE = """{ benchmarkReleases { number periodEnd }
  benchmarkCells(release: 2, first: 25, filter: {measure: "total"}) {
    edges { node { cohort { tier sector region size } status countBand mean p25 p50 p75 } } } }"""


@dataclass(frozen=True)
class Call:
    """A request that works as it is printed."""

    title: str
    part: str
    query: str

    def write_command(self, url: str, key: str) -> str:
        """The call as a line for any POSIX shell."""
        query = " ".join(self.query.split())
        headers = ["-H", "content-type: application/json", "-H", f"authorization: Bearer {key}"]
        return shlex.join(["curl", "-s", f"{url}/graphql", *headers, "-d", json.dumps({"query": query})])


CALLS = (
    Call("A supplier reads its newest results", "supplier_results", NEWEST_RESULTS),
    Call("A buyer lists its suppliers, the best first", "buyer_1", BEST_SUPPLIERS),
    Call("A partner reads the figures of the newest benchmark release", "partner", RELEASE),
)


def list_commands(settings: Settings, sign_ins: SignIns) -> list[str]:
    """The calls with the keys of this installation."""
    return [call.write_command(settings.public_url, sign_ins.keys[call.part]) for call in CALLS]


def write_welcome(settings: Settings, sign_ins: SignIns) -> str:
    """All of it, for a terminal."""
    url, width = settings.public_url, max(map(len, ADDRESSES.values()))
    people = [f"  {ADDRESSES[part]:{width}}  {sign_ins.passwords[part]}  {words}" for part, words in PEOPLE]
    keys = [f"  {part:{width}}  {key}" for part, key in sign_ins.keys.items()]
    commands = list_commands(settings, sign_ins)
    calls = [f"# {call.title}\n{command}\n" for call, command in zip(CALLS, commands, strict=True)]
    pages = [f"  Page      {url}/", f"  GraphQL   {url}/graphql", f"  Health    {url}/health/ready"]
    if settings.is_development:
        pages.insert(2, f"  Try it    {url}/graphiql (a page for queries; put a token or a key into its field)")
    parts = [
        f"The portal runs at {url} with made-up data: no company or person in it exists.",
        *pages,
        "",
        "Sign-ins (address, password, who it is):",
        *people,
        "",
        "API keys, for Authorization: Bearer ...",
        *keys,
        "",
        "Calls to copy into another terminal:",
        "",
        *calls,
        f"Ctrl-C stops it. Its data stay in {settings.data_dir}; delete that folder to begin anew.",
    ]
    return "\n".join(parts)
