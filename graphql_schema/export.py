"""The schema as a file: `python -m graphql_schema.export` writes schema.graphql, `--check` compares it."""

import sys
from pathlib import Path

from graphql_schema import schema

PATH = Path(__file__).with_name("schema.graphql")


def print_schema() -> str:
    """The schema in the GraphQL schema language, as clients generate code from it."""
    return schema.get_schema().as_str() + "\n"


def run(arguments: list[str]) -> int:
    """Write the file, or with --check compare it; the exit code says whether it was current."""
    if arguments == ["--check"]:
        return 0 if PATH.exists() and PATH.read_text(encoding="utf-8") == print_schema() else 1
    PATH.write_text(print_schema(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
