"""The system account PostgreSQL runs under: the caller's own, or `nobody` when the caller is root."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.database.binaries import Binaries
from portal.errors import EmbeddedServerError

SHELTER = Path("/var/lib/supplier-portal")
"""Where root keeps what `nobody` must reach when the folder asked for lies behind a closed door (a 0700 home)."""


@dataclass(frozen=True)
class ServerAccount:
    """Whom PostgreSQL's processes belong to; uid None means the caller."""

    uid: int | None
    gid: int | None

    def get_spawn_options(self) -> dict[str, Any]:
        """Keyword arguments that make subprocess start a program under this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Hand a file or folder to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_enter(self, folder: Path) -> bool:
        """Whether this account can work in a folder; asked of the system itself, so that mounts and ACLs count."""
        if self.uid is None:
            return True
        try:
            tried = subprocess.run(
                ["/bin/sh", "-c", 'cd -- "$1"', "sh", folder], capture_output=True, cwd="/", **self.get_spawn_options()
            )
        except OSError as problem:
            raise EmbeddedServerError(
                f"PostgreSQL refuses to run as root, and this system does not let root become `nobody` ({problem}). "
                "Run the portal as an ordinary user, or use a server of your own with PORTAL_DATABASE_URL."
            ) from problem
        return tried.returncode == 0


def find_server_account(cluster: Path | None) -> ServerAccount:
    """The account to run PostgreSQL under, which refuses to run as root: the owner of existing data, else `nobody`."""
    if os.geteuid() != 0:
        return ServerAccount(None, None)
    if cluster is not None and cluster.stat().st_uid != 0:
        return ServerAccount(cluster.stat().st_uid, cluster.stat().st_gid)
    nobody = pwd.getpwnam("nobody")
    return ServerAccount(nobody.pw_uid, nobody.pw_gid)


def reach_binaries(binaries: Binaries, account: ServerAccount, shelter: Path = SHELTER) -> Binaries:
    """The same programs at a place the account can enter: where they are, or a copy that only root can change."""
    if account.can_enter(binaries.folder):
        return binaries
    trees = binaries.list_trees()
    with open(binaries.folder / "postgres", "rb") as program:
        content = hashlib.file_digest(program, "sha256").hexdigest()[:16]
    target = shelter / f"postgresql-{binaries.version}-{content}"
    if not target.exists():
        _copy_whole(trees, target)
    place = target / binaries.folder.relative_to(trees[0].parent)
    copied = Binaries(place, binaries.major, binaries.version)
    if not account.can_enter(copied.folder):
        raise EmbeddedServerError(f"The account `nobody` cannot enter {copied.folder}; open its parent folders to it.")
    return copied


def open_shelter(shelter: Path = SHELTER) -> Path:
    """Make the folder for what `nobody` must reach; anyone may pass through it, only root may list or change it."""
    try:
        shelter.mkdir(parents=True, exist_ok=True)
        shelter.chmod(0o711)
    except OSError as problem:
        raise EmbeddedServerError(
            f"The account `nobody`, which runs PostgreSQL for root, cannot reach the data folder, and {shelter} "
            f"cannot be made instead ({problem.strerror}). Move the data folder or run as an ordinary user."
        ) from problem
    return shelter


def _copy_whole(trees: Sequence[Path], target: Path) -> None:
    """Copy folders so that the target is there complete or not at all, whoever else copies at the same time."""
    shelter = open_shelter(target.parent)
    draft = Path(tempfile.mkdtemp(prefix="copying-", dir=shelter))
    try:
        for tree in trees:
            shutil.copytree(tree, draft / "tree" / tree.name, symlinks=True)
            (draft / "tree" / tree.name).chmod(0o755)
        (draft / "tree").chmod(0o755)
        try:
            (draft / "tree").rename(target)
        except OSError:
            if not target.exists():
                raise
    except OSError as problem:
        raise EmbeddedServerError(f"Copying PostgreSQL to {shelter} failed: {problem.strerror}.") from problem
    finally:
        shutil.rmtree(draft, ignore_errors=True)
