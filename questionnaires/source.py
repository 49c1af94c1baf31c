"""Strict YAML 1.2 to plain values with line numbers: no duplicate keys, anchors, aliases, tags or merge keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from questionnaires.faults import FaultList, Path, Place

MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 20
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,29})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,29})\.\d{1,30}")


def read_yaml(text: str, faults: FaultList) -> Any:
    """Plain dicts, lists, strings, booleans, ints and Decimals; every offence is added to `faults`, with its line."""
    if len(text) > MAX_CHARACTERS:
        faults.add(Place(), f"the file has {len(text)} characters; allowed: at most {MAX_CHARACTERS}")
        return {}
    try:
        _refuse_references(text, faults)
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        at = f" in line {line}" if line else ""
        faults.add(Place(), f"not YAML{at}: {error.problem or error.context}; allowed: one document of YAML 1.2")
        return {}
    except (YAMLError, RecursionError) as error:
        faults.add(Place(), f"not YAML: {error}; allowed: one document of YAML 1.2 in UTF-8")
        return {}
    lines: dict[Path, int] = {}
    faults.lines = lines
    return _Reader(faults, lines).read(node, Place()) if node is not None else {}


def _refuse_references(text: str, faults: FaultList) -> None:
    """Anchors let a small file grow without bound and make two places of one text."""
    for event in _parse(text):
        line = event.start_mark.line + 1
        if type(event).__name__ == "AliasEvent":
            faults.add(Place(), f"alias *{event.anchor} in line {line}; allowed: no aliases, write the value out")
        elif getattr(event, "anchor", None):
            faults.add(Place(), f"anchor &{event.anchor} in line {line}; allowed: no anchors, write the value out")


def _parse(text: str) -> Iterator[Any]:
    yield from YAML(typ="safe", pure=True).parse(text)


class _Reader:
    def __init__(self, faults: FaultList, lines: dict[Path, int]) -> None:
        self.faults = faults
        self.lines = lines

    def read(self, node: Node, place: Place) -> Any:
        self.lines[place.path] = node.start_mark.line + 1
        if len(place.path) > MAX_DEPTH:
            self.faults.add(place, f"nested deeper than {MAX_DEPTH} levels")
            return None
        if isinstance(node, MappingNode):
            return self._read_mapping(node, place)
        if isinstance(node, SequenceNode):
            self._check_tag(node, place, "seq")
            return [self.read(item, place.enter(index)) for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._read_scalar(node, place)
        return None

    def _read_mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        self._check_tag(node, place, "map")
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self.faults.add(place, f"line {line}: a key is a list or mapping; allowed: plain text")
                continue
            if key_node.tag == _TAG + "merge":
                self.faults.add(place, f"line {line}: merge key <<; allowed: no merging, write the values out")
                continue
            key = key_node.value.lower() if key_node.tag == _TAG + "bool" else key_node.value
            if key in values:
                self.faults.add(place, f'line {line}: key "{key}" stands twice; allowed: once')
                continue
            values[key] = self.read(value_node, place.enter(key))
        return values

    def _read_scalar(self, node: ScalarNode, place: Place) -> Any:
        text = node.value
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
                self.faults.add(place, f"number {text} in a form that readers disagree on; allowed: 12, -3 or 0.5")
                return None
            case tag:
                self.faults.add(place, f"tag {tag} on {text!r}; allowed: no tags")
                return None

    def _check_tag(self, node: Node, place: Place, plain: str) -> None:
        if node.tag != _TAG + plain:
            self.faults.add(place, f"line {node.start_mark.line + 1}: tag {node.tag}; allowed: no tags")
