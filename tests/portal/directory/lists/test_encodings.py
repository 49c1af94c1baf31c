"""Encodings from before UTF-8 and from other systems than Windows: guessed where they are sure, else told."""

import pytest

from portal.directory.lists import columns, problems, rows, table

RUSSIAN = "Поставщик;Страна\nООО Ромашка;Россия\nФабрика Восход;Беларусь\n"
GERMAN = "Lieferant;Land\nNähwerk Größe GmbH;Österreich\nMüller & Söhne;Deutschland\n"
FRENCH = "Fournisseur;Pays\nCafé Été SARL;France\nNoël & Fils;Algérie\n"


@pytest.mark.parametrize(
    ("content", "encoding", "name"),
    [
        (RUSSIAN, "koi8_r", "ООО Ромашка"),
        (RUSSIAN, "cp1251", "ООО Ромашка"),
        (RUSSIAN.upper(), "cp1251", "ООО РОМАШКА"),
        (GERMAN, "cp850", "Nähwerk Größe GmbH"),
        (GERMAN, "cp1252", "Nähwerk Größe GmbH"),
        (FRENCH, "mac_roman", "Café Été SARL"),
        (FRENCH, "cp1252", "Café Été SARL"),
    ],
)
def test_the_encoding_is_guessed(content: str, encoding: str, name: str) -> None:
    opened = table.read_table(content.encode(encoding))
    assert opened.encoding == encoding
    first = next(rows.read_rows(opened, columns.plan_columns(opened))).record
    assert first
    assert first.name == name


def test_a_single_letter_that_fits_two_old_encodings_is_told_and_not_guessed() -> None:
    opened = table.read_table("Lieferant;Land\nMüller;Deutschland\n".encode("cp850"))
    (row,) = rows.read_rows(opened, columns.plan_columns(opened))
    assert [problem.code for problem in row.problems] == ["UNDECODABLE"]
    assert "cp850" in row.problems[0].allowed


def test_a_guess_that_leaves_no_column_is_named_in_the_refusal() -> None:
    opened = table.read_table("Tên nhà máy;Quốc gia\nCông ty May;Trung Quốc\n".replace("ố", "ô\u0301").encode("cp1258"))
    with pytest.raises(problems.ListRefused, match="If letters look wrong, give the encoding"):
        list(rows.read_rows(opened, columns.plan_columns(opened)))
