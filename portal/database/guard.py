"""The guard: a few lines of shell that are PostgreSQL's parent and stop it when the portal is gone.

It waits on a pipe from the portal, which the system closes however the portal ends, kill -9 included. It lives in a
session of its own, so that Ctrl-C in the terminal reaches the portal alone, which then ends its requests first.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.database import postmaster
from portal.database.binaries import Binaries
from portal.database.server_account import ServerAccount
from portal.errors import EmbeddedServerError

STOP_SECONDS = 20.0
"""How long a fast shutdown may take; PostgreSQL 18 hangs when asked for one in the midst of its crash recovery."""
_SCRIPT = """
trap '' HUP INT TERM
exec 3<&0
"$@" </dev/null >&2 3<&- &
server=$!
echo "$server"
exec >/dev/null
{
  cat <&3
  kill -INT "$server"
  seconds=0
  while [ "$seconds" -lt 30 ]; do sleep 1; seconds=$((seconds + 1)); done
  kill -QUIT "$server"
} 2>/dev/null &
lifeline=$!
wait "$server"
code=$?
kill -KILL "$lifeline" 2>/dev/null
exit "$code"
"""


@dataclass(frozen=True)
class Guard:
    """The guard's process and the id of the postmaster below it."""

    process: "subprocess.Popen[bytes]"
    pid: int

    def is_running(self) -> bool:
        """Whether guard and postmaster live; the guard ends with the postmaster."""
        return self.process.poll() is None

    def wait_until_ready(self, cluster: Path, deadline: float) -> bool:
        """True once the server takes connections, False when it ended instead; EmbeddedServerError at the deadline."""
        while self.is_running():
            found = postmaster.read_pid_file(cluster)
            if found is not None and found.pid == self.pid and found.ready:
                return True
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"PostgreSQL in {cluster} did not become ready in time; its log says why.")
            time.sleep(0.02)
        return False

    def stop(self) -> None:
        """Close the pipe, upon which the guard asks for a fast shutdown; insist when that takes too long."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        for number in (signal.SIGQUIT, signal.SIGKILL):
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.kill(self.pid, number)
            else:
                return
        self.process.wait(STOP_SECONDS)


def spawn(
    cluster: Path, binaries: Binaries, account: ServerAccount, settings: Mapping[str, str], *, output: int
) -> Guard:
    """Start PostgreSQL under a guard; what both say goes to the file descriptor `output`."""
    command: list[str | Path] = ["/bin/sh", "-c", _SCRIPT, "sh", binaries.folder / "postgres", "-D", cluster]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=output,
        cwd="/",
        env=binaries.get_environment(),
        start_new_session=True,
        **account.get_spawn_options(),
    )
    assert process.stdout is not None
    with process.stdout as told:
        return Guard(process, int(told.readline()))
