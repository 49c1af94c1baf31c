"""Salted hashes by section, so that a summary can be signed and checked without the answers.

The root is made over the header and the hash of each section; a section's hash over its salt and content; free text
and files enter the content as salted hashes of their own, so that erasing them leaves the rest verifiable. A salt is
disclosed with what it belongs to, never otherwise: without it a hash cannot be guessed back. The list of a section's
files is such a text, too: whoever may not know them can check the section and does not learn whether there are any.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from questionnaires import canonical
from questionnaires.definition import Definition

FORMAT = "seal/2"
OPEN_FILES = "seal/1"  # what was sealed in it lists question and kind of its files openly
SALT_BYTES = 16
DrawSalt = Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A free text (or the SHA-256 of a file) with the salt that its digest was made with; erased to forget it."""

    salt: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SealedSection:
    """`content` is what was hashed; `secrets` gives, by digest, what it holds only as a digest."""

    key: str
    salt: str
    hash: str
    content: Mapping[str, Any]
    secrets: Mapping[str, Secret]


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The root over everything; `header` and `section_hashes` may be shown to whoever holds the summary."""

    root: str
    header: Mapping[str, Any]
    sections: tuple[SealedSection, ...]

    @property
    def section_hashes(self) -> dict[str, str]:
        return {section.key: section.hash for section in self.sections}


def seal_submission(
    definition: Definition,
    *,
    header: Mapping[str, Any],
    nested: Mapping[str, Any],
    trace: Mapping[str, Any],
    files: Mapping[str, list[Mapping[str, str]]],
    draw_salt: DrawSalt,
    gaps: Mapping[str, list[dict[str, Any]]] | None = None,
) -> Seal:
    """Seal nested answers and a trace; `files` lists by section {question, row, sha256, ...} of attached evidence.

    `gaps` are those declared with a plan, by section, with `plan` and `owner` as texts; a section without is sealed as
    if there were no such thing.
    `draw_salt` gives 16 fresh random bytes per call, from a source fit for secrets. Raises ValueError for others.
    """
    sections = []
    for section in definition.sections:
        hider = _Hider(definition, draw_salt)
        answers = {q.key: hider.hide_entry(q.key, nested[q.key]) for q in section.questions if q.key in nested}
        content = {
            "format": FORMAT,
            "section": section.key,
            "answers": answers,
            "trace": trace["sections"].get(section.key, {}),
            "files": hider.hide_files(files.get(section.key, [])),
        }
        if gaps and gaps.get(section.key):
            content["gaps"] = [hider.hide_gap(gap) for gap in gaps[section.key]]
        salt = _draw(draw_salt)
        sections.append(
            SealedSection(
                key=section.key,
                salt=salt,
                hash=hash_section(salt, content),
                content=content,
                secrets=hider.secrets,
            )
        )
    root = hash_root(header, {section.key: section.hash for section in sections})
    return Seal(root=root, header=header, sections=tuple(sections))


def hash_section(salt: str, content: Mapping[str, Any]) -> str:
    """SHA-256 over the byte 0, the salt and the canonical content; salts and hashes in lower-case hexadecimal."""
    return hashlib.sha256(b"\x00" + bytes.fromhex(salt) + canonical.write_canonical(content)).hexdigest()


def hash_root(header: Mapping[str, Any], section_hashes: Mapping[str, str]) -> str:
    """SHA-256 over the byte 1 and the canonical header and section hashes."""
    return _hash_tree(FORMAT, header, section_hashes)


def fits_root(root: str, header: Mapping[str, Any], section_hashes: Mapping[str, str]) -> bool:
    """Whether header and section hashes are what the root was made over, in the present format or the one before."""
    return root in [_hash_tree(one, header, section_hashes) for one in (FORMAT, OPEN_FILES)]


def _hash_tree(format_name: str, header: Mapping[str, Any], section_hashes: Mapping[str, str]) -> str:
    tree = {"format": format_name, "header": header, "sections": section_hashes}
    return hashlib.sha256(b"\x01" + canonical.write_canonical(tree)).hexdigest()


def hash_secret(secret: Secret) -> str:
    """SHA-256 over the byte 2, the salt and the text in UTF-8."""
    return hashlib.sha256(b"\x02" + bytes.fromhex(secret.salt) + secret.text.encode()).hexdigest()


def find_mismatches(
    root: str,
    header: Mapping[str, Any],
    section_hashes: Mapping[str, str],
    disclosed: tuple[SealedSection, ...] = (),
) -> list[str]:
    """What does not fit the root, in words; empty where the header and everything disclosed are as they were sealed."""
    found = [] if fits_root(root, header, section_hashes) else ["root: header or section hashes were changed"]
    for section in disclosed:
        if section.key not in section_hashes:
            found.append(f"section {section.key}: was not sealed")
        elif hash_section(section.salt, section.content) != section_hashes[section.key]:
            found.append(f"section {section.key}: answers, trace or files were changed")
        digests = _list_digests(section.content) | _list_digests(_read_files(section))
        for digest, secret in section.secrets.items():
            if digest not in digests or hash_secret(secret) != digest:
                found.append(f"section {section.key}: a text or file does not fit its digest {digest}")
    return found


def hide_documents(section: SealedSection) -> SealedSection:
    """The section for somebody who may not know of its files. Raises ValueError where it lists them openly."""
    if section.content["format"] == OPEN_FILES:
        raise ValueError(f"section {section.key} was sealed with its files listed openly")
    hidden = {section.content["files"]["digest"], *_list_digests(_read_files(section))}
    left = {digest: secret for digest, secret in section.secrets.items() if digest not in hidden}
    return replace(section, secrets=left)


def _read_files(section: SealedSection) -> Any:
    """The list of files where it is disclosed and whole; none otherwise."""
    files = section.content.get("files")
    digest = files.get("digest") if isinstance(files, Mapping) else None
    secret = section.secrets.get(digest) if isinstance(digest, str) else None
    return [] if secret is None or hash_secret(secret) != digest else json.loads(secret.text)


def _draw(draw_salt: DrawSalt) -> str:
    salt = draw_salt()
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {len(salt)} bytes; allowed: {SALT_BYTES}")
    return salt.hex()


def _list_digests(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        own = {value["digest"]} if set(value) == {"digest"} else set()
        return own.union(*(_list_digests(item) for item in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(_list_digests(item) for item in value))
    return set()


class _Hider:
    """Replaces free text by digests and remembers what it replaced."""

    def __init__(self, definition: Definition, draw_salt: DrawSalt) -> None:
        self.definition = definition
        self.draw_salt = draw_salt
        self.secrets: dict[str, Secret] = {}

    def hide_entry(self, key: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        hidden = dict(entry)
        question = self.definition.questions[key]
        if question.type == "group" and entry.get("value"):
            hidden["value"] = [self._hide_row(row) for row in entry["value"]]
        elif question.type == "text" and "value" in entry:
            hidden["value"] = self._hide(entry["value"])
        if "reason" in entry:
            hidden["reason"] = self._hide(entry["reason"])
        return hidden

    def hide_files(self, files: list[Mapping[str, str]]) -> dict[str, str]:
        listed = [{**file, "sha256": self._hide(file["sha256"])} for file in files]
        return self._hide(canonical.write_canonical(listed).decode())

    def hide_gap(self, gap: Mapping[str, Any]) -> dict[str, Any]:
        return {**gap, "plan": self._hide(gap["plan"]), "owner": self._hide(gap["owner"])}

    def _hide_row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "row": row["row"],
            "answers": {key: self.hide_entry(key, entry) for key, entry in row["answers"].items()},
        }

    def _hide(self, text: str) -> dict[str, str]:
        secret = Secret(salt=_draw(self.draw_salt), text=text)
        digest = hash_secret(secret)
        self.secrets[digest] = secret
        return {"digest": digest}
