"""The reader in JavaScript sees what ours sees: of every vector, and of random questionnaires and answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import catalogue, document, reading
from questionnaires.catalogue import Packaged
from tests.questionnaires import enriching, observing
from tests.questionnaires.javascript import Reader

FOLDER = Path(reading.__file__).parent / "javascript"
PACKAGED = catalogue.list_packaged()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as started:
        yield started


@pytest.mark.parametrize("name", observing.FILES)
def test_passes_the_vectors(reader: Reader, name: str) -> None:
    vectors = observing.FILES[name]
    for case in vectors["cases"]:
        seen = reader.observe(vectors, case)
        assert observing.keep_named(seen, case["expect"]) == case["expect"], case["name"]
        assert seen == observing.observe(vectors, case), case["name"]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_sees_random_cases_as_we_do(reader: Reader, seed: int) -> None:
    vectors, case = enriching.make_case(seed)
    assert reader.observe(vectors, case) == observing.observe(vectors, case)


@pytest.mark.parametrize("one", PACKAGED, ids=lambda one: f"{one.definition.key} {one.definition.version}")
def test_reads_what_ships_as_we_do(reader: Reader, one: Packaged) -> None:
    vectors = {"definition": document.write_document(one.definition)}
    vectors |= {"profile": document.write_document(one.profiles[-1])} if one.profiles else {}
    for seed, tier in enumerate(one.definition.tier_keys):
        rng = Random(seed)
        answers, earlier = (enriching.make_nested(rng, one.definition, junk=0.05) for _ in range(2))
        case = {"tier": tier, "answers": answers, "earlier": earlier}
        assert reader.observe(vectors, case) == observing.observe(vectors, case)


def test_imports_nothing_but_its_own_modules() -> None:
    """It is served to browsers as it is: relative imports with their ending, and nothing of Node.js."""
    modules = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js")}
    named = {one for text in modules.values() for one in re.findall(r'from "([^"]+)"', text)}
    assert named == {f"./{name}" for name in modules if name != "index.js"}
    assert [
        name for name, text in modules.items() if re.search(r"\bprocess\.|\brequire\(|\bBuffer\b|\bimport\(", text)
    ] == []
    assert json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["exports"] == "./index.js"
