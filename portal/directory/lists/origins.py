"""The country of each row: from its own cell, from the end of its address, or the one said for the whole list."""

from __future__ import annotations

from portal.directory import countries
from portal.directory.lists import columns, problems
from portal.directory.lists.drafts import Draft
from portal.directory.lists.fields import Field

_SUGGESTED_SPELLINGS = 200


class Origins:
    """What is remembered from row to row: the spellings read already, and the last line that had a country."""

    def __init__(self, plan: columns.ColumnPlan, default: countries.Country | None) -> None:
        self._default = default
        self._writing = plan.whole_column
        self.at_end = plan.country_at_end if default is None else None
        self._known: dict[str, countries.CountryReading] = {}
        self._unknown = 0
        self._last: tuple[int, str] | None = None

    def read(self, row: Draft) -> countries.Country | None:
        """The country, or None with the problem noted in the row."""
        text = row.get(Field.COUNTRY)
        if not text and self._default:
            return self._default
        reading = self._known.get(text)
        if reading is None:
            reading = self._known[text] = self._read_spelling(text)
            self._unknown += reading.country is None
        if reading.country is None:
            row.refuse(Field.COUNTRY, reading.reason or "COUNTRY_UNKNOWN", reading.note, self._advise(reading))
        elif reading.reason:
            row.warn(Field.COUNTRY, reading.reason, reading.note)
        self._last = (row.line, text) if text else self._last
        return reading.country

    def _read_spelling(self, text: str) -> countries.CountryReading:
        if self.at_end:
            return countries.read_end(text)
        short = countries.read_short(text, self._writing)
        return short or countries.read_country(text, suggest=self._unknown < _SUGGESTED_SPELLINGS)

    def _advise(self, reading: countries.CountryReading) -> str:
        near = ", ".join(f"{country.name} ({country.iso2})" for country in reading.suggestions)
        allowed = f"near to it: {near}" if near else "a country's name or its two- or three-letter code"
        # Merged cells of a sheet come out as one value above empty cells.
        if not reading.text and self._last:
            line, text = self._last
            allowed += f"; write it in every row, if {problems.shorten(text)!r} of line {line} stands for this one too"
        return allowed


def read_default(text: str | None) -> countries.Country | None:
    """The country for the whole list. Raises ListRefused for what is none."""
    if text is None:
        return None
    reading = countries.read_country(text)
    if reading.country is None:
        raise problems.ListRefused(
            f"The country for the whole list: {reading.note}.",
            code=reading.reason or "COUNTRY_UNKNOWN",
            allowed="Give a country's name or its two- or three-letter code.",
            path=("defaultCountry",),
        )
    return reading.country
