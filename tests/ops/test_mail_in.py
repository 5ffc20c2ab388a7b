"""Mail handed over by real processes: many at once, killed in between, and very large."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from paidsupport.testing import mount_of
from tests import nursery
from tests.intake.mail.incoming import answer, contacted, mails, thread
from tests.ops.test_worker import PATIENCE, environment
from tests.people import Desk

pytestmark = [pytest.mark.row("P4"), pytest.mark.slow]

MAIL_IN = (*nursery.OURS, "mail-in")
TOGETHER = 10
#: Before which statement or commit a process is killed.
KILLED_AT = (2, 5, 9, 13, 17, 22, 27)
#: Does the same, but is killed before its statement or commit of the number that is its first argument.
KILLED = """
import itertools, os, signal, sys
import flask.cli
from sqlalchemy import Engine, event

last, count = int(sys.argv.pop(1)), itertools.count(1)

def step(*_):
    if next(count) == last:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", step)
event.listen(Engine, "commit", step)
flask.cli.main()
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


def test_ten_deliveries_at_once_are_one_message(desk: Desk, together: dict[str, str], tmp_path: Path) -> None:
    """Ten processes, one mail: all say it is kept, one says it is new, the thread has it once."""
    code, email = contacted(desk)
    path = tmp_path / "mail"
    path.write_bytes(answer(email).as_bytes())
    with ExitStack() as open_files:
        streams = [open_files.enter_context((tmp_path / str(n)).open("w+b")) for n in range(TOGETHER)]
        mails_in = [open_files.enter_context(path.open("rb")) for _ in streams]
        running = [
            nursery.start(*MAIL_IN, env=together, stdin=mail, stdout=stream)
            for mail, stream in zip(mails_in, streams, strict=True)
        ]
        assert [process.wait(PATIENCE) for process in running] == [0] * TOGETHER
    told = [json.loads((tmp_path / str(number)).read_text()) for number in range(TOGETHER)]
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
    ends = []
    for number in (*KILLED_AT, 0):
        with path.open("rb") as mail:
            ended, _ = nursery.run(
                str(number), *MAIL_IN, code=KILLED, env=together, stdin=mail, timeout=PATIENCE
            )
        ends.append(ended)
    assert ends[-1] == 0
    assert ends.count(-signal.SIGKILL) >= 3, ends
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
        [sys.executable, "-c", MEASURED, str(path), sys.executable, "-m", "flask", *MAIL_IN],
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
