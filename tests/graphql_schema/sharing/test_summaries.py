"""A signed summary and a section are fetched by those who may, and checked offline; whatever is changed is named."""

import base64
import copy
import hmac
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from portal import errors, signing
from portal.__main__ import app
from questionnaires import canonical, summaries
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import SIGNING, Stage, Submitted
from tests.graphql_schema.sharing.test_rescored import rescore
from tests.graphql_schema.sharing.test_share import EVERYTHING, profile, submit_with_file
from tests.portal.assessments.house import Caller
from tests.questionnaires import verify_summary

SCRIPT = Path(verify_summary.__file__)
PATHS = (
    "query ($id: ID!, $section: String!) { node(id: $id) { ... on Submission {"
    " summaryPath sectionPath(section: $section) } } }"
)
SHARED = (
    "query ($id: ID!, $section: String!) { node(id: $id) { ... on SharedResult {"
    " summaryPath sectionPath(section: $section) } } }"
)
KEYS = signing.read_keys(SIGNING, "tests")


@dataclass
class Files:
    """A summary, its section and the keys, as somebody without an account holds them."""

    folder: Path
    summary: str
    section: dict[str, Any]
    keys: dict[str, Any]

    @property
    def content(self) -> dict[str, Any]:
        return signing.check_signature(self.summary, KEYS.public).content

    def write(self) -> tuple[Path, Path, Path]:
        paths = self.folder / "summary.jws", self.folder / "jwks.json", self.folder / "section.json"
        texts = self.summary, json.dumps(self.keys), json.dumps(self.section)
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    def verify(self, *more: str) -> tuple[int, str]:
        """What the command says; both it and the script that stands alone agree whether all is right."""
        summary, keys, section = map(str, self.write())
        result = CliRunner().invoke(app, ["verify-summary", summary, "--keys", keys, "--section", section, *more])
        refused = isinstance(result.exception, errors.PortalError | errors.SetupError)
        said = str(result.exception) if refused else result.output
        assert refused or isinstance(result.exception, SystemExit | None), result.exception
        if not more:
            alone = subprocess.run([sys.executable, "-I", SCRIPT, summary, keys, section], capture_output=True)
            assert (alone.returncode == 0) == (result.exit_code == 0), (said, alone)
            assert b"Traceback" not in alone.stderr, alone.stderr
        return result.exit_code, said


async def fetch_paths(stage: Stage, caller: Caller, query: str, node: str, section: str = "labour") -> dict[str, str]:
    found: dict[str, str] = (await stage.ask(caller, query, id=node, section=section))["node"]
    return found


async def fetch_files(stage: Stage, folder: Path, submitted: Submitted, section: str = "labour") -> Files:
    """As the supplier fetches them."""
    paths = await fetch_paths(stage, stage.weaver, PATHS, submitted.node, section)
    summary = await stage.fetch(stage.weaver, paths["summaryPath"])
    section = await stage.fetch(stage.weaver, paths["sectionPath"])
    keys = await stage.fetch(None, "/.well-known/jwks.json")
    assert (summary.status_code, section.status_code, keys.status_code) == (200, 200, 200)
    return Files(folder, summary.text, section.json(), keys.json())


@pytest.fixture
async def files(unwatched: Stage, tmp_path: Path) -> Files:
    submitted = await unwatched.submit(unwatched.weaver, remark="The night shift is small.")
    return await fetch_files(unwatched, tmp_path, submitted)


async def test_a_third_party_checks_summary_and_section_offline(stage: Stage, tmp_path: Path) -> None:
    submitted, _ = await submit_with_file(stage)
    files = await fetch_files(stage, tmp_path, submitted)
    code, said = files.verify()
    assert code == 0, said
    assert f"Firm {stage.weaver.organization}, sample 1.0.0, basic" in said
    assert "signed by http://portal.test at " in said
    assert "section labour belongs to it, unchanged" in said
    assert "assurance: no reviewer had stated anything by " in said
    assert "d" not in files.keys["keys"][0]
    content = files.content
    row = (await stage.house.fetch("SELECT root_hash, submitted_at FROM portal.submission"))[0]
    assert content["root"] == row["root_hash"].hex()
    assert content["submitted_on"] == row["submitted_at"].date().isoformat()
    assert set(content["sections"]) == {"facts", "labour", "safety"}
    answers = await stage.house.fetch("SELECT jsonb_object_agg(section, answers)::text FROM portal.submission_section")
    for question in {key for part in json.loads(answers[0][0]).values() for key in part}:
        assert question not in files.summary and f'"{question}"' not in json.dumps(content)


async def test_buyers_fetch_what_is_shared_and_leave_receipts(stage: Stage, tmp_path: Path) -> None:
    submitted, _ = await submit_with_file(stage)
    own = await fetch_paths(stage, stage.weaver, PATHS, submitted.node)
    share = await stage.share(stage.weaver, stage.maker, submitted, sections=["labour"], includeEvidence=False)
    node = (await profile(stage, stage.maker, stage.weaver))["latestResult"]["id"]
    paths = await fetch_paths(stage, stage.maker, SHARED, node)
    assert paths == own
    await stage.house.fetch("DELETE FROM portal.read_receipt")
    summary = await stage.fetch(stage.maker, paths["summaryPath"])
    assert [row[0] for row in await stage.house.fetch("SELECT kind FROM portal.read_receipt")] == ["summary"]
    section = await stage.fetch(stage.maker, paths["sectionPath"])
    assert (summary.status_code, section.status_code) == (200, 200)
    kinds = await stage.house.fetch("SELECT kind FROM portal.read_receipt ORDER BY id")
    assert [row[0] for row in kinds] == ["summary", "answers"]
    files = Files(tmp_path, summary.text, section.json(), json.loads(KEYS.publish()))
    assert files.verify()[0] == 0
    assert (
        "sha256" not in section.text and ".pdf" not in section.text
    )  # documents are not shared, nor that there are any
    others = [stage.trader, stage.dyer, None]
    for path in paths.values():
        assert [(await stage.fetch(caller, path)).status_code for caller in others] == [404, 403, 401]
    strange = paths["sectionPath"].replace("labour", "%00")
    assert (await stage.fetch(stage.maker, strange)).status_code == 404
    other = await fetch_paths(stage, stage.maker, SHARED, node, "safety")
    assert (await stage.fetch(stage.maker, other["sectionPath"])).status_code == 404
    await stage.change(stage.weaver, documents.REVOKE, shareId=share)
    assert [(await stage.fetch(stage.maker, path)).status_code for path in paths.values()] == [404, 404]


async def test_documents_are_named_where_they_are_shared(stage: Stage, tmp_path: Path) -> None:
    submitted, _ = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING)
    node = (await profile(stage, stage.maker, stage.weaver))["latestResult"]["id"]
    sections = [await fetch_paths(stage, stage.maker, SHARED, node, key) for key in ("facts", "labour", "safety")]
    texts = [(await stage.fetch(stage.maker, one["sectionPath"])).text for one in sections]
    assert sum("sha256" in text for text in texts) == 1
    for text in texts:
        summary = (await stage.fetch(stage.maker, sections[0]["summaryPath"])).text
        assert Files(tmp_path, summary, json.loads(text), json.loads(KEYS.publish())).verify()[0] == 0


async def test_what_became_of_it_is_signed(unwatched: Stage, tmp_path: Path) -> None:
    stage = unwatched
    submitted = await stage.submit(stage.weaver)
    assert (await fetch_files(stage, tmp_path, submitted)).content["state"] == "current"
    await stage.house.fetch("UPDATE portal.submission SET state = 'superseded'")
    files = await fetch_files(stage, tmp_path, submitted)
    code, said = files.verify()
    assert (code, "superseded: a correction took its place" in said) == (0, True)
    await stage.house.fetch("UPDATE portal.submission SET state = 'withdrawn'")
    code, said = (await fetch_files(stage, tmp_path, submitted)).verify()
    assert (code, said) == (1, "state: it was withdrawn by its supplier\n")


async def test_a_rescored_result_is_signed_with_its_profile(stage: Stage, tmp_path: Path) -> None:
    submitted = await stage.submit(stage.weaver, trained="10", exits_locked=True)
    first = (await fetch_files(stage, tmp_path, submitted)).content
    await rescore(stage)
    files = await fetch_files(stage, tmp_path, submitted)
    assert (first["profile"], files.content["profile"]) == (1, 2)
    assert first["total"] != files.content["total"]
    assert first["root"] == files.content["root"]
    assert files.verify()[0] == 0


async def test_an_expired_result_is_refused(files: Files) -> None:
    last = date.fromisoformat(files.content["valid_until"])
    assert files.verify("--day", last.isoformat())[0] == 0
    code, said = files.verify("--day", (last + timedelta(days=1)).isoformat())
    assert (code, said) == (1, f"valid_until: the result was valid until {last}\n")
    assert files.verify("--day", "2020-01-01")[0] == 1
    assert "--day takes a day" in files.verify("--day", "soon")[1]


def encode(value: Any) -> str:
    return base64.urlsafe_b64encode(canonical.write_canonical(value)).rstrip(b"=").decode()


def change_body(files: Files) -> str:
    head, _, signature = files.summary.split(".")
    return ".".join([head, encode(files.content | {"total": "99"}), signature])


def change_header(files: Files, **changed: Any) -> str:
    _, body, signature = files.summary.split(".")
    header = {"alg": "Ed25519", "kid": KEYS.private.thumbprint(), "typ": "summary+jws"} | changed
    return ".".join([encode(header), body, signature])


def sign_with_public_key(files: Files) -> str:
    """The classic confusion: a MAC made with the public key, which everybody has."""
    body = files.summary.split(".")[1]
    head = encode({"alg": "HS256", "kid": KEYS.private.thumbprint(), "typ": "summary+jws"})
    secret = base64.urlsafe_b64decode(files.keys["keys"][0]["x"] + "=")
    mac = hmac.digest(secret, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def drop_signature(files: Files) -> str:
    body = files.summary.split(".")[1]
    return f"{encode({'alg': 'none', 'kid': KEYS.private.thumbprint(), 'typ': 'summary+jws'})}.{body}."


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (change_body, "The signature does not hold"),
        (drop_signature, "The signature is of the kind 'none'"),
        (sign_with_public_key, "The signature is of the kind 'HS256'"),
        (lambda files: change_header(files, kid="another"), "the key 'another', which is not among those given"),
        (lambda files: change_header(files, typ="JWT"), "The signature does not hold"),
    ],
)
async def test_forged_signatures_are_refused(files: Files, forge: Callable[[Files], str], words: str) -> None:
    files.summary = forge(files)
    code, said = files.verify()
    assert code == 1 and words in said


async def test_the_key_of_another_issuer_is_refused(files: Files) -> None:
    other = signing.read_keys(signing.make_keys(), "other")
    files.keys = json.loads(other.publish())
    assert "is not among those given" in files.verify()[1]
    files.keys["keys"][0]["kid"] = KEYS.private.thumbprint()  # a file that passes another key off for the right one
    summary, keys, _ = files.write()
    result = CliRunner().invoke(app, ["verify-summary", str(summary), "--keys", str(keys)])
    assert result.exit_code == 1 and "is not among those given" in str(result.exception)
    alone = subprocess.run([sys.executable, "-I", SCRIPT, summary, keys], capture_output=True, text=True)
    assert alone.returncode == 1 and "does not hold" in alone.stderr


def change_answer(section: dict[str, Any]) -> None:
    section["content"]["answers"]["trained"]["value"] = "99"


def change_trace(section: dict[str, Any]) -> None:
    section["content"]["trace"]["lines"][0]["points"] = "100/7"


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (change_answer, "section labour: answers, trace or files were changed"),
        (change_trace, "section labour: answers, trace or files were changed"),
        (lambda section: section.update(salt="00" * 16), "section labour: answers, trace or files were changed"),
        (lambda section: section.update(section="safety"), "section safety: holds the content of another one"),
        (lambda section: section.update(submission="x"), "section labour: belongs to another submission"),
    ],
)
async def test_forged_sections_are_named(files: Files, forge: Callable[[dict[str, Any]], None], words: str) -> None:
    assert files.verify()[0] == 0
    forge(files.section)
    code, said = files.verify()
    assert code == 1 and words in said, said


async def test_a_changed_text_is_named(unwatched: Stage, tmp_path: Path) -> None:
    submitted = await unwatched.submit(unwatched.weaver, remark="The night shift is small.")
    files = await fetch_files(unwatched, tmp_path, submitted, "facts")
    assert files.verify()[0] == 0
    next(one for one in files.section["secrets"].values() if one["text"] != "[]")["text"] = "It is large."
    code, said = files.verify()
    assert code == 1 and "section facts: a text or file does not fit its digest" in said


async def test_parts_that_are_missing_are_no_fault_of_ours(files: Files) -> None:
    whole = copy.deepcopy(files.section)
    for name in whole:
        files.section = {key: value for key, value in whole.items() if key != name}
        summary, keys, section = map(str, files.write())
        result = CliRunner().invoke(app, ["verify-summary", summary, "--keys", keys, "--section", section])
        assert (result.exit_code, "section" in result.output) == (0 if name == "title" else 1, True), name
    for name in set(files.content) - {"revision"}:
        broken = {key: value for key, value in files.content.items() if key != name}
        if name in ("format", "header", "root", "sections", "state", "valid_until", *summaries.SEALED):
            assert summaries.find_faults(broken, date.fromisoformat(files.content["submitted_on"])) != [], name


async def test_an_issuer_that_contradicts_its_seal_is_found(files: Files) -> None:
    day = date.fromisoformat(files.content["submitted_on"])
    for name, value in (
        ("tier", "micro"),
        ("total", "99"),
        ("band", "c"),
        ("coverage", "1"),
        ("period_end", "2027-01-31"),
    ):
        assert summaries.find_faults(files.content | {name: value}, day) == [f"{name}: not what was sealed"]
    moved = files.content | {"sections": files.content["sections"] | {"labour": "00" * 32}}
    assert summaries.find_faults(moved, day) == ["root: header or section hashes were changed"]


async def test_keys_are_cached_and_tagged(unwatched: Stage) -> None:
    first = await unwatched.fetch(None, "/.well-known/jwks.json")
    assert first.headers["cache-control"] == "public, max-age=3600"
    assert first.headers["content-type"] == "application/jwk-set+json"
    again = await unwatched.fetch(None, "/.well-known/jwks.json", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_what_is_no_id_or_takes_no_parameter(unwatched: Stage) -> None:
    owner, none = unwatched.weaver.organization, "00000000-0000-7000-8000-000000000000"
    for path in (f"/summaries/{owner}/x.jws", f"/summaries/{owner}/{none}.jws", f"/summaries/{owner}/{none}/a.json"):
        assert (await unwatched.fetch(unwatched.weaver, path)).status_code == 404
    refused = await unwatched.fetch(unwatched.weaver, f"/summaries/{owner}/{none}.jws?locale=es")
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (400, "PARAMETER")
