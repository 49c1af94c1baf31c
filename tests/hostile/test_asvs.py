"""SECURITY.md says what is so: one row for each requirement of the ASVS, tests that exist, and lists of the code.

`python -m tests.hostile.test_asvs` writes its tables anew.
"""

import ast
import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from portal.assessments import file_checks
from portal.identity import attempts, passwords
from tests.databases import ROOT
from tests.hostile import surface

HERE = Path(__file__).parent
SECURITY = ROOT / "SECURITY.md"
STANDS = ("met", "partly", "not met", "does not apply")
CHAPTERS = ("2", "4", "5", "6", "7", "8", "13", "16")
PATHS = {
    "sign_in": "sign-in, by account and by address",
    "registration": "registering an address",
    "confirmation": "a link that confirms an address",
    "second_factor": "a code of the second factor",
    "password_change": "the own password, asked for once more",
    "email_change": "another address",
    "personal_data": "the own data handed out or erased, or an organization closed or opened again",
    "reset_request": "asking for a link for a new password",
    "reset": "a link for a new password",
    "invitation": "looking at an invitation, or taking it",
    "invitation_sent": "inviting colleagues, by organization",
    "organization_founded": "founding an organization, by person",
    "sso": "coming by an identity provider, by address",
    "sso_setup": "setting up or trying an identity provider, by organization",
    "sso_code": "a code that ends a sign-in by a provider",
    "bearer": "a session token or API key that is wrong",
    "form_import": "handing in an answer form, by organization",
    "file_made": "having a public file made",
}
SPANS = {60: "minute", 300: "5 minutes", 900: "15 minutes", 3_600: "hour", 86_400: "day"}


@cache
def read_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = YAML(typ="safe").load((HERE / "asvs.yaml").read_text(encoding="utf-8"))
    return [row | {"number": str(row["number"])} for row in rows]


@cache
def read_levels() -> dict[str, str]:
    text = (HERE / "asvs_requirements.csv").read_text(encoding="utf-8")
    found = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    levels = {one["number"]: one["level"] for one in found}
    assert len(levels) == len(found)
    return levels


def write_table() -> str:
    """The table of requirements as it should stand in SECURITY.md."""
    lines = ["| number | level | asks | stands | shown by | remark |", "| --- | --- | --- | --- | --- | --- |"]
    for row in read_rows():
        told = [
            f"[{one.partition('#')[2].replace('-', ' ')}]({one.removeprefix('SECURITY.md')})" for one in list_told(row)
        ]
        named = [write_link(one) for one in row.get("tests", ())]
        cells = (
            row["number"], read_levels().get(row["number"], "?"), row["asks"], row["stands"], ", ".join(told + named),
            row.get("why", ""),
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def list_told(row: dict[str, Any]) -> list[str]:
    return list(row.get("told", ()))


def write_link(test: str) -> str:
    """A test by its name, with the file it stands in behind it."""
    path, _, name = test.partition("::")
    return f"[{name or path.removeprefix('tests/')}]({path})"


def write_tries() -> str:
    """The table of tries as it should stand in SECURITY.md."""
    lines = ["| what | of one account | from one address | in |", "| --- | --- | --- | --- |"]
    for path, limit in attempts.LIMITS.items():
        counted = (PATHS[path], f"{limit.per_account:,}", f"{limit.per_address:,}", SPANS[limit.seconds])
        lines.append(f"| {' | '.join(counted)} |")
    return "\n".join(lines) + "\n"


def write_kinds() -> str:
    """The kinds of documents as they should stand in SECURITY.md."""
    lines = ["| kind | endings |", "| --- | --- |"]
    return (
        "\n".join([*lines, *(f"| {kind} | {', '.join(ends)} |" for kind, ends in file_checks.EXTENSIONS.items())])
        + "\n"
    )


def write_words() -> str:
    """The words that go with the portal as they should stand in SECURITY.md."""
    return ", ".join(f"`{one}`" for one in passwords.CONTEXT_WORDS) + "\n"


def write_attacks() -> str:
    """How many distinct attacks of each kind there are, as it should stand in SECURITY.md."""
    attacks = YAML(typ="safe").load((HERE / "attacks.yaml").read_text(encoding="utf-8"))
    lines = ["| kind | attacks |", "| --- | --- |", *(f"| {kind} | {len(rows)} |" for kind, rows in attacks.items())]
    return "\n".join([*lines, f"| together | {sum(map(len, attacks.values()))} |"]) + "\n"


PARTS = {
    "asvs": write_table, "tries": write_tries, "kinds": write_kinds, "words": write_words, "attacks": write_attacks,
}  # fmt: skip


def find_part(name: str) -> str:
    found = re.search(rf"<!-- {name}:.*?-->\n(.*?)<!-- end of {name} -->", SECURITY.read_text("utf-8"), re.DOTALL)
    assert found is not None, name
    return found.group(1)


def test_every_requirement_has_one_row() -> None:
    numbers = [row["number"] for row in read_rows()]
    assert numbers == list(read_levels())
    assert {one.partition(".")[0] for one in numbers} == set(CHAPTERS)
    assert set(read_levels().values()) == {"1", "2"}


@pytest.mark.parametrize("row", read_rows(), ids=lambda row: row["number"])
def test_a_row_says_how_it_stands_and_what_shows_it(row: dict[str, Any]) -> None:
    assert set(row) <= {"number", "asks", "stands", "tests", "told", "why"}
    assert row["stands"] in STANDS
    if row["stands"] in ("met", "partly"):
        assert row.get("tests") or row.get("told")
    if row["stands"] != "met":
        assert len(row["why"].split()) >= 3
    assert "|" not in row["asks"] + row.get("why", "")
    for one in row.get("tests", ()):
        path, _, name = one.partition("::")
        assert (ROOT / path).is_file(), one
        assert not name or name in list_tests(path), one
    for one in list_told(row):
        path, _, anchor = one.partition("#")
        assert anchor in list_anchors(path), one


@cache
def list_tests(path: str) -> set[str]:
    """The tests of a module, by reading it: what needs a browser or a system that is not there is counted, too."""
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    functions = (one for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
    return {one.name for one in functions if one.name.startswith("test_")}


@cache
def list_anchors(path: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}


def test_a_test_that_is_gone_is_missed() -> None:
    assert "test_a_test_that_is_gone_is_missed" in list_tests("tests/hostile/test_asvs.py")
    assert "test_that_never_was" not in list_tests("tests/hostile/test_asvs.py")
    assert "ways-out" not in list_anchors("SECURITY.md")


def test_the_table_is_that_of_the_rows() -> None:
    assert find_part("asvs") == write_table(), "python -m tests.hostile.test_asvs writes it anew"


def test_the_tries_that_are_told_are_those_of_the_code() -> None:
    assert set(PATHS) == set(attempts.LIMITS)
    assert find_part("tries") == write_tries(), "python -m tests.hostile.test_asvs writes it anew"


def test_the_kinds_of_files_that_are_told_are_those_of_the_code() -> None:
    assert find_part("kinds") == write_kinds(), "python -m tests.hostile.test_asvs writes it anew"


def test_the_words_that_are_told_are_those_of_the_code() -> None:
    assert find_part("words") == write_words(), "python -m tests.hostile.test_asvs writes it anew"


def test_the_attacks_that_are_told_are_those_of_the_list() -> None:
    assert find_part("attacks") == write_attacks(), "python -m tests.hostile.test_asvs writes it anew"


def test_the_schema_knows_no_hints_and_no_secret_questions() -> None:
    names = {name for kind in surface.SCHEMA.type_map.values() for name in getattr(kind, "fields", None) or ()}
    assert {"password", "currentPassword"} <= names
    assert not [one for one in names if re.search(r"(password|secret).*(hint|question|answer|reminder)", one, re.I)]


def test_links_and_paths_lead_somewhere() -> None:
    text = SECURITY.read_text(encoding="utf-8")
    targets = {one for one in re.findall(r"\]\(([^)]+)\)", text) if "://" not in one}
    for target in targets:
        path, _, anchor = target.partition("#")
        assert (ROOT / (path or "SECURITY.md")).exists(), target
        assert not anchor or anchor in list_anchors(path or "SECURITY.md"), target


def write_anew() -> None:
    text = SECURITY.read_text(encoding="utf-8")
    for name, write in PARTS.items():
        start = text.index("-->\n", text.index(f"<!-- {name}:")) + len("-->\n")
        text = text[:start] + write() + text[text.index(f"<!-- end of {name} -->") :]
    SECURITY.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_anew()
