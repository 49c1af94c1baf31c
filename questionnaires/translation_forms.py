"""The forms that a translation is handed in: a whole overlay, a template of it, or a flat sheet of texts by path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from questionnaires import texts
from questionnaires.faults import FaultList
from questionnaires.texts import Version
from questionnaires.translation import FORMAT, Author
from questionnaires.translation_lint import gather_texts

ENTRIES = "entries"
# What only the document of a translation has: no text is at these paths.
HEADERS = frozenset({"format", "questionnaire", "locale", ENTRIES})


def unfold(document: object, faults: FaultList, versions: Sequence[Version], locale: str, by: Author) -> object:
    """The document of a translation that a flat sheet stands for; any other document as it is.

    A sheet does not say what its texts were made from and by whom: from those of the versions, and `by`.
    """
    if not isinstance(document, Mapping) or not document or HEADERS & set(document):
        return document
    faults.lines = {(ENTRIES, *path) if path else (): line for path, line in faults.lines.items()}
    sources = gather_texts(versions)
    entries = {
        path: {"of": texts.hash_text(sources.get(path, "")), "text": _strip(text), "by": by}
        for path, text in document.items()
    }
    return {"format": FORMAT, "questionnaire": versions[0][0].key, "locale": locale, ENTRIES: entries}


def leave_out_blank(document: object) -> object:
    """The document of a translation without the texts that were not filled in yet."""
    if not isinstance(document, Mapping) or not isinstance(document.get(ENTRIES), Mapping):
        return document
    filled = {path: one for path, one in document[ENTRIES].items() if not _is_blank(one)}
    return {**document, ENTRIES: filled}


def _strip(text: object) -> object:
    return text.strip() if isinstance(text, str) else text


def _is_blank(entry: object) -> bool:
    if not isinstance(entry, Mapping) or "text" not in entry:
        return False
    text = entry["text"]
    return text is None or (isinstance(text, str) and not text.strip())
