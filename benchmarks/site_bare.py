"""The practical ceiling: Flask with nothing but what the page needs.

/            hello world
/queue       one indexed query on PostgreSQL, 25 rows, a Jinja template (about 15 KB)
/search?q=   the raw full-text query (the newest 1,000 hits, ranked) and the same template
/claim       POST id, version, csrf: the optimistic UPDATE with its audit row, behind a signed session
/lite        the page of /queue from SQLite
"""

import os
import sqlite3
from functools import cache
from typing import Any

import flask
import jinja2
from psycopg_pool import ConnectionPool

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

application = flask.Flask(__name__)
application.secret_key = "bench-only-not-a-secret"
_TOKEN = "0123456789abcdef"


@cache
def _pool() -> ConnectionPool[Any]:
    """One pool a worker, opened after the fork."""
    return ConnectionPool(
        min_size=1, max_size=4, open=True, kwargs={"autocommit": True, "prepare_threshold": 1}
    )


def _rows(query: str, *arguments: str) -> list[tuple[Any, ...]]:
    with _pool().connection() as connection:
        rows: list[tuple[Any, ...]] = connection.execute(query, arguments or None).fetchall()
    return rows


@cache
def _lite() -> sqlite3.Connection:
    return sqlite3.connect(os.environ["BARE_SQLITE"], check_same_thread=False)


@application.get("/")
def hello() -> str:
    """Nothing at all."""
    return "hello"


@application.get("/queue")
def queue() -> str:
    """The newest unassigned tickets."""
    return _TEMPLATE.render(rows=_rows(_QUEUE))


@application.get("/lite")
def lite() -> str:
    """The newest unassigned tickets, from SQLite."""
    return _TEMPLATE.render(rows=_lite().execute(_QUEUE).fetchall())


@application.get("/search")
def search() -> str:
    """The best of the hits."""
    return _TEMPLATE.render(rows=_rows(_SEARCH, flask.request.args["q"]))


@application.get("/login")
def login() -> str:
    """A session, for the asking."""
    flask.session.update(agent=1, csrf=_TOKEN)
    return _TOKEN


@application.post("/claim")
def claim() -> tuple[str, int]:
    """Take a ticket, once."""
    form, agent = flask.request.form, flask.session["agent"]
    if form["csrf"] != flask.session["csrf"]:
        flask.abort(400)
    with _pool().connection() as connection:
        ticket = int(form["id"])
        won = connection.execute(_CLAIM, (agent, ticket, int(form["version"]), agent)).rowcount
    return ("<td>yours</td>", 200) if won else ("<td>taken</td>", 409)
