"""The README says what is so: snippets fit the schema, settings and commands are all there, links lead somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
from graphql import GraphQLSchema, parse, validate

from graphql_schema import limits, nodes, schema, socket
from portal.__main__ import COMMANDS, app
from portal.delivery.webhooks import dispatch
from portal.delivery.webhooks.catalogue import CATALOGUE
from portal.http import supplier_table
from portal.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SETTINGS = re.search(r"<!-- settings:.*?-->\n(.*?)<!-- end of settings -->", README, re.DOTALL)


def write_settings() -> str:
    """The table of settings as it should stand in the README."""
    lines = ["| variable | default | what it is |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() else show_default(field.get_default(call_default_factory=True))
        lines.append(f"| `PORTAL_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def show_default(value: Any) -> str:
    """A default as a person would set it; nothing where there is none."""
    if value is None or value in ("", []):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


@pytest.fixture(scope="module")
def compiled() -> GraphQLSchema:
    return schema.get_schema()._schema


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[re.findall(r"(\w+)[ ({]", one)[1] for one in SNIPPETS])
def test_snippets_fit_the_schema(compiled: GraphQLSchema, snippet: str) -> None:
    assert validate(compiled, parse(snippet)) == []


def test_programs_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    for program in PROGRAMS:
        exec(program, {})
    assert capsys.readouterr().out == "100\n"


def test_each_journey_has_snippets() -> None:
    assert len(SNIPPETS) >= 12
    for heading in ("### A supplier", "### A buyer", "### Everybody compares"):
        part = README.partition(heading)[2].partition("\n## ")[0].partition("\n### ")[0]
        assert part.count("```graphql") >= 2, heading


def test_the_table_of_settings_is_that_of_the_code() -> None:
    assert SETTINGS is not None
    assert SETTINGS.group(1) == write_settings(), f"put this between the two comments:\n{write_settings()}"


def test_the_catalogue_of_events_is_that_of_the_code() -> None:
    lines = [f"| `{one.name}` | {', '.join(one.sides)} | {one.words} |" for one in CATALOGUE.values()]
    table = "\n".join(["| type | told to | when |", "| --- | --- | --- |", *lines, ""])
    assert f"catalogue.py -->\n{table}<!-- end of events -->" in README, f"put this between the comments:\n{table}"


def test_the_waits_of_webhooks_are_those_of_the_code() -> None:
    words = "after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours, each a tenth more or less"
    assert words in " ".join(README.split())
    minutes, hours = [5, 30], [2, 5, 10, 14, 20, 24]
    assert list(dispatch.WAITS) == [5, *(one * 60 for one in minutes), *(one * 3_600 for one in hours)]
    assert dispatch.JITTER == 0.1


def test_every_command_is_listed_and_exists() -> None:
    known = set(COMMANDS)
    listed = set(re.findall(r"^\| `portal ([a-z-]+)` \|", README, re.MULTILINE))
    assert listed == known
    named = set(re.findall(r"`?portal ([a-z-]+)", " ".join(re.findall(r"`portal [^`]+`", README))))
    assert named <= known


def test_subcommands_exist() -> None:
    made = typer.main.get_group(app)
    commands = {name: made.get_command(None, name) for name in COMMANDS}
    rows = re.findall(r"^\| `portal ([a-z-]+)` \| (.*?) \|$", README, re.MULTILINE)
    groups = {name: set(re.findall(r"`([a-z-]+)(?: FILE)?`", words)) for name, words in rows}
    for name in ("questionnaires", "suppliers", "documents", "benchmarks"):
        assert groups[name] == set(commands[name].commands), name


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?<=[` ]{1})make ([a-z]+)`", README)) | set(
        re.findall(r"^    make ([a-z]+)", README, re.MULTILINE)
    )
    assert named
    assert named <= targets
    assert {"demo", "check", "test", "soak", "bench", "lock", "codegen"} <= named


def test_links_and_paths_lead_somewhere() -> None:
    linked = [target for target in re.findall(r"\]\(([^)]+)\)", README) if "://" not in target]
    paths = re.findall(r"`((?:portal|graphql_schema|questionnaires|tests|\.ci)/[\w./-]+)`", README)
    made_by_the_reader = {"questionnaires/content/responsible-sourcing/1.2.0.yaml"}
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert linked
    for target in {*linked, *paths} - made_by_the_reader - anchors:
        assert (ROOT / target).exists(), target


def test_rooms_are_those_of_the_import_rules() -> None:
    table = README.partition("Each room may import only rooms before it:")[2].partition("**graphql_schema/**")[0]
    rooms = re.findall(r"^\| `(\w+)/` \|", table, re.MULTILINE)
    assert rooms == [room for room in list_rooms() if (ROOT / "portal" / room).is_dir()]


def list_rooms() -> list[str]:
    """The layers of the import rules, the lowest first."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = re.search(r"^layers = \[(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    assert layers is not None
    return list(reversed(re.findall(r"\w+", re.sub(r"#.*", "", layers.group(1)))))


def test_routes_that_are_named_exist() -> None:
    assert f"GET {supplier_table.PATH}?" in README
    suppliers = schema.get_schema()._schema.query_type.fields["suppliers"]  # type: ignore[union-attr]
    assert f"`GET {supplier_table.PATH}`" in suppliers.description
    assert all(f"`{name}`" in suppliers.description for name in supplier_table.LISTS)


def test_no_place_of_one_machine_is_named() -> None:
    assert not re.search(r"/(?:home|root|tmp|work)/", README)


def test_the_limits_of_the_api_are_those_of_the_code() -> None:
    section = re.search(r"### Limits of the API\n(.*?)\n## ", README, re.DOTALL)
    assert section is not None
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section[1].splitlines() if line[:1] == "|"
    ]
    assert [re.findall(r"\d[\d,]*", row[1].replace(",", "")) for row in rows[2:]] == [
        [str(one) for one in numbers]
        for numbers in (
            (limits.BODY_BYTES, limits.JSON_DEPTH),
            (limits.DOCUMENT_CHARACTERS, limits.TOKENS),
            (limits.ROOT_FIELDS, limits.DEPTH),
            (limits.ALIASES, limits.DIRECTIVES),
            (limits.COST,),
            (limits.LARGEST_PAGE, limits.PAGE, nodes.MAX_IDS),
            (int(limits.OPERATION_SECONDS),),
            (socket.SUBSCRIPTIONS_PER_CONNECTION, socket.CONNECTIONS_PER_CALLER),
        )
    ]
