"""Who is shown which field of whose rows: the table of it, kept beside the schema, and the page made of it.

`python -m tests.hostile.matrix` writes the page anew from the table; the tests write the table where MATRIX=write.
"""

import csv
import functools
import html
import io
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode, get_named_type, is_object_type, parse

from graphql_schema import rules
from portal import access
from portal.access import Actor
from tests.databases import ROOT
from tests.hostile import surface
from tests.hostile.house import SAID, House, decode

TABLE, PAGE = ROOT / "tests/hostile/matrix.csv", ROOT / "graphql_schema/access.html"
# Callers of the house, by what they are to the portal.
READERS = {
    "s1": "supplier", "s2": "supplier", "b1": "buyer", "b2": "buyer", "p1": "partner", "key": "partner's key",
    "homeless": "no organization", "nobody": "not signed in", "operator": "operator",
}  # fmt: skip
KINDS = tuple(dict.fromkeys(READERS.values()))
# Whose rows, from where the reader stands, nearest first.
OWN, SHARED, CONNECTED, FOREIGN, NOBODY = RELATIONS = ("own", "shared", "connected", "foreign", "nobody's")
SHARED_WITH = {("s1", "b1"), ("s1", "p1")}  # a share, and an engagement

Shown = Mapping[str, Mapping[str, set[str]]]  # by field, by kind of reader: the relations in which it was shown


def relate(owner: str | None, reader: str) -> str:
    """Whose row it is to a reader; a row without an owner belongs to all or to the system."""
    who = {"key": "p1"}.get(reader, reader)
    if owner is None:
        return NOBODY
    if owner == who:
        return OWN
    if (owner, who) in SHARED_WITH:
        return SHARED
    return CONNECTED if (owner, who) in SAID["name"] else FOREIGN


def list_shown(house: House, reader: str, document: str, data: Any) -> Iterator[tuple[str, str]]:
    """The fields of an answer that hold something, each with whose row it stands on."""
    owners = {party.organization: name for name, party in house.parties.items()}
    operation = _parse(document)

    def walk(
        selection: SelectionSetNode, parent: Any, value: Mapping[str, Any], owner: str | None
    ) -> Iterator[tuple[str, str]]:
        parts = decode(str(value.get("id")))
        if parts is not None:
            tag, of, row = parts
            owner = owners.get(row if tag == "orga" else of, owner if tag == "rcvd" else None)
        for one in selection.selections:
            if isinstance(one, InlineFragmentNode):
                named = surface.SCHEMA.get_type(one.type_condition.name.value)
                if value.get("__typename", named.name) == named.name:
                    yield from walk(one.selection_set, named, value, owner)
            elif isinstance(one, FieldNode) and one.name.value != "__typename":
                name = one.name.value
                found = value.get(name)
                if found is not None and found != []:
                    yield f"{parent.name}.{name}", relate(owner, reader)
                if one.selection_set:
                    below = get_named_type(parent.fields[name].type)
                    for item in flatten(found):
                        yield from walk(one.selection_set, below, item, owner)

    if isinstance(data, dict):
        yield from walk(operation.selection_set, surface.SCHEMA.query_type, data, None)


@functools.cache
def _parse(document: str) -> Any:
    return parse(document).definitions[0]


def flatten(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a value that may be a list of lists."""
    if isinstance(value, dict):
        yield value
    for one in value if isinstance(value, list) else ():
        yield from flatten(one)


def gather() -> dict[str, dict[str, set[str]]]:
    """Room for what is shown, with a line for every field of every type that can be read."""
    return {field: defaultdict(set) for field in sorted(surface.list_fields())}


def write_table(shown: Shown) -> str:
    """The table as it is kept: one line for each field, one column for each kind of reader."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["field", "rule", *KINDS])
    for field, by_kind in sorted(shown.items()):
        cells = [" ".join(one for one in RELATIONS if one in by_kind.get(kind, ())) for kind in KINDS]
        writer.writerow([field, find_rule(*field.split(".")).name, *cells])
    return written.getvalue()


def compare(shown: Shown) -> list[str]:
    """What is shown beyond the table, and rows that it lacks or that are left over; MATRIX=write writes it instead.

    What was not shown this time is no fault: which letters failed by now, for one, is a matter of chance.
    """
    made = write_table(shown)
    if os.environ.get("MATRIX") == "write":
        TABLE.write_text(made, encoding="utf-8")
    kept, now = read_rows(TABLE.read_text(encoding="utf-8")), read_rows(made)
    wrong = [f"{field} is no field any more" for field in kept.keys() - now.keys()]
    for field, (rule, *cells) in now.items():
        if field not in kept:
            wrong.append(f"{field} has no row")
            continue
        said, *allowed = kept[field]
        wrong += [f"{field} has the rule {rule}, not {said}"] if rule != said else []
        for kind, cell, most in zip(KINDS, cells, allowed, strict=True):
            more = cell - most
            wrong += [f"{field} of {' and '.join(sorted(more))} rows is shown to: {kind}"] if more else []
    return sorted(wrong)


def read_rows(table: str) -> dict[str, list[Any]]:
    """By field its rule, and for each kind of reader the relations in which it is shown."""
    _, *rows = csv.reader(io.StringIO(table))
    return {field: [rule, *map(_read_cell, cells)] for field, rule, *cells in rows}


def _read_cell(cell: str) -> frozenset[str]:
    return frozenset(cell.split())


def list_classes() -> dict[str, Actor]:
    """Every class of callers that rules tell apart: a member's role in each kind of organization, keys, and others."""
    person, organization = surface.SOMEBODY, surface.SOMEBODY
    found = {
        f"{kind} {role}": Actor(
            user_id=person, organization_id=organization, member_role=role, organization_roles=frozenset({kind})
        )
        for kind in ("supplier", "buyer", "partner", "reviewer")
        for role in ("owner", "editor", "reviewer", "viewer")
    }
    for kind in ("supplier", "buyer", "partner"):
        found[f"{kind}'s key"] = Actor(
            api_key_id=person, organization_id=organization, organization_roles=frozenset({kind}),
            scopes=frozenset(access.SCOPES), member_role="editor",
        )  # fmt: skip
    found["key for benchmarks alone"] = Actor(
        api_key_id=person, organization_id=organization, organization_roles=frozenset({"partner"}),
        scopes=frozenset({"benchmarks:read"}), member_role="viewer",
    )  # fmt: skip
    found["suspended owner"] = Actor(
        user_id=person, organization_id=organization, member_role="viewer", held_role="owner",
        organization_roles=frozenset({"supplier"}),
    )  # fmt: skip
    found["no organization"] = Actor(user_id=person)
    found["not signed in"] = access.ANONYMOUS
    found["operator"] = Actor(user_id=person, is_operator=True)
    found["operator of an organization"] = Actor(
        user_id=person, organization_id=organization, member_role="owner", is_operator=True,
        organization_roles=frozenset({"supplier"}),
    )  # fmt: skip
    return found


def find_rule(type_name: str, field: str) -> access.Rule:
    """The rule of a field; what says why a call was refused goes with the call."""
    if type_name in surface.PROBLEMS or type_name == "FieldProblem":
        return rules.AS_PARENT
    return rules.rule_of(surface.SCHEMA, type_name, field)


def list_rules() -> Iterator[tuple[str, str, access.Rule]]:
    """Every field of every object type and root: its type, its name, its rule."""
    for name, declared in sorted(surface.SCHEMA.type_map.items()):
        if is_object_type(declared) and not name.startswith("__"):
            for field in declared.fields:
                yield name, field, find_rule(name, field)


def write_page() -> str:
    """The page for auditors: who may call each field by its rule, and on whose rows it was shown in the tests."""
    table = list(csv.reader(io.StringIO(TABLE.read_text(encoding="utf-8"))))
    reads = [_write_row(row[0], row[1], *(cell or "–" for cell in row[2:])) for row in table[1:]]
    classes = list_classes()
    used = {rule.name: rule for _, _, rule in list_rules()}
    by_rule = [
        _write_row(rule.name, rule.words, *("yes" if rule.allows(actor) else "–" for actor in classes.values()))
        for rule in sorted(used.values(), key=lambda one: one.name)
    ]
    changes = [
        _write_row(field, rule.name, rule.words)
        for root in ("Mutation", "Subscription")
        for name, field, rule in list_rules()
        if name == root
    ]
    return PAGE_TEXT.format(
        rules=_write_table(["rule", "requires", *classes], by_rule),
        changes=_write_table(["mutation or subscription", "rule", "requires"], changes),
        reads=_write_table(["field", "rule", *KINDS], reads),
    )


def _write_table(heads: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{html.escape(one)}</th>" for one in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(rows) + "\n</tbody></table>"


def _write_row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(one)}</td>" for one in cells) + "</tr>"


PAGE_TEXT = (Path(__file__).parent / "matrix.html").read_text(encoding="utf-8")

if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
