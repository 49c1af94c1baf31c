"""Runs the command lines of a JSON list on standard input, each in a fork that has the portal loaded already."""

import contextlib
import json
import os
import sys
import tempfile
from typing import Any

from portal import __main__ as program


def run(asked: dict[str, Any]) -> dict[str, Any]:
    """Exit code, and what was written to standard output and error."""
    with tempfile.TemporaryFile() as written:
        child = os.fork()
        if child == 0:
            os.environ.update(asked["settings"])
            for number in (1, 2):
                os.dup2(written.fileno(), number)
            sys.argv = ["portal", *asked["arguments"]]
            code: Any = 70
            with contextlib.suppress(BaseException):  # whatever escapes would be the process's traceback
                code = call()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        written.seek(0)
        return {"code": os.waitstatus_to_exitcode(status), "output": written.read().decode()}


def call() -> int:
    """The program's exit code; a traceback is written as Python would."""
    try:
        program.main()
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


print(json.dumps([run(asked) for asked in json.load(sys.stdin)]))
