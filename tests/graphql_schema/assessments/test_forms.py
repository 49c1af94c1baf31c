"""Forms over HTTP: a supplier fetches them, fills them in, looks at every change, and has them written once."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from fhir.resources.questionnaire import Questionnaire
from fhir.resources.questionnaireresponse import QuestionnaireResponse
from pyxform.xls2xform import convert

from portal.assessments import publishing
from questionnaires import answer_table, catalogue, workbook, xlsx
from questionnaires.filling import Stamp
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, start, write, write_all
from tests.graphql_schema.portals import Caller, Portal, codes
from tests.portal.assessments import sample
from tests.questionnaires import forms
from tests.questionnaires.forms import formula_cell, number_cell, put, text_cell

PATHS = """query ($id: ID!) { assessment(id: $id) { importPath json: exportPath workbook: exportPath(format: WORKBOOK)
  csv: exportPath(format: CSV) fhir: exportPath(format: FHIR) pdf: exportPath(format: PDF) } }"""
COUNT = "query ($id: ID!) { assessment(id: $id) { changeNumber } }"
ANSWER = """query ($id: ID!, $question: String!) { assessment(id: $id) { answerHistory(question: $question) {
  status content { state comment deleted value { number text } } } } }"""


class Desk:
    """A supplier with a draft, its files, and what comes of handing one in."""

    def __init__(self, house: Portal, supplier: Caller, assessment: str, paths: dict[str, str]) -> None:
        self.house, self.supplier, self.assessment, self.paths = house, supplier, assessment, paths

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.supplier.token}"}

    async def fetch(self, name: str) -> httpx.Response:
        async with self.house.client() as client:
            return await client.get(self.paths[name], headers=self.headers)

    async def post(self, data: bytes, **query: Any) -> httpx.Response:
        async with self.house.client() as client:
            return await client.post(self.paths["importPath"], params=query, content=data, headers=self.headers)

    async def hand_in(self, data: bytes, **query: Any) -> dict[str, Any]:
        answer = await self.post(data, **query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def refuse(self, data: bytes, **query: Any) -> tuple[int, str]:
        answer = await self.post(data, **query)
        return answer.status_code, codes(answer.json())[0]

    async def save(self, *answers: dict[str, Any]) -> None:
        saved = await do(self.house, documents.SAVE, self.supplier, assessmentId=self.assessment, answers=answers)
        assert {one["status"] for one in saved["results"]} == {"SAVED"}

    async def count(self) -> int:
        found = await self.house.ask(COUNT, self.supplier.token, id=self.assessment)
        number: int = found["data"]["assessment"]["changeNumber"]
        return number

    async def list_history(self, question: str) -> list[Any]:
        found = await self.house.ask(ANSWER, self.supplier.token, id=self.assessment, question=question)
        history: list[Any] = found["data"]["assessment"]["answerHistory"]
        return history


async def open_desk(house: Portal, supplier: Caller | None = None, **changed: Any) -> Desk:
    supplier = supplier or await house.sign_up("supplier")
    assessment = await start(house, supplier, **changed)
    found = await house.ask(PATHS, supplier.token, id=assessment)
    return Desk(house, supplier, assessment, found["data"]["assessment"])


def summarize(handed: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(one["place"], one["question"], one["new"] and one["new"]["value"]) for one in handed["changes"]]


async def test_every_file_of_an_assessment(house: Portal) -> None:
    desk = await open_desk(house)
    await desk.save(*write_all(), write("remark", text="=1+1 水"), write("sites", row=True, rowId="a"))
    kinds = {name: await desk.fetch(name) for name in ("json", "workbook", "csv", "fhir", "pdf")}
    assert {one.status_code for one in kinds.values()} == {200}
    for name, ending in (("workbook", "xlsx"), ("csv", "csv"), ("fhir", "fhir.json"), ("pdf", "pdf")):
        assert kinds[name].headers["content-disposition"] == f'attachment; filename="assessment.{ending}"'
        assert kinds[name].headers["cache-control"] == "private, no-store"
    assert kinds["pdf"].content.startswith(b"%PDF-")
    assert "'=1+1 水" in kinds["csv"].content.decode("utf-8-sig")
    response = QuestionnaireResponse.model_validate_json(kinds["fhir"].content)
    assert response.status == "in-progress"
    filled = forms.read_back(kinds["workbook"].content, sample.make_packaged().definition)
    assert filled.refused == ()
    assert (filled.stamp.change_number, filled.stamp.content_hash) == (6, kinds["json"].json()["content_hash"])


async def test_a_workbook_is_looked_at_and_then_written_once(house: Portal) -> None:
    desk = await open_desk(house)
    await desk.save(write("headcount", number="12", comment="As of May."), write("founded", date="1999-12-31"))
    data = (await desk.fetch("workbook")).content
    changes = {
        forms.find_cell(data, "headcount"): text_cell("1.234"),
        forms.find_cell(data, "remark"): text_cell("Hello"),
        forms.find_cell(data, "area"): formula_cell("2*3", "6"),
        forms.find_cell(data, "waste:paper"): text_cell("x"),
        forms.find_cell(data, "founded"): ">",
    }
    data = put(data, changes)
    site = forms.find_column(data, "Sites", "site_people")
    data = put(data, {f"{site}5": number_cell("7")}, "xl/worksheets/sheet2.xml")
    seen = await desk.hand_in(data)
    place = {name: f"Answers!{forms.find_cell(data, name)}" for name in ("headcount", "remark", "area", "founded")}
    assert summarize(seen)[:3] == [
        (place["headcount"], "headcount", "1234"),
        (place["founded"], "founded", None),
        (place["remark"], "remark", "Hello"),
    ]
    assert [one["question"] for one in seen["changes"][3:]] == ["waste", "sites", "site_people"]
    assert seen["changes"][0]["old"] == {"state": "value", "value": "12", "reason": ""}
    assert seen["refused"] == [
        {
            "place": place["area"],
            "question": "area",
            "row": None,
            "code": "FORMULA",
            "message": "The cell holds a formula. Write the answer itself.",
        }
    ]
    assert (seen["applied"], seen["change_number"], await desk.count()) == (False, 2, 2)
    done = await desk.hand_in(data, apply=2)
    assert {one["status"] for one in done["changes"]} == {"SAVED"}
    assert (done["applied"], done["change_number"]) == (True, 8)
    assert done["refused"] == seen["refused"]
    history = await desk.list_history("headcount")
    assert history[0]["content"]["comment"] == "As of May."
    assert (await desk.list_history("founded"))[0]["content"]["deleted"]
    again = await desk.hand_in(data, apply=2)
    assert (again["changes"], again["change_number"]) == ([], 8)


async def test_answers_that_changed_meanwhile_are_never_undone(house: Portal) -> None:
    desk = await open_desk(house)
    await desk.save(write("headcount", number="12"), write("remark", text="first"))
    data = (await desk.fetch("workbook")).content
    await desk.save(write("headcount", base=1, number="15"), write("remark", base=1, text="second"))
    data = put(data, {forms.find_cell(data, "headcount"): number_cell("20")})
    seen = await desk.hand_in(data)
    assert [(one["question"], one["is_newer"]) for one in seen["changes"]] == [("headcount", True)]
    kept = await desk.hand_in(data, apply=4)
    assert [one["status"] for one in kept["changes"]] == [None]
    assert await desk.count() == 4
    await desk.save(write("area", number="3"))
    assert await desk.refuse(data, apply=4, overwrite="true") == (409, "CHANGED")
    written = await desk.hand_in(data, apply=5, overwrite="true")
    assert [one["status"] for one in written["changes"]] == ["SAVED"]
    assert [one["content"]["value"]["number"] for one in await desk.list_history("headcount")] == ["20", "15", "12"]
    assert len(await desk.list_history("remark")) == 2


async def test_a_table_comes_back_as_a_spreadsheet_of_another_country_saves_it(house: Portal) -> None:
    desk = await open_desk(house)
    await desk.save(*write_all())
    data = (await desk.fetch("csv")).content
    assert (await desk.hand_in(data))["changes"] == []
    lines = data.decode("utf-8-sig").replace(",person,value,12,", ",person,value,13,")
    lines = lines.replace("Trained,,value,95,", 'Trained,,value,"1.234",')
    seen = await desk.hand_in(lines.encode("utf-16"))
    assert summarize(seen) == [("line 2", "headcount", "13")]
    assert [(one["place"], one["code"]) for one in seen["refused"]] == [("line 8", "NUMBER_AMBIGUOUS")]
    done = await desk.hand_in(lines.encode("utf-16"), apply=seen["change_number"])
    assert [one["status"] for one in done["changes"]] == ["SAVED"]


async def test_an_untouched_line_of_a_table_never_undoes_what_another_device_saved(house: Portal) -> None:
    desk = await open_desk(house)
    await desk.save(*write_all(), write("remark", text="first"))
    data = (await desk.fetch("csv")).content
    await desk.save(write("headcount", base=1, number="15"), write("remark", base=1, text="second"))
    assert (await desk.hand_in(data))["changes"] == []
    touched = data.decode("utf-8-sig").replace(",person,value,12,", ",person,value,20,").encode()
    seen = await desk.hand_in(touched)
    assert [(one["question"], one["is_newer"]) for one in seen["changes"]] == [("headcount", True)]
    kept = await desk.hand_in(touched, apply=seen["change_number"])
    assert [one["status"] for one in kept["changes"]] == [None]
    written = await desk.hand_in(touched, apply=seen["change_number"], overwrite="true")
    assert [one["status"] for one in written["changes"]] == ["SAVED"]
    other = await open_desk(house, desk.supplier, periodStart="2025-01-01", periodEnd="2025-12-31")
    moved = await other.hand_in(data)
    assert "headcount" in {one["question"] for one in moved["changes"]}
    assert {one["is_newer"] for one in moved["changes"]} == {False}


async def test_a_file_that_is_applied_twice_at_once_is_written_once(house: Portal) -> None:
    desk = await open_desk(house)
    data = (await desk.fetch("workbook")).content
    data = put(data, {forms.find_cell(data, "headcount"): number_cell("20")})
    done = await asyncio.gather(*(desk.hand_in(data, apply=0) for _ in range(4)))
    assert sorted(len(one["changes"]) for one in done) == [0, 0, 0, 1]
    assert len(await desk.list_history("headcount")) == 1


async def test_more_answers_than_one_call_saves_are_written_together(house: Portal) -> None:
    desk = await open_desk(house)
    lines = ["questionnaire,question,row,state,value"]
    for row in range(150):
        lines += [f"sample 1.0.0,sites,row{row},,true", f"sample 1.0.0,site_people,row{row},,{row}"]
    done = await desk.hand_in("\n".join(lines).encode(), apply=0)
    assert {one["status"] for one in done["changes"]} == {"SAVED"}
    assert (len(done["changes"]), done["change_number"]) == (300, 300)


async def test_a_file_of_another_assessment_is_not_taken_by_mistake(house: Portal) -> None:
    first = await open_desk(house)
    other = await open_desk(house, first.supplier, periodStart="2025-01-01", periodEnd="2025-12-31")
    data = (await first.fetch("workbook")).content
    data = put(data, {forms.find_cell(data, "headcount"): number_cell("20")})
    assert await other.refuse(data) == (409, "OTHER_ASSESSMENT")
    await other.save(write("headcount", number="7"))
    seen = await other.hand_in(data, anywhere="true")
    assert [(one["question"], one["is_newer"]) for one in seen["changes"]] == [("headcount", False)]


async def test_a_submitted_assessment_takes_no_form_and_its_correction_does(house: Portal) -> None:
    desk = await open_desk(house, tier="MICRO")
    await desk.save(*write_all())
    data, table = (await desk.fetch("workbook")).content, (await desk.fetch("csv")).content
    data = put(data, {forms.find_cell(data, "headcount"): number_cell("20")})
    made = await do(house, documents.SUBMIT, desk.supplier, assessmentId=desk.assessment, expectedChangeNumber=4)
    assert await desk.refuse(data, apply=4) == (409, "ALREADY_SUBMITTED")
    corrected = await do(house, documents.CORRECT, desk.supplier, assessmentId=desk.assessment)
    found = await house.ask(PATHS, desk.supplier.token, id=corrected["assessment"]["id"])
    again = Desk(house, desk.supplier, corrected["assessment"]["id"], found["data"]["assessment"])
    seen = await again.hand_in(data)
    assert [(one["question"], one["is_newer"]) for one in seen["changes"]] == [("headcount", False)]
    await again.save(write("headcount", base=1, number="30"))
    assert [one["is_newer"] for one in (await again.hand_in(data))["changes"]] == [True]
    assert (await again.hand_in(table))["changes"] == []
    query = """query ($id: ID!) { node(id: $id) { ... on Submission { pdf: exportPath(format: PDF)
      csv: exportPath(format: CSV) fhir: exportPath(format: FHIR) } } }"""
    files = (await house.ask(query, desk.supplier.token, id=made["submission"]["id"]))["data"]["node"]
    desk.paths |= files
    assert (await desk.fetch("pdf")).content.startswith(b"%PDF-")
    assert "value,95," in (await desk.fetch("csv")).text
    response = QuestionnaireResponse.model_validate_json((await desk.fetch("fhir")).content)
    assert response.status == "completed"


async def test_a_workbook_of_an_earlier_version_offers_to_carry_its_answers(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    old = catalogue.read_packaged("responsible-sourcing", "1.0.0").definition
    desk = await open_desk(house, supplier, questionnaire="responsible-sourcing")
    own = desk.paths["importPath"].rpartition("/")[2]

    data = workbook.write_workbook(old, {}, replace(forms.make_stamp(old, "basic"), assessment=own))
    data = put(data, {forms.find_cell(data, "headcount"): number_cell("20")})
    assert await desk.refuse(data) == (409, "OTHER_VERSION")
    seen = await desk.hand_in(data, carry="true")
    assert (seen["made_of"]["version"], seen["made_of"]["is_own_version"]) == ("1.0.0", False)
    assert [(one["question"], one["fate"], one["new"]["value"]) for one in seen["changes"]] == [
        ("headcount", "CARRIED", "20")
    ]
    done = await desk.hand_in(data, carry="true", apply=seen["change_number"])
    assert [one["status"] for one in done["changes"]] == ["SAVED"]


async def test_files_speak_the_language_of_their_reader(house: Portal) -> None:
    await publishing.publish_packaged(house.database.owner_url)
    desk = await open_desk(house, questionnaire="responsible-sourcing", tier="MICRO")
    desk.paths |= {"workbook": f"{desk.paths['workbook']}?locale=vi", "pdf": f"{desk.paths['pdf']}?locale=zh-CN"}
    data = (await desk.fetch("workbook")).content
    book = xlsx.read_book(data)
    sheet = book.sheets["Trả lời"]
    texts = {cell.text for cells in sheet.rows.values() for cell in cells.values()}
    assert "Câu hỏi" in texts
    listed = list(book.sheets["_lists"].rows.values())
    exits = next(line for line, cells in sheet.rows.items() if 1 in cells and cells[1].text == "exits_during_work")
    told = catalogue.read_translation("responsible-sourcing", "vi")
    path = next(path for path in told.entries if "exits_during_work.options.checked_weekly" in path)
    title = told.entries[path].text
    assert any(title == cell.text for cells in listed for cell in cells.values())
    source = catalogue.read_packaged("responsible-sourcing", "1.1.0").definition
    english = next(o.title for o in source.options(source.questions["exits_during_work"]) if o.key == "checked_weekly")
    for chosen in (title, english, "checked_weekly"):
        seen = await desk.hand_in(put(data, {f"F{exits}": text_cell(chosen)}))
        assert [one["new"]["value"] for one in seen["changes"]] == ["checked_weekly"]
    wrong = await desk.hand_in(put(data, {f"F{exits}": text_cell("có thể")}))
    assert wrong["refused"][0]["place"] == f"Trả lời!F{exits}"
    assert wrong["refused"][0]["message"].startswith("“có thể” không có trong các lựa chọn.")
    assert title in wrong["refused"][0]["message"]
    assert b"DroidSansFallback" in (await desk.fetch("pdf")).content
    desk.paths["csv"] += "?locale=nonsense!"
    assert codes((await desk.fetch("csv")).json()) == ["PARAMETER"]


async def test_what_cannot_be_taken(house: Portal) -> None:
    desk = await open_desk(house)
    spoiled = (await desk.fetch("workbook")).content[:-200]
    stranger = catalogue.read_packaged("spot-check", "1.0.0").definition
    foreign = workbook.write_workbook(stranger, {}, forms.make_stamp(stranger, "micro"))
    unheard = Stamp(questionnaire="sample", version="9.0.0", content_hash="", tier="micro")
    future = answer_table.write_table(sample.make_packaged().definition, {}, unheard)
    assert await desk.refuse(b"") == (400, "EMPTY")
    assert await desk.refuse(spoiled) == (400, "WORKBOOK_DAMAGED")
    assert await desk.refuse(b"%PDF-1.7") == (400, "TABLE_FOREIGN")
    assert await desk.refuse(foreign) == (400, "OTHER_QUESTIONNAIRE")
    assert await desk.refuse(future) == (400, "UNKNOWN_VERSION")
    odd = (await desk.fetch("workbook")).content
    odd = forms.change_part(
        odd, "xl/sharedStrings.xml", lambda text: text.replace("<t>1.0.0</t>", "<t>_x0000__xD800_</t>")
    )
    assert (await desk.hand_in(odd))["changes"] == []
    other = forms.change_part(
        odd, "xl/sharedStrings.xml", lambda text: re.sub("<t>[0-9a-f]{64}</t>", "<t>ff</t>", text)
    )
    assert await desk.refuse(other) == (400, "UNKNOWN_VERSION")
    assert await desk.refuse(bytes(xlsx.MAX_FILE + 1)) == (400, "TOO_LARGE")
    assert await desk.refuse(b"x", apply="soon") == (400, "PARAMETER")
    assert await desk.refuse(b"x", carry="perhaps") == (400, "PARAMETER")
    assert await desk.refuse(b"x", colour="red") == (400, "PARAMETER")
    desk.paths["importPath"] = "/imports/assessments/nothing"
    assert await desk.refuse(b"x") == (404, "NOT_FOUND")
    viewer = await house.sign_up("supplier", member="viewer")
    desk.supplier = viewer
    assert await desk.refuse(b"x") == (404, "NOT_FOUND")


async def test_a_reader_may_fetch_and_not_hand_in(house: Portal) -> None:
    desk = await open_desk(house)
    await house.run_sql(
        "UPDATE portal.member SET role = 'viewer' WHERE user_id = $1 AND organization_id = $2",
        desk.supplier.user,
        desk.supplier.organization,
    )
    data = (await desk.fetch("csv")).content
    assert await desk.refuse(data) == (403, "NOT_ALLOWED")


@pytest.mark.parametrize("tier", [None, "micro"])
async def test_files_of_a_questionnaire(house: Portal, tier: str | None) -> None:
    query = """{ questionnaireVersion(questionnaire: "sample") { contentHash xlsform: filePath(format: XLSFORM)
      fhir: filePath(format: FHIR) pdf: filePath(format: PDF) json: filePath(format: JSON) documentPath } }"""
    found = (await house.ask(query))["data"]["questionnaireVersion"]
    assert found["json"] == found["documentPath"]
    wanted = {"tier": tier} if tier else {}
    async with house.client() as client:
        form = await client.get(found["xlsform"])
        warnings: list[str] = []
        convert(form.content, warnings=warnings, file_type=".xlsx")
        assert warnings == []
        asked = Questionnaire.model_validate_json((await client.get(found["fhir"], params=wanted)).content)
        assert (asked.identifier or [])[0].value == found["contentHash"]
        links = orjson.dumps(asked.model_dump(mode="json")).decode()
        assert ("drills" in links) == (tier is None)
        printed = await client.get(found["pdf"], params=wanted)
        assert printed.content.startswith(b"%PDF-")
        assert printed.headers["content-disposition"] == 'attachment; filename="sample-1.0.0.pdf"'
        assert (await client.get(found["pdf"], params=wanted)).content == printed.content
        wrong = await client.get(found["pdf"], params={"tier": "huge"})
        assert (wrong.status_code, codes(wrong.json())) == (400, ["UNKNOWN_TIER"])
        assert (await client.get(f"/questionnaires/{'0' * 64}.pdf")).status_code == 404
        assert (await client.get("/questionnaires/nothing.pdf")).status_code == 404
