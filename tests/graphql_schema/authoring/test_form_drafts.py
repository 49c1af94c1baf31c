"""Drafts that are sent as XLSForm: what a form says becomes a questionnaire, and what does not map is named by row."""

import base64
from typing import Any

import pytest

from questionnaires import xlsform
from tests.graphql_schema.assessments.documents import do
from tests.graphql_schema.authoring.documents import (
    ADD_PROFILE,
    IMPORT,
    PUBLISH,
    SOURCE,
    TRY,
    claim,
    publish,
    write_profile,
    write_questionnaire,
)  # fmt: skip
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample
from tests.questionnaires.forms import make_form


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def send(house: Portal, caller: Caller, text: str, **more: Any) -> dict[str, Any]:
    return await do(house, IMPORT, caller, format="XLSFORM", text=text, **more)


async def test_an_exported_form_comes_back_and_is_published(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    text = encode(xlsform.write_xlsform(sample.make_definition(write_questionnaire(name))))
    profile = {"profileFormat": "YAML", "profileText": write_profile(name)}
    made = (await send(house, buyer, text, **profile))["draft"]
    assert made["isSound"], made["findings"]
    assert (made["questionnaire"], made["title"]) == (f"{name}--code", "Sample")
    again = (await send(house, buyer, "\n".join((text[:76], text[76:])), **profile, baseRevision=1))["draft"]
    assert again["revision"] == 2  # Base64 may stand in lines
    source = (await house.ask(SOURCE, buyer.token, key=f"{name}--code"))["data"]["questionnaireDraftSource"]
    assert (source["format"], source["text"].replace("\n", ""), source["profileFormat"]) == ("XLSFORM", text, "YAML")
    tried = {"source": {"format": "XLSFORM", "text": text, **profile}, "tier": "MICRO", "answers": []}
    outcome = (await house.ask(TRY, buyer.token, input=tried))["data"]["questionnaireTrial"]["outcome"]
    assert outcome["places"][0]["question"] == "headcount"
    done = await do(house, PUBLISH, buyer, questionnaire=f"{name}--code", revision=2)
    assert done["version"] == "1.0.0"


async def test_a_foreign_form_is_kept_under_the_publishers_name_with_its_rows_named(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    survey = [
        ("type", "name", "label", "why"),
        ("text", "firm", "Name of the firm", "To know who answers."),
        ("geopoint", "place", "Where is it?", ""),
        ("text", "owner", "Who owns it?", ""),
    ]
    form = make_form(survey, [], [("form_id", "form_title"), ("site_survey", "Site survey")])
    made = (await send(house, buyer, encode(form)))["draft"]
    assert (made["questionnaire"], made["isSound"]) == (f"{name}--site-survey", False)
    errors = {one["line"]: one for one in made["findings"] if one["severity"] == "ERROR"}
    assert 'the type "geopoint" does not map' in errors[3]["message"]
    assert "sheet survey, row 3" in errors[3]["message"]
    assert (errors[4]["question"], "why" in errors[4]["message"]) == ("owner", True)
    assert 2 not in errors


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not an Excel workbook"),
        ("not Base64!", "not Base64"),
        ("ä", "not Base64"),
        (encode(b"type,name\n"), "not an Excel workbook"),
        (encode(make_form([])), "no sheet"),
        (encode(b"PK\x03\x04 and no more"), "damaged"),
    ],
)
async def test_what_is_no_form_is_refused(house: Portal, text: str, said: str) -> None:
    buyer = await house.sign_up("buyer")
    await claim(house, buyer)
    refused = await send(house, buyer, text)
    assert refused["code"] == "UNREADABLE"
    assert any(said in one["message"] for one in refused["problems"]), refused["problems"]
    assert ".." not in refused["message"]


async def test_a_form_of_another_publisher_is_refused(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    await claim(house, buyer)
    form = make_form([("type", "name"), ("text", "firm")], [], [("form_id",), ("somebody--code",)])
    refused = await send(house, buyer, encode(form))
    assert refused["code"] == "UNREADABLE"
    assert not any("1.0.0 stands for it" in one["message"] for one in refused["problems"])  # which is a warning


async def test_a_form_holds_no_profile(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    refused = await send(house, buyer, "", profileFormat="XLSFORM", profileText="")
    assert (refused["code"], refused["path"]) == ("PROFILE_FORMAT", ["input", "profileFormat"])
    key = await publish(house, buyer, name)
    given = {"questionnaire": key, "version": "1.0.0", "format": "XLSFORM", "text": ""}
    assert (await do(house, ADD_PROFILE, buyer, **given))["path"] == ["input", "format"]
