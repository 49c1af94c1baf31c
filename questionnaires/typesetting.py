"""Typst as the typesetter of printed forms: our own template, fonts that ship, and people's texts as data alone."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import typst


class TypesettingFailed(RuntimeError):
    """The form could not be set; a fault of ours, since no text of people can cause it."""


def set_form(form: Mapping[str, Any], font_folders: Sequence[str] = ()) -> bytes:
    """The form as a PDF, the same bytes for the same form; needs neither network nor fonts of the system.

    `font_folders` are asked for characters that the fonts which ship do not have.
    """
    template = _find_folder() / "print" / "form.typ"
    try:
        return typst.compile(
            template.read_bytes(),
            format="pdf",
            font_paths=_load_fonts(tuple(font_folders)),
            sys_inputs={"form": json.dumps(form, ensure_ascii=False)},
            timestamp=0,
        )
    except typst.TypstError as error:
        raise TypesettingFailed(str(error)) from error


def find_fonts() -> Path:
    """The folder of the fonts that ship."""
    return _find_folder() / "fonts"


def _find_folder() -> Path:
    """The package is installed as plain files."""
    return Path(str(resources.files("questionnaires")))


@functools.cache
def _load_fonts(more: tuple[str, ...]) -> typst.Fonts:
    folders = [str(find_fonts()), *more]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders))
