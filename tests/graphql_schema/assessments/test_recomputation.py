"""Exports as a supplier fetches them, piped byte for byte into the script that anyone may check a score with."""

import asyncio
import json
import re
import shlex
import sys
from typing import Any

import pytest

from tests import databases
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, start, write, write_all
from tests.graphql_schema.portals import Caller, Portal

# How the README says it is done, from the pipe on.
README = (databases.ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = re.findall(r'curl .*"http://[\w.:]+\$EXPORT_PATH" \| (python3 -I \S+)$', README, re.MULTILINE)
Answers = list[dict[str, Any]]
# What is answered beside the rest, at which tier, and the total and band that come of it.
SUPPLIERS: dict[str, tuple[str, Answers, str | None, str | None]] = {
    "everything is well": ("MICRO", [], "100", "a"),
    "a band of points": ("MICRO", [write("trained", number="50.1")], "92.5", "a"),
    "a critical answer": ("MICRO", [write("exits_locked", boolean=True)], "60", "d"),
    "half of an option": ("MICRO", [write("fees_repaid", choice="partly")], "77.5", "c"),
    "what is not known": ("MICRO", [write("trained", state="UNKNOWN")], "85", "c"),
    "too much does not apply": (
        "MICRO",
        [write("fees_repaid", state="NOT_APPLICABLE", reason="Nobody was recruited.")],
        "100",
        "a",
    ),
    "a declined answer": (
        "MICRO",
        [write("headcount", number="9"), write("fees_repaid", state="DECLINED")],
        "100",
        "c",
    ),
    "too small to be asked": ("MICRO", [write("headcount", number="1")], "100", "a"),
    "rows of a group": (
        "BASIC",
        [write("sites", rowId="a", row=True), write("site_people", rowId="a", number="5")],
        "86.67",
        "c",
    ),
    "options that add up": ("BASIC", [write("waste", choices=["paper"])], "93.33", "a"),
    "nothing of what adds up": ("BASIC", [write("waste", choices=["none"])], "86.67", "a"),
    "a question left out": ("BASIC", [write("remark", text="12")], "86.67", "c"),
}


async def recompute(content: bytes) -> tuple[int | None, dict[str, str], str]:
    """Exit code, figures and last sentence of the command of the README."""
    command = [sys.executable, *shlex.split(COMMAND[0])[1:]]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=databases.ROOT)
    out, errors = await process.communicate(content)
    *figures, sentence = [*out.decode().splitlines(), *errors.decode().splitlines()]
    return process.returncode, dict(line.split(": ") for line in figures), sentence


async def fetch_exports(house: Portal, supplier: Caller, tier: str, more: Answers) -> tuple[bytes, bytes]:
    """The bytes of a draft's export and of its submission's."""
    assessment = await start(house, supplier, tier)
    changed = {one["question"] for one in more}
    sent = [one for one in write_all() if one["question"] not in changed] + more
    saved = await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=sent)
    assert {one["status"] for one in saved["results"]} == {"SAVED"}, saved
    path = await house.ask("query ($id: ID!) { assessment(id: $id) { exportPath } }", supplier.token, id=assessment)
    draft = await fetch(house, supplier, path["data"]["assessment"]["exportPath"])
    number = saved["changeNumber"]
    made = await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=number)
    return draft, await fetch(house, supplier, made["submission"]["exportPath"])


async def fetch(house: Portal, supplier: Caller, path: str) -> bytes:
    async with house.client() as client:
        answer = await client.get(path, headers={"authorization": f"Bearer {supplier.token}"})
    assert answer.status_code == 200
    return answer.content


@pytest.mark.parametrize(("tier", "more", "total", "band"), SUPPLIERS.values(), ids=SUPPLIERS.keys())
async def test_an_export_as_it_is_recomputes(
    house: Portal, tier: str, more: Answers, total: str | None, band: str | None
) -> None:
    supplier = await house.sign_up("supplier")
    for content in await fetch_exports(house, supplier, tier, more):
        code, figures, sentence = await recompute(content)
        assert (code, sentence) == (0, "The export states the same.")
        assert set(figures) == {"labour", "safety", "total", "coverage", "band"}
        assert (figures["total"], figures["band"]) == (str(total), str(band))


async def test_an_export_that_was_touched_up_is_told(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    _, content = await fetch_exports(house, supplier, *SUPPLIERS["a critical answer"][:2])
    for key, better in (("total", "99"), ("band", "a")):
        exported = json.loads(content)
        exported["trace"]["summary"][key] = better
        code, figures, sentence = await recompute(json.dumps(exported).encode())
        assert (code, figures["total"], figures["band"]) == (1, "60", "d")
        assert sentence == f"The export states other figures: {key} {better}."
    exported = json.loads(content)
    exported["answers"]["exits_locked"]["value"] = False
    code, _, sentence = await recompute(json.dumps(exported).encode())
    assert (code, sentence) == (1, "The export states other figures: safety 0, total 60, band d.")
