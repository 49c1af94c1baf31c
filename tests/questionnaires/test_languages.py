"""Language tags: spelling, direction, what stands in for what, and which one is chosen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import languages

TAGS = st.from_regex(r"\A[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z")


@pytest.mark.parametrize(
    ("text", "tag"),
    [("ES", "es"), ("zh-hans", "zh-Hans"), ("zh_hans_cn", "zh-Hans-CN"), ("es-419", "es-419"), ("PT-br", "pt-BR")],
)
def test_tags_have_one_spelling(text: str, tag: str) -> None:
    assert languages.spell_tag(text) == tag


@pytest.mark.parametrize("text", ["", "*", "e", "english", "de-CH-1901", "zh-Hans-CN-x", "en-", "../en"])
def test_what_is_no_tag(text: str) -> None:
    assert languages.spell_tag(text) is None


@pytest.mark.parametrize(
    ("locale", "direction"),
    [
        ("ar", "rtl"), ("ar-EG", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("ur-PK", "rtl"), ("uz-Arab", "rtl"),
        ("en", "ltr"), ("zh-Hans", "ltr"), ("vi", "ltr"), ("ug-Latn", "ltr"), ("az-Latn-AZ", "ltr"),
    ],
)  # fmt: skip
def test_direction(locale: str, direction: str) -> None:
    assert languages.find_direction(locale) == direction


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["es-MX"], "es"), (["es-419"], "es"), (["zh-CN"], "zh-Hans"), (["zh-SG"], "zh-Hans"), (["zh"], "zh-Hans"),
        (["zh-Hans-MY"], "zh-Hans"), (["ar-EG"], "ar"), (["fr-CA", "es"], "fr"), (["de", "vi-VN", "fr"], "vi"),
        (["zh-TW"], "en"), (["zh-Hant"], "en"), (["zh-HK", "fr"], "fr"), (["en-GB", "es"], "en"), (["de"], "en"),
        ([], "en"), (["zh-MO"], "en"),
    ],
)  # fmt: skip
def test_choice(wanted: list[str], chosen: str) -> None:
    assert languages.choose_locale(wanted, {"es", "fr", "vi", "ar", "zh-Hans"}, "en") == chosen


def test_another_form_of_the_language_serves_as_well() -> None:
    assert languages.choose_locale(["pt-PT"], {"pt-BR"}, "en") == "pt-BR"
    assert languages.choose_locale(["zh-TW"], {"zh-Hans-CN"}, "en") == "en"


def test_the_region_is_preferred_where_its_script_is_told_too() -> None:
    assert languages.choose_locale(["zh-TW"], {"zh-Hant", "zh-Hant-TW"}, "en") == "zh-Hant-TW"


def test_of_a_long_list_the_beginning_is_read() -> None:
    header = ", ".join(f"x{chr(97 + one)}" for one in range(25))
    assert len(languages.read_preferences(header)) == languages.MOST_PREFERENCES


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", ("es-MX", "en")),
        ("en;q=0.5, ar", ("ar", "en")),
        ("zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", ("zh-TW", "en-US")),
        ("fr;q=0, vi", ("vi",)),
        ("*, de;q=2, !!, es;q=x, pt-br;q=0.001", ("pt-BR",)),
        ("", ()),
    ],
)
def test_accept_language(header: str, wanted: tuple[str, ...]) -> None:
    assert languages.read_preferences(header) == wanted


@given(st.text(max_size=200))
def test_any_header_is_read(header: str) -> None:
    assert all(languages.spell_tag(tag) == tag for tag in languages.read_preferences(header))


@given(TAGS, st.sets(TAGS, max_size=6), TAGS)
def test_what_is_chosen_can_be_read_or_is_the_source(wanted: str, available: set[str], source: str) -> None:
    chosen = languages.choose_locale([wanted], available, source)
    assert chosen in available | {source}
    assert chosen == source or languages.is_near(chosen, wanted)
    assert languages.choose_locale([wanted], available | {wanted}, source) == wanted
