"""Numbers, dates and choices as people type them in many countries; what has two meanings is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import canonical, spellings, wording
from questionnaires.spellings import Unclear

NUMBERS = {
    "12": "12",
    " 12.50 ": "12.5",
    "12,5": "12.5",
    "1.234,56": "1234.56",
    "1,234.56": "1234.56",
    "1 234,5": "1234.5",
    "1\u202f234\u00a0567": "1234567",
    "1'234'567.5": "1234567.5",
    "1.234.567": "1234567",
    "12,34,567": "1234567",
    "0.125": "0.125",
    "0,125": "0.125",
    "1234.567": "1234.567",
    "١٢٫٥": "12.5",
    "۱۲۳": "123",
    "१२": "12",
    "１２．５": "12.5",
    "١٬٢٣٤٬٥٦٧": "1234567",
    "−3": "-3",
    "\u200e-3": "-3",
    ".5": "0.5",
    "007": "7",
}


@pytest.mark.parametrize(("written", "meant"), NUMBERS.items())
def test_numbers_of_many_countries(written: str, meant: str) -> None:
    assert spellings.read_number(written) == meant


@pytest.mark.parametrize(
    "written", ["", "abc", "1.2.3", "1,23.45,6", "12-3", "1e5", "NaN", "1" * 61, "--3", "1,2345,678"]
)
def test_what_is_no_number_is_told(written: str) -> None:
    with pytest.raises(Unclear) as refused:
        spellings.read_number(written)
    assert refused.value.code == "number_unclear"


@pytest.mark.parametrize("written", ["1.234", "1,234", "١٬٢٣٤", "12.345", "-1.234", "+1,234", "−1,234"])
def test_one_mark_before_three_digits_is_never_guessed(written: str) -> None:
    with pytest.raises(Unclear) as refused:
        spellings.read_number(written)
    assert refused.value.code == "number_ambiguous"
    first, second = refused.value.parameters["first"], refused.value.parameters["second"]
    assert Decimal(first) == Decimal(second) * 1000
    assert spellings.read_whole_number(written) == first
    assert first.startswith("-") == (written[0] in "-−")


def test_units_and_percent_signs_are_taken_off() -> None:
    assert spellings.read_number("85 %", is_percent=True) == "85"
    assert spellings.read_number("٨٥٪", is_percent=True) == "85"
    assert spellings.read_number("1200 kWh", unit="kWh") == "1200"
    assert spellings.read_number("12 Persons", unit="person") == "12"
    with pytest.raises(Unclear) as refused:
        spellings.read_number("3 MWh", unit="kWh")
    assert (refused.value.code, refused.value.parameters["unit"]) == ("unit_unclear", "kWh")
    with pytest.raises(Unclear):
        spellings.read_number("85 %")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12))
def test_the_canonical_spelling_reads_as_itself_unless_it_has_two_meanings(number: Decimal) -> None:
    written = canonical.write_decimal(number)
    whole, _, decimals = written.lstrip("-").partition(".")
    if len(decimals) == 3 and whole != "0" and len(whole) < 4:
        with pytest.raises(Unclear) as refused:
            spellings.read_number(written)
        assert refused.value.code == "number_ambiguous"
    else:
        assert spellings.read_number(written) == written


DATES = {
    ("2026-01-31", "en"): "2026-01-31",
    ("2026/1/31", "zh-Hans"): "2026-01-31",
    ("2026年1月31日", "zh-Hans"): "2026-01-31",
    ("31/01/2026", "en"): "2026-01-31",
    ("1/31/2026", "en"): "2026-01-31",
    ("03/04/2026", "vi"): "2026-04-03",
    ("03-04-2026", "es"): "2026-04-03",
    ("3.4.2026", "en"): "2026-04-03",
    ("٠٣/٠٤/٢٠٢٦", "ar"): "2026-04-03",
    ("4/4/2026", "en"): "2026-04-04",
    ("2026-01-31T00:00:00", "en"): "2026-01-31",
    ("2026-01-31 00:00:00", "en"): "2026-01-31",
}


@pytest.mark.parametrize(("written", "locale", "meant"), [(*key, meant) for key, meant in DATES.items()])
def test_dates_of_many_countries(written: str, locale: str, meant: str) -> None:
    assert spellings.read_date(written, locale) == meant


def test_a_date_with_two_meanings_is_refused_with_both() -> None:
    with pytest.raises(Unclear) as refused:
        spellings.read_date("03/04/2026", "en")
    assert refused.value.code == "date_ambiguous"
    assert set(refused.value.parameters.values()) == {"03/04/2026", "2026-04-03", "2026-03-04"}


@pytest.mark.parametrize(
    "written", ["", "31", "2026-13-01", "30/02/2026", "1/2/26", "yesterday", "2026-01", "1-2/2026"]
)
def test_what_is_no_date_is_told(written: str) -> None:
    with pytest.raises(Unclear) as refused:
        spellings.read_date(written, "vi")
    assert refused.value.code == "date_unclear"


def test_days_of_spreadsheets_count_from_two_beginnings() -> None:
    assert spellings.read_serial(Decimal(45000), since_1904=False) == "2023-03-15"
    assert spellings.read_serial(Decimal("43538.7"), since_1904=True) == "2023-03-15"
    assert spellings.read_serial(Decimal(1), since_1904=False) == "1900-01-01"
    for wrong in ("0", "-3", "99999999"):
        with pytest.raises(Unclear):
            spellings.read_serial(Decimal(wrong), since_1904=False)


@pytest.mark.parametrize("language", wording.list_languages())
def test_yes_and_no_in_every_language(language: str) -> None:
    words = wording.Words(language)
    assert spellings.read_boolean(words.say("yes").upper()) is True
    assert spellings.read_boolean(f" {words.say('no')} ") is False


def test_marks() -> None:
    assert all(spellings.read_mark(one) for one in ("x", "X", "✓", "yes", "نعم", "1", "ｘ"))
    assert not any(spellings.read_mark(one) for one in ("", " ", "no", "0", "否"))
    with pytest.raises(Unclear):
        spellings.read_mark("maybe")
