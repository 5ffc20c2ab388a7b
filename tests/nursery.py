"""Processes of the site that share what each would import for seconds: forked by one that has done so.

Each is a process of its own all the same: it makes its own application and connections, and can be killed.
"""

from __future__ import annotations

import array
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from typing import IO

#: Does what `python -m flask` does.
FLASK = "import flask.cli; flask.cli.main()"
#: The arguments of `FLASK` before those of our commands.
OURS = ("--app", "paidsupport.site", "paidsupport")
#: Imports, and forks for each message a process that keeps a child: it tells its id, then its status.
#: The child goes on after the loop, and ends as any program does.
_NURSERY = """
import array, gc, imaplib, json, os, socket, sqlite3, sys, time
import flask.cli, paidsupport.site, paidsupport.tables, psycopg, sqlalchemy.orm, waitress
import paidsupport.demo.content, paidsupport.kernel.worker, paidsupport.ops.doctor.doctor, paidsupport.testing

sqlalchemy.orm.configure_mappers()
gc.collect()
gc.freeze()
calls = socket.socket(fileno=int(sys.argv[1]))

def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass

def child():
    while True:
        fds = array.array("i", [0] * 4)
        said, handed, *_ = calls.recvmsg(1 << 20, socket.CMSG_LEN(len(fds) * fds.itemsize))
        reap()
        if not said:
            os._exit(0)
        fds.frombytes(handed[0][2])
        *streams, told = fds[4:]
        if not os.fork():
            calls.close()
            born = os.fork()
            if not born:
                for number, stream in enumerate(streams):
                    os.dup2(stream, number)
                    os.close(stream)
                os.close(told)
                return json.loads(said)
            for stream in streams:
                os.close(stream)
            os.write(told, b"%d\\n" % born)
            os.write(told, b"%d\\n" % os.waitstatus_to_exitcode(os.waitpid(born, 0)[1]))
            os._exit(0)
        for fd in fds[4:]:
            os.close(fd)

asked = child()
os.environ.clear()
os.environ.update(asked["environment"])
time.tzset()
sys.argv = asked["arguments"]
exec(compile(asked["code"], "<child>", "exec"), {"__name__": "__main__"})
"""


@dataclass
class Child:
    """A process, as `subprocess.Popen` has one."""

    pid: int
    told: IO[bytes]
    returncode: int | None = None

    def wait(self, timeout: float = 120) -> int:
        """How it ended: its exit code, or less than nothing for a signal.

        Raises:
            TimeoutError: It goes on.
        """
        if self.returncode is None:
            if not select.select([self.told], [], [], timeout)[0]:
                raise TimeoutError(f"{self.pid} goes on")
            self.returncode = int(self.told.readline())
            self.told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        try:
            self.wait(0)
        except TimeoutError:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def start(
    *arguments: str,
    code: str = FLASK,
    env: dict[str, str],
    stdin: IO[bytes] | int | None = None,
    stdout: IO[bytes] | int | None = None,
    stderr: IO[bytes] | int | None = None,
) -> Child:
    """Begin a process that runs `code` with these arguments; streams that are not given are ours."""
    message = {"arguments": ["child", *arguments], "code": code, "environment": env}
    given = [
        number if stream is None else stream if isinstance(stream, int) else stream.fileno()
        for number, stream in enumerate((stdin, stdout, stderr))
    ]
    told, tells = os.pipe()
    fds = array.array("i", [*given, tells])
    _calls().sendmsg([json.dumps(message).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
    os.close(tells)
    file = os.fdopen(told, "rb", buffering=0)
    return Child(int(file.readline()), file)


def run(
    *arguments: str, code: str = FLASK, env: dict[str, str], timeout: float, stdin: IO[bytes] | None = None
) -> tuple[int, str]:
    """Run such a process to its end: its exit code, and what it said on both streams."""
    with tempfile.TemporaryFile() as said:
        ended = start(*arguments, code=code, env=env, stdin=stdin, stdout=said, stderr=said).wait(timeout)
        said.seek(0)
        return ended, said.read().decode()


@cache
def _calls() -> socket.socket:
    """Where the nursery of this process listens; it ends with us."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _NURSERY, str(its.fileno())],
        pass_fds=[its.fileno()],
        stdin=subprocess.DEVNULL,
    )
    its.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
