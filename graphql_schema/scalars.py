"""The scalars of the API: strict on input, with errors that say what is allowed, and one spelling on output."""

import datetime
import decimal
import functools
import re
import uuid
from collections.abc import Callable
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from portal.directory import countries

Locale = NewType("Locale", str)
CountryCode = NewType("CountryCode", str)
JSON = NewType("JSON", object)

_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _refuse(allowed: str) -> GraphQLError:
    return GraphQLError(f"Allowed: {allowed}.", extensions={"code": "INVALID_INPUT"})


def _parse_text(value: Any, pattern: re.Pattern[str], allowed: str) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise _refuse(allowed)
    return value


def parse_decimal(value: Any) -> decimal.Decimal:
    allowed = 'a number as a string, like "12.50", with at most 18 digits before the point and 12 behind it'
    return decimal.Decimal(_parse_text(value, _DECIMAL, allowed))


def parse_date(value: Any) -> datetime.date:
    allowed = 'a day as a string, like "2026-03-31"'
    try:
        return datetime.date.fromisoformat(_parse_text(value, _DATE, allowed))
    except ValueError:
        raise _refuse(allowed) from None


def parse_moment(value: Any) -> datetime.datetime:
    allowed = 'a moment with its zone as a string, like "2026-03-31T08:30:00Z"'
    try:
        moment = datetime.datetime.fromisoformat(_parse_text(value, _MOMENT, allowed))
        return moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise _refuse(allowed) from None


def parse_uuid(value: Any) -> uuid.UUID:
    return uuid.UUID(_parse_text(value, _UUID, 'a UUID as a string, like "018f2f3c-7b1a-7c3d-8e4f-0123456789ab"'))


def parse_locale(value: Any) -> Locale:
    return Locale(_parse_text(value, _LOCALE, 'a BCP 47 language tag, like "en", "pt-BR" or "zh-Hans"'))


@functools.cache
def _list_codes() -> frozenset[str]:
    return frozenset(country.iso2 for country in countries.list_countries())


def parse_country(value: Any) -> CountryCode:
    if not isinstance(value, str) or value not in _list_codes():
        raise _refuse('an ISO 3166-1 code of two capital letters, like "VN"')
    return CountryCode(value)


def _refuse_input(value: Any) -> Any:
    raise _refuse("nothing; JSON is for output only")


def write_decimal(value: Any) -> str:
    """Digits without exponent; takes what the database's JSON gives, but no float, which is not exact."""
    if isinstance(value, bool | float):
        raise TypeError(f"A {type(value).__name__} cannot become a Decimal.")
    return format(decimal.Decimal(value), "f")


def write_date(value: datetime.date | str) -> str:
    return (datetime.date.fromisoformat(value) if isinstance(value, str) else value).isoformat()


def write_moment(value: datetime.datetime | str) -> str:
    """The moment in UTC with Z; one without a zone is a fault of ours."""
    moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise TypeError("A moment without a zone cannot become a DateTime.")
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def _define(
    name: str, description: str, parse: Callable[[Any], Any], write: Callable[[Any], Any], url: str | None = None
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, description=description, parse_value=parse, serialize=write, specified_by_url=url
    )


SCALARS: dict[object, ScalarDefinition] = {
    decimal.Decimal: _define("Decimal", 'An exact number as a string, like "12.50".', parse_decimal, write_decimal),
    datetime.date: _define("Date", 'A day as a string, like "2026-03-31".', parse_date, write_date),
    datetime.datetime: _define(
        "DateTime", 'A moment in UTC as a string with zone, like "2026-03-31T08:30:00Z".', parse_moment, write_moment
    ),
    uuid.UUID: _define(
        "UUID",
        "A UUID as a string, chosen by the client for ids of writes.",
        parse_uuid,
        str,
        "https://www.rfc-editor.org/rfc/rfc9562",
    ),
    Locale: _define(
        "Locale",
        'A BCP 47 language tag, like "en" or "pt-BR".',
        parse_locale,
        str,
        "https://www.rfc-editor.org/rfc/bcp/bcp47.txt",
    ),
    CountryCode: _define("CountryCode", 'An ISO 3166-1 alpha-2 country code, like "VN".', parse_country, str),
    JSON: _define("JSON", "A JSON value; only questionnaire documents have this type.", _refuse_input, lambda v: v),
}
