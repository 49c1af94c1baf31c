"""A streaming replica of a test's server, made by the programs of the same PostgreSQL."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from portal.database import binaries, cluster, embedded, server_account
from tests.portal.database.launching import make_reachable_folder


@contextmanager
def run_replica(superuser_url: str) -> Iterator[embedded.RunningServer]:
    """A server that follows the one of this address until it is left."""
    with make_reachable_folder() as made:
        folder = made / "replica"
        folder.mkdir(mode=0o711)
        account = server_account.find_server_account(None)
        account.give(folder)
        _copy_cluster(superuser_url, folder / cluster.CLUSTER, account)
        # The logins are the primary's; the launcher only wants to find a file of them.
        cluster.write_private(folder / cluster.LOGINS_FILE, "{}")
        with embedded.start(folder, durable=False) as running:
            yield running


def _copy_cluster(superuser_url: str, target: Path, account: server_account.ServerAccount) -> None:
    primary = make_url(superuser_url)
    found = server_account.reach_binaries(binaries.find_binaries(), account)
    command = [found.folder / "pg_basebackup", "-D", target, "-R", "-X", "stream", "-c", "fast"]
    command += ["-h", str(primary.host), "-p", str(primary.port), "-U", str(primary.username)]
    environment = found.get_environment() | {"PGPASSWORD": str(primary.password), "HOME": os.fspath(target.parent)}
    subprocess.run(command, check=True, env=environment, cwd="/", **account.get_spawn_options())
