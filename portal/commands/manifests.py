"""What a client's build leaves behind: .graphql files, and manifests of documents by the hash of their text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from portal import documents, errors

ENDINGS = (".graphql", ".gql")
APOLLO = "apollo-persisted-query-manifest"
OTHER_HASH = (
    "the identifier is not the SHA-256 of a text; have graphql-codegen (hashAlgorithm) or Relay (algorithm) use SHA-256"
)


@dataclass(frozen=True)
class Found:
    """A document and where it stands: a file, with its identifier where that is a manifest."""

    place: str
    text: str


@dataclass
class Reading:
    """All documents of some files, and all that is wrong with the files, one line each."""

    found: list[Found] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read_paths(paths: Sequence[Path]) -> Reading:
    """Read files, and the .graphql files below folders; raises SetupError where there is nothing to read."""
    reading = Reading()
    for path in paths:
        for file in _list_files(path):
            _read_file(file, reading)
    if not reading.found and not reading.faults:
        raise errors.SetupError(f"There are no documents in {', '.join(map(str, paths))}.")
    return reading


def _list_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(one for one in path.rglob("*") if one.suffix in ENDINGS and one.is_file())
    if not path.is_file():
        raise errors.SetupError(f"There is no file or folder {path}.")
    return [path]


def _read_file(file: Path, reading: Reading) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise errors.SetupError(f"{file} cannot be read: {error.strerror}.") from error
    try:
        if file.suffix == ".json":
            _read_manifest(str(file), orjson.loads(content), reading)
        else:
            reading.found.append(Found(str(file), content.decode()))
    except orjson.JSONDecodeError as error:
        reading.faults.append(f"{file}: not valid JSON: {error}")
    except UnicodeDecodeError:
        reading.faults.append(f"{file}: not text in UTF-8")


def _read_manifest(place: str, content: Any, reading: Reading) -> None:
    for identifier, text in _list_entries(content):
        at = f"{place}: {identifier}"
        if not isinstance(identifier, str) or not isinstance(text, str):
            reading.faults.append(f"{at}: not a manifest: documents as texts by the hash of each")
        elif documents.read_hash(identifier) is None:
            reading.faults.append(f"{at}: {OTHER_HASH}")
        elif documents.read_hash(identifier) != documents.hash_text(text):
            reading.faults.append(f"{at}: the text has another hash: {documents.hash_text(text)}")
        else:
            reading.found.append(Found(at, text))


def _list_entries(content: Any) -> Iterator[tuple[Any, Any]]:
    """Identifiers and texts, of what is a manifest or not."""
    if not isinstance(content, dict):
        yield None, None
    elif content.get("format") != APOLLO:
        yield from content.items()
    else:
        operations = content.get("operations")
        for one in operations if isinstance(operations, list) else [None]:
            yield (one.get("id"), one.get("body")) if isinstance(one, dict) else (None, None)


def write_manifest(path: Path, texts: Sequence[str]) -> None:
    """Write documents by their identifiers, as requests name them; raises SetupError."""
    content = {f"{documents.PREFIX}{documents.hash_text(text)}": text for text in texts}
    try:
        path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
    except OSError as error:
        raise errors.SetupError(f"{path} cannot be written: {error.strerror}.") from error
