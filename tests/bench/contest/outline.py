"""A published questionnaire as the shape asks for it, from its document; imports nothing of the portal."""

from typing import Any

SHOWN = ("key", "type", "title", "help", "required")


def make_outline(document: dict[str, Any]) -> dict[str, Any]:
    """Version, title, and sections with their questions and options."""
    header = document["questionnaire"]
    return {
        "version": header["version"],
        "title": header["title"],
        "sections": [
            {
                "key": one["key"],
                "title": one["title"],
                "questions": [make_question(asked) for asked in one["questions"]],
            }
            for one in document["sections"]
        ],
    }


def make_question(asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": asked["key"],
        "type": asked["type"].upper(),
        "title": asked["title"],
        "help": asked.get("help", ""),
        "required": asked.get("required", False),
        "options": [{"key": one["key"], "title": one["title"]} for one in asked.get("options", ())],
    }


def list_types(document: dict[str, Any]) -> dict[str, str]:
    """The type of every question by its key."""
    return {asked["key"]: asked["type"] for one in document["sections"] for asked in one["questions"]}
