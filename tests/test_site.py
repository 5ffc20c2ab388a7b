"""The demonstration site as `make run` starts it: one process, a worker inside, on either database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from tests.concurrency.processes import wait_until
from tests.people import field
from tests.postgres import free_port
from tests.sites import VAULT_KEY


@contextmanager
def running(uri: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`python -m paidsupport.site`; gives its address once it answers."""
    port = free_port()
    environment = {
        "PORT": str(port),
        "FLASK_SECRET_KEY": "a secret of the tests",
        "FLASK_PAIDSUPPORT_VAULT_KEYS": VAULT_KEY,
        "FLASK_SQLALCHEMY_DATABASE_URI": uri,
        "FLASK_PAIDSUPPORT_FILES": str(folder / "files"),
        "FLASK_PAIDSUPPORT_RELAXED_DURABILITY": "true",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "paidsupport.site"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{address}/support/healthz", timeout=5).ok
        return False

    try:
        wait_until(answers, "the site")
        yield address, process
    finally:
        process.terminate()
        assert process.stdout is not None
        process.stdout.close()
        process.wait(timeout=30)


@pytest.mark.slow
@pytest.mark.row("P2", "P3", "G2")
def test_it_starts_with_everything_in_place(database_uri: str, tmp_path: Path) -> None:
    """Tables, people, a catalogue, tickets; an order is confirmed by mail within seconds."""
    for number in (1, 2):  # a second start finds what the first one left, and works as well
        _order_and_look(database_uri, tmp_path, f"jane{number}@example.com")


def _order_and_look(uri: str, folder: Path, email: str) -> None:
    with running(uri, folder) as (address, process):
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(5)]
        assert address in "".join(printed)
        with requests.Session() as browser:
            services = browser.get(f"{address}/support/", timeout=10).text
            for name in ("Installation", "Upgrade", "Customization"):
                assert name in services
            form = browser.get(f"{address}/support/order/customization", timeout=10).text
            sent = {name: field(form, name) for name in ("csrf_token", "key", "terms")} | {
                "requirement_0": "y",
                "requirement_1": "y",
                "requirement_2": "y",
                "answer_wish": "A clock.",
                "name": "Jane Doe",
                "email": email,
                "host_url": "gallery.example.com",
            }
            done = browser.post(f"{address}/support/order/customization", data=sent, timeout=10)
            assert done.ok, done.text
            found = re.search(r"PS-\w{4}-\w{4}", done.text)
            assert found
            code = found[0]

            def mailed() -> bool:
                return code in browser.get(f"{address}/support/dev/mail", timeout=10).text

            wait_until(mailed, "the confirmation")
            login = browser.get(f"{address}/login", timeout=10).text
            who = {"email": "mia@example.org", "password": "demo", "csrf_token": field(login, "csrf_token")}
            queue = browser.post(f"{address}/login", data=who, timeout=10)
            assert code in queue.text
