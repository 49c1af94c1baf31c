"""The guard: a few lines of shell that are PostgreSQL's parent and stop it when every portal is gone.

It waits on the lifeline, of which each process that uses the server holds an end. It lives in a session of its own, so
that Ctrl-C in the terminal reaches the portal alone, which then ends its requests first.
"""

import atexit
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
_outliving: list["subprocess.Popen[bytes]"] = []  # kept to the end, since Python warns of one nobody waited for
# `read` and not `cat`: a program of its own would outlive the guard, and seem to be a guard that listens.
_SCRIPT = """
trap '' HUP INT TERM
exec 3<&0 </dev/null
"$@" >&2 3<&- &
server=$!
echo "$server"
exec >/dev/null
{
  while read -r word <&3; do :; done
  exec 3<&-
  kill -INT "$server"
  seconds=0
  while [ "$seconds" -lt 30 ]; do sleep 1; seconds=$((seconds + 1)); done
  kill -QUIT "$server"
} 2>/dev/null &
lifeline=$!
exec 3<&-
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

    def outlive(self) -> None:
        """Let it go on without this process, for those who still use the server."""
        _outliving[:] = [one for one in (*_outliving, self.process) if one.poll() is None]

    def await_end(self) -> None:
        """Wait for the fast shutdown that the guard asks for once the lifeline is cut; insist if it takes too long."""
        for number in (signal.SIGQUIT, signal.SIGKILL):
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.kill(self.pid, number)
            else:
                return
        self.process.wait(STOP_SECONDS)


@atexit.register
def _let_go() -> None:
    """Whoever goes on now is nobody's to wait for."""
    for one in _outliving:
        if one.poll() is None:
            one.returncode = 0  # Python's own word for it: there is no other way to say so


def spawn(
    cluster: Path,
    binaries: Binaries,
    account: ServerAccount,
    settings: Mapping[str, str],
    *,
    listening: int,
    output: int,
) -> Guard:
    """Start PostgreSQL under a guard at the lifeline `listening`; what both say goes to the file `output`."""
    command: list[str | Path] = ["/bin/sh", "-c", _SCRIPT, "sh", binaries.folder / "postgres", "-D", cluster]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    process = subprocess.Popen(
        command,
        stdin=listening,
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
