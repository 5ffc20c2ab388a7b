"""A site that has answered ten thousand requests is as small as before (make soak)."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from flask import Flask

from tests.demo.test_demo import running
from tests.people import Desk, field

#: Megabytes that a worker may have, and how much it may grow after the first tenth of the requests.
MOST, GROWTH = 100, 5
REQUESTS = 10_000


@pytest.mark.soak
@pytest.mark.row("P6")
def test_ten_thousand_requests_leave_a_worker_small(lite_app: Flask, lite_desk: Desk, tmp_path: Path) -> None:
    """Queue, tickets, searches, the customer's side: memory stays under its limit and does not grow."""
    codes = [lite_desk.in_progress(lite_desk.ada) for _ in range(5)]
    paths = [
        "/support/desk/",
        "/support/desk/?part=closed",
        "/support/desk/?q=albums",
        *(f"/support/desk/tickets/{code}" for code in codes),
        "/support/order/upgrade",
        f"/support/t/{lite_desk.token(codes[0])}",
    ]
    with running(lite_app.config["SQLALCHEMY_DATABASE_URI"], tmp_path, apart=True) as (address, _, pid):
        browser = requests.Session()
        token = field(browser.get(f"{address}/login").text, "csrf_token")
        who = {"email": "ada@example.org", "password": "demo", "csrf_token": token}
        browser.post(f"{address}/login", data=who)
        early = 0.0
        for number in range(REQUESTS):
            assert browser.get(address + paths[number % len(paths)]).ok
            if number == REQUESTS // 10:
                early = megabytes(pid)
        late = megabytes(pid)
        browser.close()
    assert late <= MOST
    assert late - early <= GROWTH


def megabytes(pid: int) -> float:
    """What a process holds in memory."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))
