"""The practical ceiling: Flask with nothing but what the page needs, on either database.

/            hello world
/queue       one indexed query, 25 rows, a Jinja template (about 15 KB)
/search?q=   the raw full-text query (the newest 1,000 hits, ranked) and the same template
/claim       POST id, version, csrf: the optimistic UPDATE with its audit row, behind a signed session
/lite/…      the same from SQLite, where the others are PostgreSQL's
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any, Protocol

import flask
import jinja2

_COLUMNS = "id, title, email, state, priority, created, notes, version"
_QUEUE = f"SELECT {_COLUMNS} FROM ticket WHERE state = 'unassigned' ORDER BY created DESC, id DESC LIMIT 25"
_SEARCH = f"""
WITH asked AS (SELECT websearch_to_tsquery('english', %s) AS words),
hits AS MATERIALIZED (SELECT ticket.* FROM ticket, asked WHERE ticket.words @@ asked.words LIMIT 1000)
SELECT {_COLUMNS} FROM hits, asked ORDER BY ts_rank(hits.words, asked.words) DESC, id DESC LIMIT 25
"""
_CLAIM = """
WITH won AS (UPDATE claim SET agent = %s, state = 'pending', version = version + 1
             WHERE id = %s AND version = %s AND state = 'unassigned' RETURNING id)
INSERT INTO claim_audit (ticket, agent) SELECT id, %s FROM won
"""
_SEARCH_LITE = f"""
WITH hits AS MATERIALIZED (SELECT rowid, rank FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 1000)
SELECT {_COLUMNS} FROM hits JOIN ticket ON id = rowid ORDER BY rank, id DESC LIMIT 25
"""
_CLAIM_LITE = """
UPDATE claim SET agent = ?, state = 'pending', version = version + 1
WHERE id = ? AND version = ? AND state = 'unassigned'
"""
_AUDIT_LITE = "INSERT INTO claim_audit (ticket, agent, at) VALUES (?, ?, CURRENT_TIMESTAMP)"
_TEMPLATE = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!doctype html><html lang=en><head><meta charset=utf-8><title>Queue</title>
<link rel=stylesheet href=/static/app.css></head><body><main><h1>Unassigned</h1><table><thead><tr>
<th>#<th>Title<th>From<th>State<th>Priority<th>Created<th>Notes<th>Action</tr></thead><tbody>
{% for id, title, email, state, priority, created, notes, version in rows %}
<tr id="ticket-{{ id }}" class="row state-{{ state }}"><td class="num">{{ id }}</td>
<td class="title"><a href="/staff/tickets/{{ id }}"
 hx-get="/staff/tickets/{{ id }}" hx-target="#main">{{ title }}</a></td>
<td class="from">{{ email }}</td><td class="state">{{ state }}</td><td class="priority">{{ priority }}</td>
<td class="created"><time datetime="{{ created }}">{{ created }}</time></td><td class="notes">{{ notes }}</td>
<td class="action"><button hx-post="/staff/tickets/{{ id }}/claim" hx-vals='{"version": {{ version }}}'
 hx-target="#ticket-{{ id }}">Claim</button></td></tr>
{% endfor %}
</tbody></table><nav><a href="?after={{ rows[-1][0] if rows }}">Next</a></nav></main></body></html>
""")

#: In the session of everybody who asks for one, and wanted of every claim.
TOKEN = "0123456789abcdef"
Rows = list[tuple[Any, ...]]


class Tickets(Protocol):
    """A database of tickets."""

    def newest(self) -> Rows:
        """The newest unassigned ones."""

    def best(self, words: str) -> Rows:
        """The best of the hits."""

    def claim(self, agent: int, ticket: int, version: int) -> bool:
        """Whether the ticket is the agent's now, and was not before."""

    def close(self) -> None:
        """Let go of the database."""


class OnPostgres:
    """The tickets of a database, that which the PG* variables name if no other is; one pool a worker."""

    def __init__(self, place: str = "") -> None:
        # installed by the benchmarks, and not needed on SQLite
        from psycopg_pool import ConnectionPool  # noqa: PLC0415

        options = {"autocommit": True, "prepare_threshold": 1}
        self._pool: ConnectionPool[Any] = ConnectionPool(
            place, min_size=1, max_size=4, open=True, kwargs=options
        )

    def newest(self) -> Rows:
        return self._rows(_QUEUE)

    def best(self, words: str) -> Rows:
        return self._rows(_SEARCH, words)

    def claim(self, agent: int, ticket: int, version: int) -> bool:
        with self._pool.connection() as connection:
            return bool(connection.execute(_CLAIM, (agent, ticket, version, agent)).rowcount)

    def close(self) -> None:
        self._pool.close()

    def _rows(self, query: str, *arguments: str) -> Rows:
        with self._pool.connection() as connection:
            rows: Rows = connection.execute(query, arguments or None).fetchall()
        return rows


class OnSqlite:
    """The tickets of a file, with commits as durable as ours."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = FULL")

    def newest(self) -> Rows:
        return self._connection.execute(_QUEUE).fetchall()

    def best(self, words: str) -> Rows:
        return self._connection.execute(_SEARCH_LITE, (words,)).fetchall()

    def claim(self, agent: int, ticket: int, version: int) -> bool:
        self._connection.execute("BEGIN IMMEDIATE")
        won = bool(self._connection.execute(_CLAIM_LITE, (agent, ticket, version)).rowcount)
        if won:
            self._connection.execute(_AUDIT_LITE, (ticket, agent))
        self._connection.execute("COMMIT")
        return won

    def close(self) -> None:
        self._connection.close()


def create_app(**places: Tickets) -> flask.Flask:
    """The site; each database is served under the name it is given by, `main` at the root."""
    app = flask.Flask(__name__)
    app.secret_key = "bench-only-not-a-secret"
    app.add_url_rule("/", view_func=hello)
    app.add_url_rule("/login", view_func=login)
    for name, tickets in places.items():
        app.register_blueprint(_pages(name, tickets), url_prefix="/" if name == "main" else f"/{name}")
    return app


def hello() -> str:
    """Nothing at all."""
    return "hello"


def login() -> str:
    """A session, for the asking."""
    flask.session.update(agent=1, csrf=TOKEN)
    return TOKEN


def _pages(name: str, tickets: Tickets) -> flask.Blueprint:
    pages = flask.Blueprint(name, __name__)

    @pages.get("/queue")
    def queue() -> str:
        return _TEMPLATE.render(rows=tickets.newest())

    @pages.get("/search")
    def search() -> str:
        return _TEMPLATE.render(rows=tickets.best(flask.request.args["q"]))

    @pages.post("/claim")
    def claim() -> tuple[str, int]:
        form, agent = flask.request.form, flask.session["agent"]
        if form["csrf"] != flask.session["csrf"]:
            flask.abort(400)
        won = tickets.claim(agent, int(form["id"]), int(form["version"]))
        return ("<td>yours</td>", 200) if won else ("<td>taken</td>", 409)

    return pages


def application() -> flask.Flask:
    """What gunicorn serves."""
    return create_app(main=OnPostgres(), lite=OnSqlite(os.environ["BARE_SQLITE"]))
