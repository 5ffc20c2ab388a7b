"""Lists of issues and the overview beside a page of the queue, on a large desk, in one process.

`python -m benchmarks.issues` prints medians in milliseconds on PostgreSQL, taken in turns, their ratios, and
the queries of each page. TICKETS and ISSUES say how many there are.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event, text

from benchmarks import cluster
from benchmarks.client import field
from paidsupport.demo import content as demo
from paidsupport.demo import create_app
from paidsupport.demo.users import db
from paidsupport.kernel.actors import Actor, Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import metadata
from paidsupport.ops.overview import operations as overview
from paidsupport.testing import mount_of

TICKETS = int(os.environ.get("TICKETS", "1000000"))
ISSUES = int(os.environ.get("ISSUES", "100000"))
_DATABASE = "paidsupport_issues"
_ROUNDS = 15
#: One request differs from the next, so that no page comes from what was drawn before.
_QUEUE = "/support/desk/?x={}"
_PAGES = {
    "overview": "/support/desk/overview",
    "open issues": "/support/desk/issues?x={}",
    "new issues": "/support/desk/issues?state=new&x={}",
    "closed issues": "/support/desk/issues?state=closed&x={}",
    "issues by words": "/support/desk/issues?q=dark+pict&x={}",
    "inbox": "/support/desk/issues/inbox?x={}",
    "my work": "/support/desk/mine?x={}",
    "reviews": "/support/desk/issues/reviews?x={}",
    "releases": "/support/desk/issues/releases?x={}",
    "leads": "/support/desk/sales?x={}",
    "organisations": "/support/desk/organisations?x={}",
    "gaps": "/support/desk/gaps?x={}",
    "invoices": "/support/desk/invoices?x={}",
}

_FILL_DEADLINES = """
INSERT INTO paidsupport_deadline
    (ticket_id, kind, minutes, warn_left, started_at, due_at, warn_at, done_at, outcome, letter_reference)
SELECT id, 'first-contact', 480, 60, submitted_at, submitted_at + interval '1 day', submitted_at,
    submitted_at + interval '3 hours', 'met', ''
FROM paidsupport_ticket WHERE part = 'closed' AND code LIKE 'PS-X%'
"""
_FILL_ISSUES = """
INSERT INTO paidsupport_issue
    (code, kind, state, version, summary, details, private, priority, target_release, release, deadline,
    minutes_left, claim_number, path, fixed_where, fixed_version, review_outcome, stage, stage_version,
    end_reason, created_at, changed_at, ended_at, resolved_at, event_count, event_hash, owner_id, reviewer_id,
    author_id)
SELECT 'IS-X' || g, 'bug', s.state, 1, 'Pictures stay dark no. ' || g, 'Upload one.', g % 40 = 0, 1 + g % 4,
    '2.' || g % 9, '', CURRENT_DATE + g % 90, 60 * (g % 30), 0, '', '', '', '', '', '', '',
    now() - g * interval '5 minutes', now() - g * interval '4 minutes',
    CASE WHEN s.state = 'closed' THEN now() - g * interval '4 minutes' END,
    CASE WHEN s.state IN ('resolved', 'closed') THEN now() - g * interval '4 minutes' END, 0, '',
    CASE WHEN s.state IN ('feedback', 'assigned', 'review') THEN 1 + g % 2 END,
    CASE WHEN s.state = 'review' THEN 2 - g % 2 END, CASE WHEN s.state = 'review' THEN 1 + g % 2 END
FROM generate_series(1, :many) AS g CROSS JOIN LATERAL (SELECT (ARRAY['new', 'feedback', 'confirmed',
    'assigned', 'review', 'resolved', 'closed', 'closed', 'closed', 'closed'])[1 + g % 10] AS state) AS s
"""
_FILL_WORDS = "INSERT INTO paidsupport_issue_word (issue_id, word) SELECT id, :word FROM paidsupport_issue"


def main() -> None:
    """Fill a database, ask in turns, print."""
    with cluster.running() as server, tempfile.TemporaryDirectory() as folder:
        server.create(_DATABASE)
        app = create_app(
            {
                "SECRET_KEY": "for a benchmark only",
                "SQLALCHEMY_DATABASE_URI": server.url(_DATABASE),
                "PAIDSUPPORT_FILES": str(Path(folder) / "files"),
            }
        )
        with app.app_context():
            demo.prepare(30)
            engine = mount_of(app).database.engine
            with engine.begin() as connection:
                _fill(connection)
            server.sql(_DATABASE, "VACUUM ANALYZE")
            _measure(app)
            engine.dispose()


def _measure(app: Flask) -> None:
    client = _signed_in(app)
    counted = _count(app)
    with app.app_context():
        engine = db.engine  # ours is this one with an option, and tells its listeners too
    took: dict[str, list[float]] = {name: [] for name in ("queue", *_PAGES)}
    queries: dict[str, int] = {}
    for number in range(_ROUNDS):
        for name, path in {"queue": _QUEUE, **_PAGES}.items():
            seen: list[str] = []

            def note(*said: object, seen: list[str] = seen) -> None:
                seen.append(str(said[2]))

            event.listen(engine, "before_cursor_execute", note)
            began = time.perf_counter()
            answer = client.get(path.format(number))
            spent = (time.perf_counter() - began) * 1000
            event.remove(engine, "before_cursor_execute", note)
            if answer.status_code != 200:
                sys.exit(f"{path} answers {answer.status_code}")
            took[name].append(spent)
            queries[name] = len(seen)
    queue = statistics.median(took["queue"])
    print(f"{TICKETS:,} tickets, {ISSUES:,} issues; counting the overview took {counted:,} ms")
    for name, each in took.items():
        middle = statistics.median(each)
        print(f"{name:18} {middle:8.1f} ms  {middle / queue:6.2f} of the queue  {queries[name]:3} queries")


def _count(app: Flask) -> int:
    """Count the overview as a worker does, keep it; the milliseconds it took."""
    mount = mount_of(app)
    boss = Actor("person", "Mia", 1, Role.MANAGER)
    with mount.database.reading() as session:
        counted = overview.count(Context(mount.services, session, boss, mount.clock()))
    with mount.database.writing() as session:
        overview.keep(Context(mount.services, session, boss, mount.clock()), counted)
    return counted.took


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    token = field(client.get("/login").text, "csrf_token")
    known = {"email": "mia@example.org", "password": "demo", "csrf_token": token}
    assert client.post("/login", data=known).status_code == 303
    return client


def _fill(connection: Connection) -> None:
    """Tickets and issues like one that is there, spread over a year, most of them over."""
    _copies(
        connection,
        "ticket",
        "WHERE state = 'open' LIMIT 1",
        TICKETS,
        code="'PS-X' || g",
        reference="md5(g::text)",
        part="CASE g % 50 WHEN 0 THEN 'unassigned' WHEN 1 THEN 'pending' ELSE 'closed' END",
        state="CASE g % 50 WHEN 0 THEN 'open' WHEN 1 THEN 'pending' ELSE 'closed' END",
        owner_id="CASE g % 50 WHEN 1 THEN 1 + g % 2 END",
        submitted_at="now() - g * interval '31 seconds'",
        changed_at="now() - g * interval '31 seconds'",
        ended_at="CASE WHEN g % 50 > 1 THEN now() - g * interval '30 seconds' END",
        due_at="CASE WHEN g % 50 > 1 THEN '9999-01-01+00' ELSE now() + interval '1 day' END",
    )
    connection.execute(text(_FILL_DEADLINES))
    connection.execute(text(_FILL_ISSUES), {"many": ISSUES})
    for word in ("pictures", "dark"):
        connection.execute(text(_FILL_WORDS), {"word": word})


def _copies(connection: Connection, noun: str, which: str, many: int, **changed: str) -> None:
    """Rows like one of a table, with some columns worked out from their number `g`."""
    columns = [
        column.name for column in metadata.tables[f"paidsupport_{noun}"].columns if column.name != "id"
    ]
    values = ", ".join(changed.get(name, f"one.{name}") for name in columns)
    connection.execute(
        text(
            f"INSERT INTO paidsupport_{noun} ({', '.join(columns)}) SELECT {values} FROM"
            f" generate_series(1, {many}) AS g CROSS JOIN (SELECT * FROM paidsupport_{noun} {which}) AS one"
        )
    )


if __name__ == "__main__":
    main()
