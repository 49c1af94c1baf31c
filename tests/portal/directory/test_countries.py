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
        *[
            ("中國大陸", "CN"),
            ("Made in China", "CN"),
            ("🇨🇳", "CN"),
            ("中国香港", "HK"),
            ("中國台灣", "TW"),
            ("澳门", "MO"),
        ],
        *[("Macau, China", "MO"), ("Taiwan Region", "TW"), ("Republic of Turkey", "TR"), ("Rep. of Ireland", "IE")],
        *[("FYR Macedonia", "MK"), ("Mazedonien", "MK"), ("Slovak Rep.", "SK"), ("United Rep. of Tanzania", "TZ")],
        *[("RSA", "ZA"), ("Saudi", "SA"), ("B'desh", "BD"), ("Bharat", "IN"), ("Kampuchea", "KH"), ("S'pore", "SG")],
        *[("Puerto Rico, USA", "PR"), ("Saipan, USA", "MP"), ("Elfenbeinküste", "CI"), ("Weißrussland", "BY")],
        *[("Bosnien-Herzegowina", "BA"), ("Tschechische Republik", "CZ"), ("Oesterreich", "AT"), ("VAE", "AE")],
        *[("BRD", "DE"), ("ABD", "US"), ("A.B.D.", "US"), ("EAU", "AE"), ("Birmanie", "MM"), ("Île Maurice", "MU")],
        *[("США", "US"), ("РФ", "RU"), ("米国", "US"), ("アメリカ", "US"), ("ミャンマー", "MM"), ("ประเทศไทย", "TH")],
        *[("Éire", "IE"), ("Shqipëria", "AL"), ("H.K.", "HK"), ("U.K.", "GB")],
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
        ("United States - CA", "US", CountryReason.PART),
        ("North Vietnam", "VN", CountryReason.PART),
        ("South India", "IN", CountryReason.PART),
        ("Republic of China", "TW", CountryReason.NOTED),
        ("EL", "GR", CountryReason.NOTED),
        ("VS", "US", CountryReason.NOTED),
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
        ("Absurdistan", CountryReason.UNKNOWN, []),
        ("Wakanda", CountryReason.UNKNOWN, []),
        ("Portugl", CountryReason.UNKNOWN, ["PT"]),
        ("Chnia", CountryReason.UNKNOWN, ["CN", "CZ"]),
        ("T.C.", CountryReason.UNKNOWN, []),
        ("E.S.", CountryReason.UNKNOWN, []),
        ("D", CountryReason.UNKNOWN, []),
        ("South Asia", CountryReason.REGION, []),
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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12 Mirpur Rd, Dhaka 1216, Bangladesh.", "BD"),
        ("5 Le Loi; HCMC; VIET NAM", "VN"),
        ("1 Raffles Place, Singapore 048616", "SG"),
        ("Plot 5, Dodoma, Tanzania, United Republic of", "TZ"),
        ("3 High St, Leeds, UK", "GB"),
        ("12 Main St, Los Angeles, CA", None),
        ("4 Pine St, Dover, DE 19901", None),
        ("9 Peachtree St, Atlanta, Georgia", None),
        ("Bangladesh", None),
        ("12 Mirpur Rd, Dhaka", None),
        ("", None),
    ],
)
def test_an_address_may_end_in_its_country_and_a_code_of_a_state_is_none(text: str, code: str | None) -> None:
    reading = countries.read_end(text)
    assert (reading.country.iso2 if reading.country else None) == code
    assert reading.reason is (CountryReason.PART if code else CountryReason.MISSING)


@pytest.mark.parametrize(
    ("values", "writing"),
    [
        (["D", "A", "CH", ""], countries.ShortWriting.PLATE),
        (["050", "704"], countries.ShortWriting.NUMERIC),
        (["DE", "AT", "VN"], None),
        (["D", "Austria"], None),
        (["880", "84"], None),
        ([], None),
    ],
)
def test_car_plates_and_numbers_are_countries_where_all_of_a_column_are(
    values: list[str], writing: countries.ShortWriting | None
) -> None:
    assert countries.find_short_writing(values) is writing


def test_a_plate_and_a_number_are_read_with_a_note() -> None:
    plate = countries.read_short("D", countries.ShortWriting.PLATE)
    number = countries.read_short("380", countries.ShortWriting.NUMERIC)
    assert [(one.country.iso2, one.reason) for one in (plate, number) if one and one.country] == [
        ("DE", CountryReason.NOTED),
        ("IT", CountryReason.NOTED),
    ]
    assert countries.read_short("D", None) is None
