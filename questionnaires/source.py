"""Strict YAML 1.2 to plain values with line numbers: no directives, tags, anchors, aliases, merge or duplicate keys."""

from __future__ import annotations

import pathlib
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
)
from ruamel.yaml.nodes import Node
from ruamel.yaml.reader import ReaderError

from questionnaires.faults import MAX_DEPTH, FaultList, Path, Place

MAX_CHARACTERS = 1_000_000
# A character takes at most four bytes in UTF-8: what is longer is refused before it fills the memory.
MAX_BYTES = 4 * MAX_CHARACTERS
# Keys, values, lists and mappings: some four hundred questions with all there is to say of them. A million characters
# could hold half a million, and how long they are read would be up to their author.
MAX_NODES = 60_000
# How a person calls what stands in these lists; what is read from it later carries the same words.
_PARTS = {
    "sections": "section",
    "questions": "question",
    "options": "option",
    "checks": "check",
    "pillars": "pillar",
    "tiers": "tier",
    "bands": "band",
    "critical": "critical rule",
}
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,29})")
# Only empty lines, comments and ends of documents may come before a directive. Without going back ("+"): the end of a
# line of Windows can be read as one or as two, and trying all ways to read thirty of them takes hours.
_DIRECTIVE = re.compile(r"\ufeff?(?:(?:[ \t]*+(?:#[^\r\n]*+)?|\.\.\.[^\r\n]*+)(?>\r\n|[\r\n]))*+%")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,29})\.[0-9]{1,30}")


class _OwnLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # a system may lack libyaml
    """What a plain scalar means in YAML 1.2, as far as our own files use it."""

    yaml_implicit_resolvers: ClassVar[Any] = {}


for _name, _pattern, _begins in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", _INTEGER.pattern, "-0123456789"),
    ("float", _DECIMAL.pattern, "-0123456789"),
):
    _OwnLoader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), list(_begins))


def read_file(file: pathlib.Path, faults: FaultList) -> Any:
    """The same from a file, of which no more is read than is allowed."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            faults.add(
                Place(), f"the file has more than {MAX_BYTES} bytes; allowed: at most {MAX_CHARACTERS} characters"
            )
            return {}
        text = content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        faults.add(Place(), f"byte {error.start} is not UTF-8; allowed: text in UTF-8")
    except OSError as error:
        faults.add(Place(), f"cannot be read: {error.strerror}")
    else:
        return read_yaml(text, faults)
    return {}


def read_yaml(text: str, faults: FaultList) -> Any:
    """Plain dicts, lists, strings, booleans, ints and Decimals; every offence is added to `faults`, with its line."""
    if len(text) > MAX_CHARACTERS:
        faults.add(Place(), f"the file has {len(text)} characters; allowed: at most {MAX_CHARACTERS}")
        return {}
    scan = _Scan(faults)
    try:
        scan.run(text)
        node = None if scan.stopped else compose(scan.events)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        at = f" in line {line}" if line else ""
        words = f"not YAML{at}: {error.problem or error.context}; allowed: one document of YAML 1.2"
        faults.add(Place(), words, line=line)
        return {}
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        words = f"not YAML in line {line}: character U+{ord(text[error.position]):04X}; allowed: readable text"
        faults.add(Place(), words, line=line)
        return {}
    except (YAMLError, RecursionError, AssertionError, ValueError) as error:
        faults.add(Place(), f"not YAML: {error}; allowed: one document of YAML 1.2 in UTF-8")
        return {}
    lines: dict[Path, int] = {}
    faults.lines = lines
    return _Reader(faults, lines, scan.tagged).read(node, Place()) if node is not None else {}


def read_own_file(file: pathlib.Path, faults: FaultList) -> Any:
    """What `read_file` gives for a file that ships with us and that it accepts, in a tenth of the time, by libyaml."""
    return read_own_yaml(file.read_text(encoding="utf-8"), faults)


def read_own_yaml(text: str, faults: FaultList) -> Any:
    """The same for its text. For nobody else's: what readers of YAML disagree on is not looked for."""
    faults.lines = {}
    return _Reader(faults, faults.lines, set()).read(yaml.compose(text, Loader=_OwnLoader), Place())


def compose(events: Iterable[Event]) -> Node | None:
    """The tree of a document whose events were looked at already: to parse it again would take as long again."""
    reader: Any = YAML(typ="safe", pure=True)
    reader._parser = _Replay(deque(events))
    node: Node | None = reader.composer.get_single_node()
    return node


@dataclass(frozen=True)
class _Replay:
    """Events in the place of the parser that made them."""

    events: deque[Event]

    def check_event(self, *kinds: type[Event]) -> bool:
        return bool(self.events) and (not kinds or isinstance(self.events[0], kinds))

    def peek_event(self) -> Event | None:
        return self.events[0] if self.events else None

    def get_event(self) -> Event | None:
        return self.events.popleft() if self.events else None


class _Scan:
    """One pass over the events, before anything is built: what another reader might take for something else."""

    def __init__(self, faults: FaultList) -> None:
        self.faults = faults
        self.depth = 0
        self.nodes = 0
        self.events: list[Event] = []
        # Where explicit tags stand, so that they are not told twice; and whether there is no use in reading on.
        self.tagged: set[int] = set()
        self.stopped = False

    def run(self, text: str) -> None:
        """Stops at a directive, which changes what all that follows means, and where there is far too much."""
        if directive := _DIRECTIVE.match(text):
            self._stop(f"directive in line {len(directive[0].splitlines())}; allowed: none")
            return
        for event in YAML(typ="safe", pure=True).parse(text):
            self.events.append(event)
            self._look_at(event, event.start_mark.line + 1)
            if self.stopped:
                return

    def _look_at(self, event: Event, line: int) -> None:
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            self._stop(f"directive above line {line}; allowed: none")
        elif isinstance(event, AliasEvent):
            self.faults.add(
                Place(), f"alias *{event.anchor} in line {line}; allowed: no aliases, write the value out", line=line
            )
        elif isinstance(event, NodeEvent):
            self._look_at_node(event, line)
        self.depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if self.depth > MAX_DEPTH + 2:
            # Each level costs a reader more than the one above.
            self._stop(f"nested deeper than {MAX_DEPTH} levels in line {line}")

    def _look_at_node(self, event: Any, line: int) -> None:
        """Anchors let a small file grow without bound and make two places of one text; a tag turns "no" into false."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop(f"more than {MAX_NODES} keys and values, from line {line} on; allowed: at most {MAX_NODES}")
        elif self.faults.is_full:
            self.stopped = True
        if event.anchor:
            self.faults.add(
                Place(), f"anchor &{event.anchor} in line {line}; allowed: no anchors, write the value out", line=line
            )
        if event.tag is not None:
            self.tagged.add(event.start_mark.index)
            name = str(event.tag).removeprefix(_TAG)
            self.faults.add(Place(), f"tag {name} in line {line}; allowed: no tags", line=line)

    def _stop(self, message: str) -> None:
        self.faults.add(Place(), message)
        self.stopped = True


class _Reader:
    """Turns the nodes of either library into plain values."""

    def __init__(self, faults: FaultList, lines: dict[Path, int], tagged: set[int]) -> None:
        self.faults = faults
        self.lines = lines
        self.tagged = tagged
        self.seen: set[int] = set()

    def read(self, node: Any, place: Place) -> Any:
        self.lines[place.path] = node.start_mark.line + 1
        if len(place.path) > MAX_DEPTH:
            self.faults.add(place, f"nested deeper than {MAX_DEPTH} levels")
            return None
        if id(node) in self.seen:
            # Told already as an alias; ten lists of ten aliases each, ten times over, would fill any memory.
            return None
        if node.id == "scalar":
            return self._read_scalar(node, place)
        self.seen.add(id(node))
        if node.id == "mapping":
            return self._read_mapping(node, place)
        return [self.read(item, place.enter(index)) for index, item in enumerate(node.value)]

    def _read_mapping(self, node: Any, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        place = _name_part(node, place)
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.id != "scalar":
                self.faults.add(place, f"line {line}: a key is a list or mapping; allowed: plain text", line=line)
                continue
            if key_node.tag == _TAG + "merge":
                self.faults.add(
                    place, f"line {line}: merge key <<; allowed: no merging, write the values out", line=line
                )
                continue
            key = key_node.value.lower() if key_node.tag == _TAG + "bool" else key_node.value
            if key in values:
                self.faults.add(place, f'line {line}: key "{key}" stands twice; allowed: once', line=line)
                continue
            values[key] = self.read(value_node, place.enter(key))
        return values

    def _read_scalar(self, node: Any, place: Place) -> Any:
        text = node.value
        if node.start_mark.index in self.tagged:
            return text
        match node.tag.removeprefix(_TAG) if isinstance(node.tag, str) else str(node.tag):
            case "str" | "timestamp":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if _INTEGER.fullmatch(text):
                return int(text)
            case "float" if _DECIMAL.fullmatch(text):
                return Decimal(text)
            case "int" | "float":
                self.faults.add(place, f"number {text[:40]} in a form that readers disagree on; allowed: 12, -3 or 0.5")
                return None
            case tag:
                self.faults.add(place, f"{text!r} means {tag} to some readers; allowed: quote it, if it is a text")
                return None


def _name_part(node: Any, place: Place) -> Place:
    """The place with the words for a part that has a key, or that stands under one."""
    word = _PARTS.get(str(place.path[-2])) if len(place.path) > 1 else None
    keys = [value.value for key, value in node.value if value.id == "scalar" and key.value == "key"]
    name = place.path[-1] if place.path and isinstance(place.path[-1], str) else next(iter(keys), None)
    return place if word is None or name is None else Place(place.path, (*place.labels, f"{word} {name}"))
