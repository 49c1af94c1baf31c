"""`portal documents ...`: add, list, check and remove the documents that clients were built with."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from portal import documents as trusted
from portal import errors
from portal.commands import manifests, operator

FAULTY = 1

app = typer.Typer(
    help="Trusted documents: GraphQL documents that clients name by their hash. Uses the login of "
    "PORTAL_OWNER_DATABASE_URL, or the embedded database.",
    no_args_is_help=True,
)


@app.command("add")
def add(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE_OR_FOLDER...",
            help="Files with one document each, folders with .graphql files, or manifests (.json) of graphql-codegen, "
            "Relay or Apollo.",
        ),
    ],
    manifest: Annotated[
        Path | None, typer.Option(help="Write the documents by their identifiers to this file instead of printing.")
    ] = None,
) -> None:
    """Check documents against schema and limits and store all of them, or none where one is faulty."""
    reading = manifests.read_paths(paths)
    faults = reading.faults + list_faults((one.place, one.text) for one in reading.found)
    if faults:
        refuse(faults, "nothing was added")
    texts = [one.text for one in reading.found]
    new = operator.run_as_owner(lambda session: trusted.add_documents(session, texts))
    if manifest is not None:
        manifests.write_manifest(manifest, texts)
    else:
        for one in reading.found:
            typer.echo(f"{trusted.PREFIX}{trusted.hash_text(one.text)}  {one.place}")
    typer.echo(f"{len(set(texts))} documents, {len(new)} of them new.", err=True)


@app.command("list")
def list_all() -> None:
    """List the documents with the day they were added and their operations, the oldest first."""
    stored = operator.run_as_owner(trusted.list_documents)
    if not stored:
        typer.echo("No document is stored.", err=True)
    for one in stored:
        names = ", ".join(list_operations(one.text))
        typer.echo(f"{trusted.PREFIX}{one.content_hash}  {one.added_at:%Y-%m-%d}  {names}")


@app.command("check")
def check() -> None:
    """Check all stored documents against the schema of this code; exit code 1 where one no longer fits."""
    stored = operator.run_as_owner(trusted.list_documents)
    faults = list_faults((f"{trusted.PREFIX}{one.content_hash}", one.text) for one in stored)
    if faults:
        refuse(faults, "those documents are answered with errors")
    typer.echo(f"{len(stored)} documents fit the schema.")


@app.command("remove")
def remove(identifier: Annotated[str, typer.Argument(metavar="HASH", help="As `list` shows it.")]) -> None:
    """Remove a document; servers under way run it for a minute more."""
    content_hash = trusted.read_hash(identifier)
    if content_hash is None:
        raise errors.InvalidInput(f"A hash is {trusted.PREFIX} and 64 hexadecimal digits in lower case.", code="HASH")
    operator.run_as_owner(lambda session: trusted.remove_document(session, content_hash))
    typer.echo(f"{trusted.PREFIX}{content_hash} is removed.")


def refuse(faults: list[str], words: str) -> None:
    """Print every fault and end with exit code 1."""
    for one in faults:
        typer.echo(one, err=True)
    typer.echo(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}: {words}.", err=True)
    raise typer.Exit(FAULTY)


def list_faults(documents: Iterable[tuple[str, str]]) -> list[str]:
    """What keeps documents from running, one line each: where it stands, which operation, and why."""
    # Imported here because it loads the whole schema, which the other commands do without.
    from graphql_schema import schema, trusted_document

    built = schema.get_schema()._schema
    return [
        f"{place}: {fault.definition}: {fault.reason}"
        for place, text in documents
        for fault in trusted_document.find_faults(built, text)
    ]


def list_operations(text: str) -> list[str]:
    """The operations of a stored document as people call them."""
    from graphql import OperationDefinitionNode, parse

    from graphql_schema import trusted_document

    found = parse(text).definitions
    return [trusted_document.name_definition(one) for one in found if isinstance(one, OperationDefinitionNode)]
