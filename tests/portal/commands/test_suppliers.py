"""`portal suppliers import`: real and made lists, bad rows by line, exit codes, and nothing twice."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from portal import errors
from portal.commands import suppliers
from tests import absences, databases, people

pytestmark = pytest.mark.slow  # each command is a process of its own

FACTORIES = sorted((Path(__file__).parents[1] / "directory" / "lists" / "files" / "factories").glob("list-*.csv"))
LEAD = """
INSERT INTO portal.questionnaire (key, title, purpose) VALUES ('responsible-sourcing', 'Lead', 'self_assessment')
"""
MESSY = """Supplier list 2026;;;
Company;Land;E-mail;No
Golden Star;Vietnam;linh@star.example;1
Nowhere;Atlantis;;2
Blue Ocean;CN;not an address;3
"""
runner = CliRunner()


@pytest.fixture
def installed(database: databases.TestDatabase, monkeypatch: pytest.MonkeyPatch) -> databases.TestDatabase:
    """A database with one buyer, and the environment that leads to it."""
    monkeypatch.setenv("PORTAL_DATABASE_URL", database.app_url)
    monkeypatch.setenv("PORTAL_OWNER_DATABASE_URL", database.owner_url)
    databases.run(lambda: people.run_sql(database, LEAD))
    databases.run(lambda: people.add_organization(database, name="Northwind", roles=("buyer",)))
    return database


def bring_in(file: Path, *more: str, buyer: str = "northwind") -> dict[str, Any]:
    done = runner.invoke(suppliers.app, ["import", str(file), "--buyer", buyer, "--json", *more])
    assert done.exit_code == 0, (done.output, done.exception)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def count(database: databases.TestDatabase, table: str, where: str = "true") -> int:
    rows = databases.run(lambda: people.run_sql(database, f"SELECT count(*) FROM portal.{table} WHERE {where}"))
    return int(rows[0][0])


@absences.needs_lists
def test_the_real_lists_give_944_records_that_all_need_a_contact(installed: databases.TestDatabase) -> None:
    files = [absences.LISTS / f"list-{number}.csv" for number in range(2, 16)]
    done = [bring_in(file) for file in files]
    assert sum(one["summary"]["rows"] for one in done) == 963
    figures = {name: sum(one["counts"][name] for one in done) for name in done[0]["counts"]}
    assert figures == {"created": 944, "known": 13, "repeats": 6} | dict.fromkeys(
        ("updated", "contacts_added", "skipped", "conflicts", "bad"), 0
    )
    spellings = {
        (code, text) for one in done for code, texts in one["summary"]["country_spellings"].items() for text in texts
    }
    assert (len(spellings), len({code for code, _ in spellings})) == (89, 55)
    assert count(installed, "supplier_record", "state = 'needs_contact'") == 944
    assert count(installed, "relationship_card", "record_state = 'needs_contact' AND NOT archived") == 944
    assert count(installed, "supplier_record", "sector = '14'") > 900
    again = [bring_in(file) for file in files]
    assert sum(one["counts"]["created"] for one in again) == 0
    assert sum(one["counts"]["known"] for one in again) == 957
    assert count(installed, "supplier_record") == 944


def test_made_up_lists_of_the_same_kind_give_16_records(installed: databases.TestDatabase) -> None:
    done = [bring_in(file) for file in FACTORIES]
    figures = {name: sum(one["counts"][name] for one in done) for name in done[0]["counts"]}
    assert figures == {"created": 16, "known": 4, "repeats": 2} | dict.fromkeys(
        ("updated", "contacts_added", "skipped", "conflicts", "bad"), 0
    )
    assert count(installed, "relationship_card", "record_state = 'needs_contact' AND NOT archived") == 16
    again = [bring_in(file) for file in FACTORIES]
    assert [one["counts"]["created"] for one in again] == [0, 0, 0]
    assert [one["counts"]["known"] for one in again] == [6, 7, 7]
    assert count(installed, "supplier_record") == 16


def test_bad_rows_are_named_and_good_ones_kept(installed: databases.TestDatabase, tmp_path: Path) -> None:
    file = tmp_path / "messy.csv"
    file.write_text(MESSY)
    done = runner.invoke(suppliers.app, ["import", str(file), "--buyer", "Northwind"])
    assert done.exit_code == 0, (done.output, done.exception)
    assert "Line 4: Land 'Atlantis': 'Atlantis' is not a country that is known here" in done.stdout
    assert "3 rows: 2 new (0 perhaps known), 0 known, 0 repeats, 0 in conflict, 1 bad." in done.stdout
    assert "Written: 2 suppliers, 1 contacts. 1 of the new suppliers need a contact." in done.stdout
    assert count(installed, "supplier_record") == 2
    assert count(installed, "audit_event", "action = 'supplier_list.confirmed' AND actor_id IS NULL") == 1


def test_what_was_found_about_kept_and_left_out_rows_is_told_by_line(
    installed: databases.TestDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    rows = "Name,Country,Address\nLotus Ltd,BD,Dhaka\nLotus Ltd,BD,Savar\nLotus Pvt Ltd,BD,\nElm,Georgia,\n"
    file.write_text(rows)
    done = runner.invoke(suppliers.app, ["import", str(file), "--buyer", "Northwind", "--dry-run"])
    assert "Line 3: note: Address 'Savar': line 2 has the same supplier at another address" in done.stdout
    assert "Line 3: Lotus Ltd: left out, a repeat of line 2." in done.stdout
    assert "Line 4: Lotus Pvt Ltd: new, but perhaps Lotus Ltd (LEGAL_FORM)." in done.stdout
    assert "Line 5: note: Country 'Georgia'" in done.stdout
    found = bring_in(file, "--dry-run")
    assert [(one["line"], one["code"]) for one in found["warnings"]] == [(3, "ADDRESS_DIFFERS"), (5, "COUNTRY_READ_AS")]
    assert found["repeats"] == [{"line": 3, "name": "Lotus Ltd", "repeat_of": 2}]
    assert [one["perhaps"] for one in found["suggestions"]] == [["Lotus Ltd"]]
    assert found["unread_sheets"] == []


def test_a_dry_run_writes_nothing(installed: databases.TestDatabase, tmp_path: Path) -> None:
    file = tmp_path / "messy.csv"
    file.write_text(MESSY)
    found = bring_in(file, "--dry-run")
    assert (found["counts"], found["summary"]["new"], found["problems"][0]["line"]) == (None, 2, 4)
    assert (count(installed, "supplier_record"), count(installed, "supplier_import")) == (0, 0)


def test_columns_can_be_said(installed: databases.TestDatabase, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("a,b,c\nAlpha,one,two\n")
    options = ("--header-line", "1", "--default-country", "BD", "--mapping", "name=a", "--mapping", "address=2")
    found = bring_in(file, *options, "--mapping", "address=c", "--mapping", "sector=")
    assert [one["field"] for one in found["columns"]] == ["name", "address", "address"]
    assert count(installed, "supplier_record", "address = 'one, two' AND country = 'BD'") == 1


def test_the_buyer_is_found_by_name_or_id_and_must_be_one(installed: databases.TestDatabase, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Name,Country\nAlpha,VN\n")
    twin = databases.run(lambda: people.add_organization(installed, name="NORTHWIND", roles=("buyer",)))
    databases.run(lambda: people.add_organization(installed, name="No Buyer", roles=("supplier",)))
    for buyer, failure in (("Northwind", errors.Conflict), ("No Buyer", errors.NotFound), ("Nobody", errors.NotFound)):
        done = runner.invoke(suppliers.app, ["import", str(file), "--buyer", buyer])
        assert (done.exit_code, type(done.exception)) == (1, failure)
    assert bring_in(file, buyer=str(twin))["counts"]["created"] == 1
    assert count(installed, "supplier_record", f"buyer_id = '{twin}'") == 1


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (b"", (), "LIST_EMPTY"),
        (b"%PDF-1.4", (), "NOT_A_LIST"),
        (b"foo,bar\n1,2\n", (), "NO_NAME_COLUMN"),
        (b"Name,Country\nA,VN\n", ("--mapping", "name"), "MAPPING"),
        (b"Name,Country\nA,VN\n", ("--mapping", "color=Name"), "FIELD_UNKNOWN"),
        (b"Name,Country\nA,VN\n", ("--default-country", "Atlantis"), "COUNTRY_UNKNOWN"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(
    installed: databases.TestDatabase, tmp_path: Path, content: bytes, options: tuple[str, ...], code: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    done = runner.invoke(suppliers.app, ["import", str(file), "--buyer", "Northwind", *options])
    assert done.exit_code == 1
    assert isinstance(done.exception, errors.InvalidInput)
    assert done.exception.code == code
    assert count(installed, "supplier_record") == 0


def test_a_file_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    done = runner.invoke(suppliers.app, ["import", str(tmp_path / "none.csv"), "--buyer", "x"])
    assert done.exit_code == 2
