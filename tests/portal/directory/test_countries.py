"""Countries in any spelling, and what is said where a spelling is not sure."""

import csv
from importlib import resources

import pytest

from portal.directory import countries
from portal.directory.countries import CountryReason


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[("VIETNAM", "VN"), ("Viet Nam", "VN"), ("viet-nam", "VN"), ("Việt Nam", "VN"), ("VNM", "VN"), ("vn", "VN")],
        *[("Türkiye", "TR"), ("TURKIYE", "TR"), ("Turkey", "TR"), ("UAE", "AE"), ("U.A.E.", "AE"), ("U.S.", "US")],
        *[
            ("P.R. China", "CN"),
            ("China (Mainland)", "CN"),
            ("中国", "CN"),
            ("الصين", "CN"),
            ("Çin", "CN"),
            ("ÇİN", "CN"),
        ],
        *[
            ("Áo", "AT"),
            ("AO", "AO"),
            ("Mỹ", "US"),
            ("MY", "MY"),
            ("Nga", "RU"),
            ("NGA", "NG"),
            ("Bỉ", "BE"),
            ("BI", "BI"),
        ],
        *[("Côte d’Ivoire", "CI"), ("cote divoire", "CI"), ("Korea, South", "KR"), ("Congo, Dem. Rep.", "CD")],
        *[("Tanzania, United Republic of", "TZ"), ("VN - Vietnam", "VN"), ("Bangladesh (BD)", "BD")],
        *[("Hong Kong SAR", "HK"), ("China, Hong Kong", "HK"), ("Taiwan, R.O.C.", "TW"), ("Macau", "MO")],
        *[("The Netherlands", "NL"), ("Holanda", "NL"), ("Deutschland", "DE"), ("Niemcy", "DE"), ("ドイツ", "DE")],
        *[("ＣＨＩＮＡ", "CN"), ("Vietnam*", "VN"), ("Slovak Republic", "SK"), ("Kosovo", "XK"), ("Ινδία", "IN")],
    ],
)
def test_a_spelling_means_its_country_without_a_note(text: str, code: str) -> None:
    reading = countries.read_country(text)
    assert reading.country is not None
    assert (reading.country.iso2, reading.reason) == (code, None)


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("Georgia", "GE", CountryReason.NOTED),
        ("Korea", "KR", CountryReason.NOTED),
        ("Guinea", "GN", CountryReason.NOTED),
        ("NA", "NA", CountryReason.NOTED),
        ("England", "GB", CountryReason.PART),
        ("Guangdong", "CN", CountryReason.PART),
        ("Shenzhen, China", "CN", CountryReason.PART),
        ("US-TX", "US", CountryReason.PART),
    ],
)
def test_a_spelling_that_may_mislead_carries_a_note(text: str, code: str, reason: CountryReason) -> None:
    reading = countries.read_country(text)
    assert reading.country is not None
    assert (reading.country.iso2, reading.reason) == (code, reason)
    assert reading.note


@pytest.mark.parametrize(
    ("text", "reason", "near"),
    [
        ("Congo", CountryReason.AMBIGUOUS, ["CG", "CD"]),
        ("Virgin Islands", CountryReason.AMBIGUOUS, ["VG", "VI"]),
        ("Georgia, USA", CountryReason.AMBIGUOUS, ["GE", "US"]),
        ("US-CA", CountryReason.AMBIGUOUS, ["US", "CA"]),
        ("Czechoslovakia", CountryReason.DISSOLVED, ["CZ", "SK"]),
        ("E.U.", CountryReason.REGION, []),
        ("Bangaldesh", CountryReason.UNKNOWN, ["BD"]),
        ("Atlantis", CountryReason.UNKNOWN, []),
        ("N/A", CountryReason.MISSING, []),
        ("", CountryReason.MISSING, []),
    ],
)
def test_a_spelling_that_is_not_sure_gives_no_country(text: str, reason: CountryReason, near: list[str]) -> None:
    reading = countries.read_country(text)
    assert (reading.country, reading.reason) == (None, reason)
    assert [country.iso2 for country in reading.suggestions] == near


def test_every_shipped_name_is_read_as_its_country_or_with_a_note() -> None:
    text = resources.files("portal.directory").joinpath("data", "country_names.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        reading = countries.read_country(row["name"], suggest=False)
        meant = reading.country.iso2 if reading.country else None
        assert meant == row["iso2"] or reading.reason is CountryReason.AMBIGUOUS, row


def test_every_country_is_found_by_its_codes_and_has_a_region_where_the_united_nations_give_one() -> None:
    found = countries.list_countries()
    assert len(found) == 250
    assert all(countries.find_country(code) is one for one in found for code in (one.iso2, one.iso3.lower()))
    assert {one.iso2 for one in found if not one.region} == {"AQ", "XK"}
    assert {one.region for one in found if one.region} == {"Africa", "Americas", "Asia", "Europe", "Oceania"}
    vietnam = countries.find_country("VN")
    assert vietnam is not None
    assert (vietnam.region, vietnam.subregion) == ("Asia", "South-eastern Asia")
