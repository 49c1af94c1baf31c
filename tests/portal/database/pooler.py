"""A pgbouncer in transaction mode in front of a test's database, with so few connections that callers share them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from portal.database import embedded
from tests import absences, databases
from tests.portal.database.launching import make_reachable_folder, wait_until

SERVER_CONNECTIONS = 2


@contextmanager
def run_pooler(made: databases.TestDatabase) -> Iterator[str]:
    """The address of the application's login by way of the pooler."""
    direct = make_url(made.app_url)
    port = embedded._find_free_port()
    with make_reachable_folder() as folder:
        configuration = _write_configuration(folder, made, port)
        command = [str(absences.POOLER), *(["-u", "nobody"] if os.geteuid() == 0 else []), str(configuration)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                url = direct.set(port=port).render_as_string(hide_password=False)
                wait_until(lambda: _answers(url))
                yield url
            finally:
                process.terminate()


def _write_configuration(folder: Path, made: databases.TestDatabase, port: int) -> Path:
    direct = make_url(made.app_url)
    users, configuration = folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text(f'"{direct.username}" "{direct.password}"\n')
    configuration.write_text(
        "[databases]\n"
        f"{made.name} = host={direct.host} port={direct.port} dbname={made.name}\n"
        "[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {users}\n"
        f"pool_mode = transaction\ndefault_pool_size = {SERVER_CONNECTIONS}\nmax_client_conn = 200\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    for path in (users, configuration):
        path.chmod(0o644)
    return configuration


def _answers(url: str) -> bool:
    async def connect() -> None:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""), statement_cache_size=0, timeout=5)
        await connection.close()

    try:
        databases.run(connect)
    except (OSError, asyncpg.PostgresError):
        return False
    return True
