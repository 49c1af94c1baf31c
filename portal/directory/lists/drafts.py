"""A row of a list at work: its cells by field, and what was found about them so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.directory.lists import cells, problems, words
from portal.directory.lists.fields import Field
from portal.directory.lists.problems import Problem

# "NA" is Naples as a state, and "X" may be a company or the number of a house.
MAY_BE_BLANK = frozenset(Field) - {Field.NAME, Field.LOCAL_NAME, Field.COUNTRY, Field.STATE, Field.HOUSE_NUMBER}


@dataclass(slots=True)
class Draft:
    """A row before it is a record: problems keep it from being one, warnings stand beside it."""

    line: int
    values: Mapping[Field, str]
    headers: Mapping[Field, str]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def get(self, name: Field) -> str:
        """The text of a field; empty for every way to say that there is none."""
        shown = cells.read_cell(self.values.get(name, ""))
        return "" if name in MAY_BE_BLANK and words.is_placeholder(shown) else shown

    def refuse(self, name: Field, code: str, text: str, allowed: str = "") -> None:
        """Notes why the row cannot be a record."""
        self.problems.append(self._make(name, code, text, allowed))

    def warn(self, name: Field, code: str, text: str, allowed: str = "") -> None:
        """Notes what is doubtful about the row."""
        self.warnings.append(self._make(name, code, text, allowed))

    def _make(self, name: Field, code: str, text: str, allowed: str) -> Problem:
        shown = problems.shorten(self.values.get(name, ""))
        return Problem(self.line, self.headers.get(name, name), shown, code, text, allowed)
