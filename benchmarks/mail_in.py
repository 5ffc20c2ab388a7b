"""How many mails a minute one process takes in, on PostgreSQL with durable commits.

Run as `python -m benchmarks.mail_in` where the tests run, for the mails are theirs
(tests/intake/mail/corpus.py): as programs of all kinds write them, each about an email of one of many
tickets. Every mail is kept with its own
commit and fsync, parsed, and settled. Read from the environment: MAILS, TICKETS, BENCH_TMP.
"""

import os
import shutil
import statistics
import time
from collections import Counter

from benchmarks import cluster, machine
from benchmarks.cluster import Cluster
from paidsupport.demo import content as demo
from paidsupport.demo import create_app
from paidsupport.intake.mail import inbound
from paidsupport.testing import mount_of, take_over
from tests.intake.mail.corpus import CASES, Email
from tests.people import Desk

MAILS = int(os.environ.get("MAILS", "2000"))
TICKETS = int(os.environ.get("TICKETS", "200"))
WANTED = 500
_DATABASE = "mail_in"


def main() -> None:
    """Prepare a desk, take in the mails, print the figures; exit 1 if they are not what is wanted."""
    machine.TMP.mkdir(parents=True, exist_ok=True)
    files = machine.TMP / "mail-in-files"
    with cluster.running() as postgresql:
        desk = _desk(postgresql, str(files))
        emails = [_email(desk) for _ in range(TICKETS)]
        mails = [CASES[n % len(CASES)].make(emails[n % TICKETS]) for n in range(MAILS)]
        states, took = _take_in(desk, mails)
        broken = desk.broken()
    shutil.rmtree(files, ignore_errors=True)
    per_minute = 60 * MAILS / sum(took)
    centiles = statistics.quantiles(took, n=100)
    print(", ".join(f"{name}: {value}" for name, value in machine.description().items()))
    print(f"{MAILS:,} mails of {sum(map(len, mails)) / 1e6:.1f} MB about {TICKETS} tickets: {dict(states)}")
    print(f"{per_minute:,.0f} a minute (wanted: {WANTED})")
    print(f"each: median {centiles[49] * 1000:.1f} ms, 99 % within {centiles[98] * 1000:.1f} ms")
    if broken or per_minute < WANTED:
        raise SystemExit(f"not good enough: {broken}")


def _desk(postgresql: Cluster, files: str) -> Desk:
    postgresql.create(_DATABASE)
    app = create_app(
        {
            "SECRET_KEY": "bench-only-not-a-secret-but-long-enough",
            "SQLALCHEMY_DATABASE_URI": postgresql.url(_DATABASE),
            "PAIDSUPPORT_FILES": files,
            "PAIDSUPPORT_ORDERS_PER_HOUR": 1_000_000,
            "PAIDSUPPORT_AUTOMATIC_MAILS_PER_HOUR": 1_000_000,
        }
    )
    with app.app_context():
        demo.prepare(0)
    return Desk(app, *take_over(app))


def _email(desk: Desk) -> Email:
    """What the customer of a new ticket got."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    mail = desk.work()[-1]
    body = mail.get_body(("plain",))
    text = body.get_content().strip() if body else ""
    return Email(str(mail["Reply-To"]), str(mail["Message-ID"]), str(mail["Subject"]), text)


def _take_in(desk: Desk, mails: list[bytes]) -> tuple[Counter[str], list[float]]:
    states: Counter[str] = Counter()
    took = []
    mount = mount_of(desk.app)
    with desk.app.app_context():
        for raw in mails:
            desk.clock.forward(seconds=30)
            began = time.monotonic()
            taken = inbound.take_in(mount.by_clock, raw)
            took.append(time.monotonic() - began)
            states[f"{taken.state}"] += 1
    return states, took


if __name__ == "__main__":
    main()
