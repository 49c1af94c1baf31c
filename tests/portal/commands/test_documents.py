"""`portal documents`: what is read, what is refused and why, and what a changed schema breaks."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from portal import documents, errors
from portal.__main__ import app
from portal.http import front
from tests import databases, people

GOOD = "query Version { service { version } }\n"
OTHER = "query Depth {\n  service {\n    limits { depth }\n  }\n}\n"
JOURNEYS = databases.ROOT / "tests" / "journeys"
runner = CliRunner()


@pytest.fixture(autouse=True)
def owner(database: databases.TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database.app_url)
    monkeypatch.setenv("PORTAL_OWNER_DATABASE_URL", database.owner_url)


def run(*arguments: Any, code: int = 0) -> Any:
    done = runner.invoke(app, ["documents", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def name(text: str) -> str:
    return f"sha256:{documents.hash_text(text)}"


def test_the_hash_is_that_of_the_specification() -> None:
    spaced = "query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}"
    assert documents.hash_text(spaced) == "7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e"


def test_add_a_folder_twice_list_and_remove(tmp_path: Path) -> None:
    write(tmp_path / "a.graphql", GOOD)
    write(tmp_path / "deep" / "b.gql", OTHER)
    write(tmp_path / "package.json", {"name": "not a manifest"})
    first = run("add", tmp_path)
    assert first.stdout.split() == [
        name(GOOD), str(tmp_path / "a.graphql"), name(OTHER), str(tmp_path / "deep" / "b.gql")
    ]  # fmt: skip
    assert "2 documents, 2 of them new" in first.stderr
    assert "2 documents, 0 of them new" in run("add", tmp_path).stderr
    listed = run("list").stdout
    assert f"{name(GOOD)}  " in listed
    assert "query Version" in listed
    assert "2 documents fit" in run("check").stdout
    run("remove", name(GOOD))
    assert name(GOOD) not in run("list").stdout
    assert isinstance(run("remove", name(GOOD), code=1).exception, errors.NotFound)
    assert isinstance(run("remove", "sha1:abc", code=1).exception, errors.InvalidInput)


def test_what_build_tools_write_is_read_and_written(tmp_path: Path) -> None:
    codegen = write(tmp_path / "persisted-documents.json", {documents.hash_text(GOOD): GOOD})
    ours = write(tmp_path / "ours.json", {name(OTHER): OTHER})
    operation = {"id": documents.hash_text(OTHER), "body": OTHER, "name": "Depth", "type": "query"}
    apollo = write(
        tmp_path / "apollo.json",
        {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]},
    )
    written = tmp_path / "manifest.json"
    done = run("add", codegen, ours, apollo, "--manifest", written)
    assert done.stdout == ""
    assert json.loads(written.read_text()) == {name(GOOD): GOOD, name(OTHER): OTHER}
    assert "2 documents, 0 of them new" in run("add", written).stderr
    assert isinstance(run("add", written, "--manifest", tmp_path, code=1).exception, errors.SetupError)


def test_every_fault_is_named_and_nothing_is_stored(tmp_path: Path) -> None:
    write(tmp_path / "good.graphql", GOOD)
    write(tmp_path / "fields.graphql", "query A { nothing }\nquery B { service { nothing } }\nfragment F on Nope { a }")
    write(tmp_path / "syntax.graphql", "query {")
    write(tmp_path / "empty.graphql", " \n")
    write(
        tmp_path / "large.graphql",
        f"query Large {{ {' '.join(f'a{one}: service {{ version }}' for one in range(70))} }}",
    )
    (tmp_path / "binary.graphql").write_bytes(b"\xff\xfe")
    manifest = write(
        tmp_path / "wrong.json",
        {"0" * 32: GOOD, name(OTHER): GOOD, documents.hash_text("x"): 7, name("{ nothing }"): "{ nothing }"},
    )
    done = run("add", tmp_path, manifest, write(tmp_path / "list.json", []), write(tmp_path / "not.json", "{"), code=1)
    for place, *words in (
        ("fields.graphql", "query A", "Cannot query field 'nothing' on type 'Query'"),
        ("fields.graphql", "query B", "Cannot query field 'nothing' on type 'Service'"),
        ("fields.graphql", "fragment F", "Unknown type 'Nope'"),
        ("syntax.graphql", "document", "Syntax Error"),
        ("empty.graphql", "document", "`query` must be"),
        ("large.graphql", "query Large", "The operation has 70 aliases"),
        ("binary.graphql", "not text in UTF-8"),
        ("wrong.json", "0" * 32, "not the SHA-256"),
        ("wrong.json", name(OTHER), "another hash"),
        ("wrong.json", documents.hash_text("x"), "not a manifest"),
        ("wrong.json", name("{ nothing }"), "query (without a name)", "nothing"),
        ("list.json", "not a manifest"),
        ("not.json", "not valid JSON"),
    ):
        assert any(all(word in line for word in (place, *words)) for line in done.stderr.splitlines()), (place, words)
    assert "nothing was added" in done.stderr
    assert "good.graphql" not in done.stderr
    assert run("list").stdout == ""


def test_the_journeys_and_our_own_page_can_be_trusted(tmp_path: Path) -> None:
    for number, text in enumerate(front.list_documents()):
        write(tmp_path / f"{number}.graphql", text)
    done = run("add", JOURNEYS, tmp_path)
    assert f"{len(front.list_documents()) + len(list(JOURNEYS.glob('*.graphql')))} documents" in done.stderr


def test_nothing_to_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.graphql"):
        assert isinstance(run("add", path, code=1).exception, errors.SetupError)
    assert run("check").stdout == "0 documents fit the schema.\n"


def test_check_names_what_the_schema_outgrew(database: databases.TestDatabase) -> None:
    gone = "query Gone { fieldOfAnOlderSchema }"

    async def add() -> None:
        async with people.open_session(database.owner_url) as session:
            await documents.add_documents(session, [GOOD, gone])

    databases.run(add)
    done = run("check", code=1)
    assert f"{name(gone)}: query Gone: Cannot query field 'fieldOfAnOlderSchema'" in done.stderr
    assert "1 fault" in done.stderr
    assert name(GOOD) not in done.stderr
