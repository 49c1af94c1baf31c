"""Makes the embedded server's data folder (a PostgreSQL "cluster") and keeps its passwords."""

import errno
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from portal.database import server_account
from portal.database.binaries import Binaries
from portal.database.server_account import ServerAccount
from portal.errors import EmbeddedServerError

SUPERUSER = "postgres"
LOGINS = ("portal_owner", "portal_app", "portal_worker", "portal_backup")
LOGINS_FILE = "logins.json"
CLUSTER = "cluster"
SPACE_TO_CREATE = 128 * 1024 * 1024
SPACE_TO_START = 40 * 1024 * 1024
_FULL = ("No space left on device", "Disk quota exceeded", "File too large", "Check free disk space")


@contextmanager
def explain_folder(folder: Path) -> Iterator[None]:
    """Turns what the system says about a folder into an EmbeddedServerError that says what to do."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise report_full(folder) from problem
        raise EmbeddedServerError(
            f"The database folder {folder} cannot be used ({problem.strerror}: {problem.filename}). Make it writable "
            "for the account that runs the portal, or name another folder in PORTAL_DATA_DIR."
        ) from problem


def report_full(folder: Path) -> EmbeddedServerError:
    """The error for a folder without room."""
    return EmbeddedServerError(
        f"There is no room left for the database in {folder}. Free some disk space ({SPACE_TO_CREATE >> 20} MB to "
        "begin with), or name another folder in PORTAL_DATA_DIR."
    )


def is_full(message: str) -> bool:
    """Whether PostgreSQL's message means that the disk is full."""
    return any(phrase in message for phrase in _FULL)


def check_space(folder: Path, needed: int) -> None:
    """Raises EmbeddedServerError unless `needed` bytes are free: PostgreSQL itself cannot even log that."""
    if shutil.disk_usage(folder).free < needed:
        raise report_full(folder)


def load_logins(folder: Path) -> Mapping[str, str]:
    """The passwords of the superuser and the four logins; generated once, kept in a file of mode 0600."""
    path = folder / LOGINS_FILE
    try:
        kept: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        if (folder / CLUSTER).exists():
            raise EmbeddedServerError(
                f"The passwords of the database are missing: put {path} back from a backup, or move {folder} away to "
                "begin with an empty database."
            ) from None
        kept = {}
    except ValueError as problem:
        raise EmbeddedServerError(f"{path} is damaged ({problem}); put it back from a backup.") from problem
    missing = [login for login in (SUPERUSER, *LOGINS) if login not in kept]
    if missing:
        kept |= {login: secrets.token_urlsafe(24) for login in missing}
        write_private(path, json.dumps(kept, indent=1))
    return kept


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read, so that it is there complete or not at all."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def find_cluster(folder: Path) -> Path | None:
    """Where the data lie: in the folder, or where its link leads; None before the first start."""
    entry = folder / CLUSTER
    if entry.is_symlink() and not entry.exists():
        raise EmbeddedServerError(f"The data of {folder} were kept in {entry.readlink()}, which is gone.")
    return entry.resolve() if entry.exists() else None


def read_major(cluster: Path) -> int:
    """The major version of PostgreSQL that made the data."""
    return int((cluster / "PG_VERSION").read_text().strip())


def create_cluster(
    folder: Path, binaries: Binaries, account: ServerAccount, password: str, *, durable: bool, shelter: Path
) -> Path:
    """Make the data folder beside its final name and move it there, so that an interruption leaves nothing half made.

    The caller holds the folder's lock. Raises EmbeddedServerError.
    """
    reachable = account.can_enter(folder)
    home = folder if reachable else server_account.open_shelter(shelter)
    check_space(home, SPACE_TO_CREATE)
    mark = "draft-" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    for leftover in home.glob(f"{mark}-*"):
        shutil.rmtree(leftover)
    draft = home / f"{mark}-{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    account.give(draft)
    try:
        _run_initdb(draft / "data", binaries, account, password, durable=durable)
        final = folder / CLUSTER if reachable else home / f"cluster-{secrets.token_hex(8)}"
        (draft / "data").rename(final)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if not reachable:
        (folder / CLUSTER).symlink_to(final)
    return final.resolve()


def _run_initdb(target: Path, binaries: Binaries, account: ServerAccount, password: str, *, durable: bool) -> None:
    password_file = target.parent / "password"
    write_private(password_file, password)
    account.give(password_file)
    command: list[str | Path] = [binaries.folder / "initdb", "-D", target, "-U", SUPERUSER, f"--pwfile={password_file}"]
    command += ["--encoding=UTF8", "--auth=scram-sha-256", "--data-checksums", *_choose_locale(binaries)]
    command += [] if durable else ["--no-sync"]
    made = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=binaries.get_environment(),
        start_new_session=True,
        **account.get_spawn_options(),
    )
    if made.returncode != 0:
        if is_full(made.stdout):
            raise report_full(target.parent.parent)
        raise EmbeddedServerError(
            f"PostgreSQL could not make its data folder in {target.parent.parent}: {made.stdout.strip()[-600:]}"
        )


def _choose_locale(binaries: Binaries) -> list[str]:
    """The same order of text and the same upper and lower case on every system, as far as each version can.

    From 17 on PostgreSQL brings its own C.UTF-8; before, Linux has one, and elsewhere the order of bytes remains.
    """
    if binaries.major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"] if sys.platform == "linux" else ["--no-locale"]
