"""`portal questionnaires export KEY@VERSION`: published versions too, those of organizations that nobody else sees."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from fhir.resources.questionnaire import Questionnaire
from pyxform.xls2xform import convert
from typer.testing import CliRunner

from portal.assessments import publishing
from portal.commands import questionnaires
from portal.errors import InvalidInput, SetupError
from questionnaires import answer_table, document, reading, xlsx
from tests.graphql_schema.authoring.documents import claim, publish, see
from tests.graphql_schema.portals import Portal
from tests.portal.assessments.sample import make_overlay, write_translation

runner = CliRunner()


async def run(house: Portal, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    monkeypatch.setenv("PORTAL_DATABASE_URL", house.database.app_url)
    monkeypatch.setenv("PORTAL_OWNER_DATABASE_URL", house.database.owner_url)
    return await asyncio.to_thread(runner.invoke, questionnaires.app, arguments)


async def test_a_private_version_in_every_format(
    house: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    buyer = await house.sign_up("buyer")
    key = await publish(house, buyer, await claim(house, buyer))
    seen = await see(house, key, buyer)
    assert seen is not None
    files = {}
    for form in ("xlsx", "csv", "xlsform", "fhir", "json", "pdf"):
        target = tmp_path / form
        done = await run(house, monkeypatch, "export", f"{key}@1.0.0", "-f", form, "-o", str(target))
        assert (done.exit_code, done.output) == (0, f"Written to {target}.\n"), done.exception
        files[form] = target.read_bytes()
    definition = reading.definition_from_document(orjson.loads(files["json"]))
    assert document.hash_content(definition) == seen["contentHash"]
    cells = {cell.text for sheet in xlsx.read_book(files["xlsx"]).sheets.values()
             for row in sheet.rows.values() for cell in row.values()}  # fmt: skip
    assert seen["contentHash"] in cells
    assert answer_table.open_table(files["csv"]).version == f"{key} 1.0.0"
    warnings: list[str] = []
    convert(files["xlsform"], warnings=warnings, file_type=".xlsx")
    assert Questionnaire.model_validate_json(files["fhir"]).version == "1.0.0"
    assert files["pdf"].startswith(b"%PDF-")


async def test_a_published_translation_is_told(house: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    await publishing.publish_all(house.database.owner_url, [], [write_translation(tmp_path, make_overlay())])
    target = tmp_path / "made"
    done = await run(house, monkeypatch, "export", "sample@1.0.0", "-f", "fhir", "--locale", "es", "-o", str(target))
    assert done.exit_code == 0, done.exception
    told = orjson.loads(target.read_bytes())
    assert (told["title"], told["language"]) == ("¡Sample!", "es")
    done = await run(house, monkeypatch, "export", "sample@1.0.0", "-f", "fhir", "--locale", "xx")
    assert isinstance(done.exception, InvalidInput)
    assert "no published translation of sample to xx" in str(done.exception)


async def test_what_is_neither_packaged_nor_published(house: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    for named in ("nothing@1.0.0", "sample@9.0.0"):
        done = await run(house, monkeypatch, "export", named, "-f", "json")
        assert isinstance(done.exception, SetupError)
        assert "no packaged questionnaire" in str(done.exception)
        assert "none of that name is published here" in str(done.exception)


async def test_versions_that_are_published_are_compared(house: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    done = await run(house, monkeypatch, "diff", "sample@1.0.0", "sample@1.0.0")
    assert (done.exit_code, done.output) == (0, "0 changes; least version 1.0.0.\n"), done.exception
