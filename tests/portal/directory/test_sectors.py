"""Sectors in codes and words: a division where it is sure, text where it is not."""

import pytest

from portal.directory import sectors


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        *[("Apparel", ("14",)), ("GARMENTS", ("14",)), ("Vêtements", ("14",)), ("服装", ("14",)), ("may mặc", ("14",))],
        *[("Footwear|Leather", ("15",)), ("Apparel|Mining", ("14", "B")), ("Textiles & Apparel", ("13", "14"))],
        *[("Garments, Footwear", ("14", "15")), ("Food/Beverages", ("10", "11")), ("Real estate", ("68",))],
        *[
            ("C14", ("14",)),
            ("14.13", ("14",)),
            ("NACE C14.13", ("14",)),
            ("ISIC Rev.4: 1410", ("14",)),
            ("L68", ("68",)),
        ],
        *[
            ("14 - Manufacture of wearing apparel", ("14",)),
            ("Paper and paper products", ("17",)),
            ("NAF 14.13Z", ("14",)),
        ],
    ],
)
def test_a_sure_text_gives_divisions_of_the_stored_scheme(text: str, codes: tuple[str, ...]) -> None:
    reading = sectors.read_sector(text)
    assert (reading.codes, reading.scheme, reading.unread) == (codes, "ISIC Rev.4", ())
    assert reading.text == text


@pytest.mark.parametrize(
    "text", ["14", "61", "1413", "2321", "Health", "Sundries", "ISIC Rev. 5 45", "C99", "12 - Apparel"]
)
def test_an_unsure_text_stays_text(text: str) -> None:
    reading = sectors.read_sector(text)
    assert (reading.codes, reading.scheme, reading.unread) == ((), None, (text,))


def test_a_part_that_is_not_sure_stays_text_beside_one_that_is() -> None:
    reading = sectors.read_sector("Apparel|Health")
    assert (reading.codes, reading.unread) == (("14",), ("Health",))


@pytest.mark.parametrize(
    ("scheme", "text", "codes"),
    [
        ("NACE Rev.2", "1413", ("14",)),
        ("ISIC Rev.5", "62", ("62",)),
        ("ISIC Rev.4", "45", ("45",)),
        ("NACE Rev.2.1", "14", ("14",)),
    ],
)
def test_a_bare_number_is_read_where_the_header_names_the_scheme(
    scheme: str, text: str, codes: tuple[str, ...]
) -> None:
    assert sectors.read_sector(text, scheme=scheme).codes == codes


def test_a_section_letter_means_what_its_scheme_says() -> None:
    assert sectors.read_sector("M", scheme="ISIC Rev.4").sectors[0].title.startswith("Professional")
    assert sectors.read_sector("N", scheme="ISIC Rev.5").codes == ("M",)
    assert sectors.read_sector("M", scheme="ISIC Rev.5").codes == ()


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("NACE code", "NACE Rev.2"),
        ("NACE Rev. 2.1", "NACE Rev.2.1"),
        ("ISIC Rev.5", "ISIC Rev.5"),
        ("ISIC Rev.3", None),
    ],
)
def test_a_header_names_its_scheme(text: str, scheme: str | None) -> None:
    assert sectors.name_scheme(text) == scheme


def test_every_title_and_code_of_the_stored_scheme_is_read_as_itself() -> None:
    for sector in sectors.list_sectors():
        assert sectors.read_sector(sector.code, scheme=sectors.STORED_SCHEME).codes == (sector.code,)
        section = sectors.find_section(sector)
        assert section.parent == ""
