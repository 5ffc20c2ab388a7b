"""Mail handed over by real processes: many at once, killed in between, and very large."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from paidsupport.testing import mount_of
from tests.intake.mail.incoming import answer, contacted, mails, thread
from tests.ops.test_worker import PATIENCE, environment
from tests.people import Desk

pytestmark = [pytest.mark.row("P4"), pytest.mark.slow]

COMMAND = [sys.executable, "-m", "flask", "--app", "paidsupport.site", "paidsupport", "mail-in"]
TOGETHER = 10
#: Before which statement or commit a process is killed.
KILLED_AT = (2, 5, 9, 13, 17, 22, 27)
#: Does the same in children that share what was imported, one for each number after the path of the mail:
#: killed before its statement or commit of that number (0: none). Prints how each ended, and what it said.
FORKED = """
import itertools, json, os, pathlib, signal, sys, tempfile
import flask.cli, paidsupport.site
from sqlalchemy import Engine, event

how, mail, *numbers = sys.argv[1:]

def deliver(number, told):
    os.dup2(os.open(mail, os.O_RDONLY), 0)
    os.dup2(told, 1)
    count = itertools.count(1)
    def step(*_):
        if next(count) == number:
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    sys.argv = ["flask", "--app", "paidsupport.site", "paidsupport", "mail-in"]
    try:
        flask.cli.main()
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(end.code or 0)

children, ends = [], {}
for number in map(int, numbers):
    file = tempfile.TemporaryFile()
    child = os.fork()
    if not child:
        deliver(number, file.fileno())
    children.append((child, file))
    if how == "in turn":
        ends[child] = os.waitpid(child, 0)[1]
for child, file in children:
    ends.setdefault(child, None)
    if ends[child] is None:
        ends[child] = os.waitpid(child, 0)[1]
    file.seek(0)
    print(json.dumps([os.waitstatus_to_exitcode(ends[child]), file.read().decode()]))
"""
#: Runs a command and prints the most memory it had, in kilobytes.
MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[2:], stdin=open(sys.argv[1], "rb"), capture_output=True)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, done.stdout.decode())
"""


@pytest.fixture
def together(desk: Desk) -> dict[str, str]:
    """What configures the site of other processes to be this one."""
    return environment(desk, "keep:")


def delivered(together: dict[str, str], mail: Path, how: str, *numbers: int) -> list[tuple[int, str]]:
    """How each process ended that `FORKED` started, and what it said."""
    command = [sys.executable, "-c", FORKED, how, str(mail), *map(str, numbers)]
    done = subprocess.run(command, env=together, stdout=subprocess.PIPE, check=True, timeout=6 * PATIENCE)
    return [(code, said) for code, said in map(json.loads, done.stdout.splitlines())]


def test_ten_deliveries_at_once_are_one_message(desk: Desk, together: dict[str, str], tmp_path: Path) -> None:
    """Ten processes, one mail: all say it is kept, one says it is new, the thread has it once."""
    code, email = contacted(desk)
    path = tmp_path / "mail"
    path.write_bytes(answer(email).as_bytes())
    ends = delivered(together, path, "at once", *[0] * TOGETHER)
    assert [code for code, _ in ends] == [0] * TOGETHER
    told = [json.loads(said) for _, said in ends]
    assert len({one["mail"] for one in told}) == 1
    assert sum(not one["duplicate"] for one in told) == 1
    assert thread(desk, code) == ["Yes, please."]
    assert [mail.state for mail in mails(desk)] == ["filed"]
    keys = list(mount_of(desk.app).files.keys_before(desk.clock.now))
    assert keys == [mails(desk)[0].storage_key]
    assert desk.broken() == {}


def test_killed_in_between_it_is_delivered_again_and_there_once(
    desk: Desk, together: dict[str, str], tmp_path: Path
) -> None:
    """SIGKILL at any moment, as often as it likes: whoever was told 0 was told the truth."""
    code, email = contacted(desk)
    path = tmp_path / "mail"
    path.write_bytes(answer(email).as_bytes())
    *killed, (last, _) = delivered(together, path, "in turn", *KILLED_AT, 0)
    assert last == 0
    assert [end for end, _ in killed].count(-signal.SIGKILL) >= 3, killed
    # a program that was killed after it had kept the mail leaves the rest to the worker
    desk.clock.forward(minutes=2)
    desk.work()
    assert thread(desk, code) == ["Yes, please."]
    assert desk.broken() == {}


def large(kind: str) -> bytes:
    """The rest of a mail of 30 MB, after the lines that say where it belongs."""
    if kind == "a file":
        content = base64.encodebytes(os.urandom(22 * 1024 * 1024))
        return (
            b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the film.\n--b\n"
            b"Content-Type: video/mp4\nContent-Disposition: attachment; filename=film.mp4\n"
            b"Content-Transfer-Encoding: base64\n\n" + content + b"--b--\n"
        )
    if kind == "a page":
        return (
            b"Content-Type: text/html\n\n<p>See the film.<p>"
            + b"<p>one of the lines that has some <b>\xc3\xa4</b>\n" * 700_000
        )
    return b"\nSee the film.\n" + b"A line of a log of a long day at the desk.\n" * 720_000


@pytest.mark.parametrize("kind", ["a file", "a page", "a text"])
def test_thirty_megabytes_need_little_more_than_three_hundred(
    lite_desk: Desk, tmp_path: Path, kind: str
) -> None:
    """The whole process, from the command line to the ticket."""
    code, email = contacted(lite_desk)
    path = tmp_path / "mail"
    head = f"From: jane@example.com\nTo: {email['Reply-To']}\nSubject: Large\n".encode()
    path.write_bytes(head + large(kind))
    assert path.stat().st_size > 29 * 1024 * 1024
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path), *COMMAND],
        env=environment(lite_desk, "keep:"),
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=True,
    )
    exit_code, kilobytes, told = done.stdout.split(" ", 2)
    assert (exit_code, json.loads(told)["state"]) == ("0", "filed"), done.stdout
    # the program itself has grown by some megabytes since it was 300
    assert int(kilobytes) < 320 * 1024
    assert thread(lite_desk, code)[0].startswith("See the film.")
