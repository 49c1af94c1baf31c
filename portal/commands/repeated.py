"""What is told of people who were erased again and organizations that were closed again."""

import typer

from portal.backups.repeating import Repeated
from portal.trail.erasures import Notes


def tell(notes: Notes, done: Repeated | None) -> bool:
    """Say what was done, which nobody may have done yet; whether all of it could be done and every note holds."""
    for key in notes.faults:
        typer.echo(f"SIGNATURE {key}", err=True)
    if done is None:
        return not notes.faults
    for one in done.failed:
        typer.echo(f"NOT DONE {one}", err=True)
    typer.echo(
        f"The storage has notes of {len(notes.people)} people who were erased and {len(notes.organizations)} "
        f"organizations that were closed, before the backup or after it. Done again: {done.erased} erased, "
        f"{done.closed} closed, {done.reopened} opened."
    )
    for name in done.ownerless:
        typer.echo(
            f"Nobody owns {name} now: its only owner of that time was erased after somebody else became one. Name that "
            "one with `portal privacy appoint-owner`."
        )
    return not notes.faults and not done.failed
