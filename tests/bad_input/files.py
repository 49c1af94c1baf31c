"""Files that are refused: as they are sent, as documents, as supplier lists."""

from tests.bad_input.cases import file, suppliers, upload
from tests.portal.assessments import files

UPLOADS = [
    upload("an empty file", b"", "EMPTY", "content"),
    upload("a file that is too large", b"x" * 2_000_001, "TOO_LARGE", "2000000"),
    upload("an unknown link", b"x", "NOT_FOUND", "Upload-Token", upload_token="x"),
    upload("a compressed body", b"x", "CONTENT_ENCODING", "as it is", content_encoding="gzip"),
    upload("a part of a file", b"x", "PARTIAL", "whole", content_range="bytes 0-0/2"),
    file("a page as PDF", "a.pdf", b"<html><script>alert(1)</script></html>", "TYPE_NOT_ALLOWED", "PDF, DOCX"),
    file(
        "a PDF with a program",
        "a.pdf",
        files.make_pdf(b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"),
        "ACTIVE_CONTENT",
        "new PDF",
    ),
    file("an archive with a password", "a.docx", files.make_locked_zip(), "ENCRYPTED", "without the password"),
    file("a PDF named as a picture", "a.png", files.make_pdf(), "EXTENSION_MISMATCH", "name it was saved under"),
]
LISTS = [
    suppliers("a list of nothing", " ", "LIST_EMPTY", (), "one supplier a row"),
    suppliers("a list without countries", "Name\nMill\n", "MISSING", (), "COUNTRY"),
    suppliers(
        "a picture as a list", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "NOT_A_LIST", (), "CSV file or an Excel workbook"
    ),
    suppliers(
        "an unknown country",
        "Name,Country\nMill,Atlantis\n",
        "COUNTRY_UNKNOWN",
        ("Country",),
        "two- or three-letter code",
    ),
    suppliers("a row without a name", "Name,Country\n,Viet Nam\n", "NAME_MISSING", ("Name",), "the company's name"),
    suppliers(
        "an address that is none",
        "Name,Country,E-mail\nMill,VN,mill at home\n",
        "EMAIL_MALFORMED",
        ("E-mail",),
        "name@company.com",
    ),
]
CASES = [*UPLOADS, *LISTS]
