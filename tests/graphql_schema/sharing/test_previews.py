"""Small pictures of pictures: without what a camera notes, by the same links as the files; and who opened which."""

import io
import tempfile
from typing import Any

import obstore
import pytest
from obstore.store import ObjectStore
from PIL import ExifTags, Image

from portal import storage
from portal.assessments import evidence_previews
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage
from tests.graphql_schema.sharing.test_evidence import ATTACH
from tests.graphql_schema.sharing.test_evidence_counts import DELETE
from tests.graphql_schema.sharing.test_stored_files import verify
from tests.portal.assessments import files

pytestmark = pytest.mark.slow  # waits for files to be checked

SEEN = """
query ($id: ID!) { node(id: $id) { ... on Evidence { hasPreview
  openedBy { reader { name } readerRole purpose openedAt } } } }
"""
SHARED = """
query ($id: ID!) { supplier(id: $id, questionnaire: "sample") {
  latestResult { evidence { evidenceId hasPreview } } } }
"""
Kept = tuple[Stage, ObjectStore]


def draw(width: int, height: int, kind: str = "JPEG", **more: Any) -> bytes:
    """A picture, red on its left half and blue on its right."""
    picture = Image.new("RGB", (width, height), "blue")
    picture.paste("red", (0, 0, width // 2, height))
    made = io.BytesIO()
    picture.save(made, kind, **more)
    return made.getvalue()


def note_place() -> Image.Exif:
    """What a telephone writes into a picture: where, with what, by whom, and that it was held sideways."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Artist] = "Telephone", "Somebody"
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (10.0, 46.0, 37.0)
    return exif


async def fetch(stage: Stage, caller: Any, evidence: str) -> bytes:
    link = await stage.change(caller, documents.DOWNLOAD, evidenceId=evidence, preview=True)
    answer = await stage.get(link["url"])
    assert answer.status_code == 200
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == ("image/jpeg", "nosniff")
    assert answer.headers["content-disposition"].startswith('attachment; filename="photo (preview).jpg"')
    return answer.content


async def test_a_picture_has_a_preview_without_what_the_camera_noted(kept: Kept) -> None:
    stage, store = kept
    photo = draw(2000, 1000, exif=note_place(), comment=b"a secret comment")
    assert b"Telephone" in photo
    evidence = await stage.send(stage.weaver, photo, "photo.jpg", kind="PHOTO")
    await stage.wait_for(stage.weaver, evidence)
    await stage.wait_for_jobs()
    assert (await stage.ask(stage.weaver, SEEN, id=evidence))["node"]["hasPreview"] is True
    small = await fetch(stage, stage.weaver, evidence)
    for word in (b"Telephone", b"Somebody", b"secret", b"Exif"):
        assert word not in small
    with Image.open(io.BytesIO(small)) as seen:
        assert (seen.format, seen.size, dict(seen.getexif())) == ("JPEG", (240, 480), {})
        top: Any = seen.getpixel((120, 40))  # turned upright: red is above
        assert top[0] > 200 > 60 > top[2]
    faults, count = await verify(stage, store)
    assert (faults, count.rows, count.files) == ([], 2, 2)
    gone = await stage.change(stage.weaver, DELETE, evidenceId=evidence)
    assert gone["__typename"] == "EvidenceDeleted"
    await stage.wait_for_jobs()
    left = [meta["path"] for page in obstore.list(store) for meta in page]
    assert [path for path in left if not path.startswith("audit/")] == []


async def test_what_is_no_picture_or_a_bad_one_has_none(stage: Stage) -> None:
    bad = [
        (files.make_pdf(), "a.pdf"),
        (files.make_jpeg(900, 900), "broken.jpg"),
        (files.make_png(9_000, 9_000), "flood.png"),
        (files.make_heic(), "a.heic"),
    ]
    for content, name in bad:
        evidence = await stage.send(stage.weaver, content, name)
        assert (await stage.wait_for(stage.weaver, evidence))["state"] == "AVAILABLE", name
        await stage.wait_for_jobs()
        assert (await stage.ask(stage.weaver, SEEN, id=evidence))["node"]["hasPreview"] is False, name
        refused = await stage.change(stage.weaver, documents.DOWNLOAD, evidenceId=evidence, preview=True)
        assert refused["code"] == "NO_PREVIEW"
    assert await stage.house.fetch("SELECT 1 FROM queue.pgqueuer") == []


async def test_a_buyer_opens_what_is_shared_and_the_supplier_sees_it(stage: Stage) -> None:
    evidence = await stage.send(stage.weaver, draw(900, 900, "PNG"), "photo.png", kind="RECORD")
    await stage.wait_for(stage.weaver, evidence)
    await stage.wait_for_jobs()
    draft = await stage.draft(stage.weaver)
    place = {"assessmentId": stage.name("asmt", stage.weaver, draft[0]), "question": "fees_repaid"}
    await stage.change(stage.weaver, ATTACH, **place, evidenceId=evidence)
    submitted = await stage.submit(stage.weaver, (draft[0], draft[1] + 1))
    refused = await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=evidence, preview=True)
    assert refused["code"] == "NOT_FOUND"
    await stage.share(stage.weaver, stage.maker, submitted, includeEvidence=True)
    await stage.wait_for_jobs()  # the buyer's card names the latest result
    shared = await stage.ask(stage.maker, SHARED, id=stage.name_record(stage.maker, stage.weaver))
    assert shared["supplier"]["latestResult"]["evidence"] == [{"evidenceId": evidence, "hasPreview": True}]
    await fetch(stage, stage.maker, evidence)
    link = await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=evidence)
    assert (await stage.get(link["url"])).content == draw(900, 900, "PNG")
    opened = (await stage.ask(stage.weaver, SEEN, id=evidence))["node"]["openedBy"]
    assert [(one["readerRole"], one["purpose"]) for one in opened] == [("OWNER", "Trust")] * 2
    assert opened[0]["reader"]["name"]
    assert opened[0]["openedAt"] >= opened[1]["openedAt"]


@pytest.mark.parametrize("content", [b"", b"GIF89a" + bytes(99), draw(9, 9)[:-9], draw(8_000, 7_000, "PNG")])
def test_what_cannot_be_drawn_is_left_out(content: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        made = evidence_previews.draw(file)
        assert made is None


async def list_changing(stage: Stage) -> set[int]:
    """The transactions of clients that have changed something."""
    rows = await stage.house.fetch(
        "SELECT backend_xid::text::bigint FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend' AND backend_xid IS NOT NULL"
    )
    return {row[0] for row in rows}


async def test_a_slow_storage_holds_up_nobody_elses_feed(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that has changed something holds the feed of all; while the picture is written it has not yet."""
    stage, _ = kept
    seen: list[list[int]] = []
    write = storage.write

    async def look(store: ObjectStore, key: str, content: bytes) -> None:
        if key.startswith("previews/"):
            # Others write too, for a moment; what is open from before the first look until the last waits for the file.
            looks = [await list_changing(stage) for _ in range(20)]
            seen.append(sorted(set.intersection(*looks)))
        await write(store, key, content)

    monkeypatch.setattr(storage, "write", look)
    evidence = await stage.send(stage.weaver, draw(200, 100), "photo.jpg", kind="PHOTO")
    await stage.wait_for(stage.weaver, evidence)
    await stage.wait_for_jobs()
    assert seen == [[]]
    assert (await stage.ask(stage.weaver, SEEN, id=evidence))["node"]["hasPreview"] is True
