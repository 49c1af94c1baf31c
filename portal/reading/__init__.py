"""The read model: what each noun exposes, declared once, and compiled from a selection to one statement."""

from portal.reading.reads import (
    compose,
    find_plan,
    read_connection,
    read_connection_beside,
    read_many,
    read_one,
    read_one_beside,
)
from portal.reading.selections import Selected, Shape

__all__ = [
    "Selected",
    "Shape",
    "compose",
    "find_plan",
    "read_connection",
    "read_connection_beside",
    "read_many",
    "read_one",
    "read_one_beside",
]
