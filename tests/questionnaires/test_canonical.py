"""Canonical JSON after RFC 8785, with its own examples, and the one spelling of a decimal."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def reverse_keys(value: object) -> object:
    if isinstance(value, dict):
        return {key: reverse_keys(value[key]) for key in reversed(value)}
    return [reverse_keys(item) for item in value] if isinstance(value, list) else value


def test_keys_sort_by_utf16_code_units() -> None:
    # RFC 8785, section 3.2.3
    source = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical.write_canonical(source))) == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


def test_strings_as_in_the_standard() -> None:
    # RFC 8785, section 3.2.2.2
    source = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", "literals": [None, True, False]}
    expected = '{"literals":[null,true,false],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical.write_canonical(source) == expected.encode()


@given(JSON)
def test_stable_under_key_order_and_lossless(value: object) -> None:
    written = canonical.write_canonical(value)
    assert canonical.write_canonical(reverse_keys(value)) == written
    assert json.loads(written) == value


@pytest.mark.parametrize("value", [0.5, Decimal("0.5"), {"a": 1.0}, object(), {1, 2}])
def test_refuses_what_has_no_canonical_form(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical.write_canonical(value)


@pytest.mark.parametrize("value", [2**53, -(2**53)])
def test_refuses_integers_that_json_rounds(value: int) -> None:
    with pytest.raises(ValueError, match="exactly"):
        canonical.write_canonical(value)


def test_refuses_a_lone_surrogate() -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical.write_canonical("\ud800")


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.0", "1"), ("1", "1"), ("-0", "0"), ("0.00", "0"), ("1E+3", "1000"), ("1e-3", "0.001"), ("-12.50", "-12.5")],
)
def test_one_spelling_of_a_decimal(number: str, text: str) -> None:
    assert canonical.write_decimal(Decimal(number)) == text


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_refuses_what_is_no_number(number: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        canonical.write_decimal(Decimal(number))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_equal_decimals_are_written_alike(number: Decimal) -> None:
    written = canonical.write_decimal(number)
    assert Decimal(written) == number
    assert canonical.write_decimal(Decimal(written)) == written
    assert canonical.write_decimal(number + Decimal("0.0")) == canonical.write_decimal(number + Decimal("0.000"))


def test_hash_is_sha256_of_the_canonical_form() -> None:
    # printf '{"a":"1","b":[]}' | sha256sum
    expected = "5bba8bbe1b7299bef730e0a16fc8cd352645df55f93675fa143d03012548bd93"
    assert canonical.hash_document({"b": [], "a": "1"}) == expected
