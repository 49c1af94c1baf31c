"""pg_dump and what brings its file back, as processes that end with us and tell how far they are."""

import asyncio
import contextlib
import re
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from portal import errors
from portal.database import programs
from portal.database.programs import Program

PIECE = 1 << 20
OPENING = 8_192  # bytes within which a script sets what it needs
# Written by 17 and newer for every server; older ones do not know it, and it is their default.
NEW_SETTING = b"SET transaction_timeout = 0;\n"
DUMPING = b"dumping contents of table"


async def dump(program: Program, url: str, snapshot: str, file: Path, advance: Callable[[], None]) -> None:
    """Dump what a snapshot sees into a file; `advance` is called for each table. Raises SetupError with its words."""
    place, environment = programs.address(url)
    options = ("--format=custom", "--enable-row-security", "--verbose", f"--snapshot={snapshot}", f"--file={file}")
    command = [str(program.path), *options, f"--dbname={place}"]
    async with _run(command, environment, stderr=subprocess.PIPE) as process:
        words: list[bytes] = []
        assert process.stderr is not None
        async for line in process.stderr:
            if DUMPING in line:
                advance()
            words = [*words[-4:], line]
        if await process.wait():
            raise errors.SetupError(f"The database could not be dumped. {_quote(b''.join(words))}")


async def restore(program: Program, url: str, file: Path, last: str, advance: Callable[[int], None]) -> None:
    """Bring a dump into an empty database with the statement `last`, all of it or nothing.

    `advance` is called with the bytes of each piece. Raises SetupError with the words of PostgreSQL.
    """
    place, environment = programs.address(url)
    read = [str(program.path), "--no-owner", "--file=-", str(file)]
    write = [str(program.beside("psql")), "--no-psqlrc", "--quiet", "--output=/dev/null"]
    write += ["--set=ON_ERROR_STOP=1", "--file=-", f"--dbname={place}"]
    async with (
        _run(read, environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader,
        _run(write, environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as writer,
    ):
        said, refused = asyncio.create_task(_read_end(reader)), asyncio.create_task(_read_end(writer))
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                await _pump(reader, writer, last.encode(), advance)
            failed = await writer.wait()
            if reader.returncode:
                raise errors.SetupError(f"The dump cannot be read. {_quote(await said)}")
            if failed:
                raise errors.SetupError(
                    f"The database could not be restored, and is as it was. {_quote(await refused)}"
                )
        finally:
            said.cancel()
            refused.cancel()


async def _pump(
    reader: asyncio.subprocess.Process, writer: asyncio.subprocess.Process, last: bytes, advance: Callable[[int], None]
) -> None:
    """Hand the script on in one transaction; only one that was read to its end is committed.

    So whatever dies in between, psql included, leaves the database empty.
    """
    assert reader.stdout is not None
    assert writer.stdin is not None
    opening = b""
    while len(opening) < OPENING and (piece := await reader.stdout.read(OPENING)):
        opening += piece
    writer.stdin.write(b"BEGIN;\n" + opening.replace(NEW_SETTING, b""))
    while piece := await reader.stdout.read(PIECE):
        writer.stdin.write(piece)
        await writer.stdin.drain()
        advance(len(piece))
    if await reader.wait() == 0:
        writer.stdin.write(b"\n" + last + b"\nCOMMIT;\n")
        await writer.stdin.drain()
    writer.stdin.close()


async def _read_end(process: asyncio.subprocess.Process) -> bytes:
    """The last of what a process says on its error output, read as it comes, so that it never waits for us."""
    said = b""
    assert process.stderr is not None
    while piece := await process.stderr.read(4096):
        said = (said + piece)[-4096:]
    return said


def _quote(said: bytes) -> str:
    """The first reason that a program gave."""
    found = re.search(r"(?:ERROR|FATAL|error): +(.*)", said.decode(errors="replace"))
    return found[1] if found else "It gave no reason."


@asynccontextmanager
async def _run(
    command: list[str], environment: dict[str, str], **pipes: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd="/", **pipes)  # type: ignore[arg-type]
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
