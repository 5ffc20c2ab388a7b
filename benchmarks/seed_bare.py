"""Make the tables of the bare site from the corpus.

python -m benchmarks.seed_bare 100000 5000               fills PostgreSQL, with 5,000 rows to be claimed
python -m benchmarks.seed_bare 100000 5000 bare.sqlite3  fills a SQLite file
"""

import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from benchmarks.corpus import tickets

_TABLE = """CREATE TABLE ticket (
    id BIGINT PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, email TEXT NOT NULL, state TEXT NOT NULL,
    priority INT NOT NULL, agent INT, created {time} NOT NULL, notes INT NOT NULL, version INT NOT NULL)"""
_INDEX = "CREATE INDEX ticket_state ON ticket (state, created DESC, id DESC)"
_WORDS = """ALTER TABLE ticket ADD COLUMN words tsvector GENERATED ALWAYS AS
    (setweight(to_tsvector('english', title), 'A') || to_tsvector('english', body)) STORED"""
_CLAIM = """CREATE TABLE claim AS SELECT g AS id, 1 AS version, 'unassigned'::text AS state,
    NULL::int AS agent, repeat('x', 400) AS body FROM generate_series(1, {}) g"""
_CLAIM_LITE = """CREATE TABLE claim AS WITH RECURSIVE g (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM g
    LIMIT {}) SELECT id, 1 AS version, 'unassigned' AS state, CAST(NULL AS INT) AS agent,
    hex(zeroblob(200)) AS body FROM g"""
_AUDIT_LITE = "CREATE TABLE claim_audit (id INTEGER PRIMARY KEY, ticket INT, agent INT, at TEXT)"
_AUDIT = """CREATE TABLE claim_audit (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket INT, agent INT, at TIMESTAMPTZ DEFAULT now())"""


def _rows(count: int) -> Iterator[tuple[object, ...]]:
    for ticket in tickets(count):
        created = datetime.fromtimestamp(ticket.created, UTC)
        yield (*ticket[:5], 1 + ticket.n % 5, ticket.agent, created, len(ticket.notes), 1)


def fill_postgresql(count: int, claims: int, place: str = "") -> None:
    """Fill the database at `place`, or that which the PG* variables name."""
    import psycopg  # noqa: PLC0415 - not needed for SQLite

    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(_TABLE.format(time="TIMESTAMPTZ"))
        with connection.cursor().copy("COPY ticket FROM STDIN") as copy:
            for row in _rows(count):
                copy.write_row(row)
        keys = "ALTER TABLE claim ADD PRIMARY KEY (id)", "CREATE INDEX ON claim (state, id)"
        words = _WORDS, "CREATE INDEX ON ticket USING gin (words)"
        for statement in (_INDEX, *words, _CLAIM.format(claims), *keys, _AUDIT):
            connection.execute(statement)


def fill_sqlite(count: int, claims: int, path: str) -> None:
    """Fill a new file."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_TABLE.format(time="TEXT"))
        source = _rows(count)
        while chunk := list(islice(source, 5000)):
            values = [(*row[:7], str(row[7]), *row[8:]) for row in chunk]
            connection.executemany("INSERT INTO ticket VALUES (?,?,?,?,?,?,?,?,?,?)", values)
        keys = "CREATE UNIQUE INDEX claim_id ON claim (id)", "CREATE INDEX claim_state ON claim (state, id)"
        words = (
            "CREATE VIRTUAL TABLE words USING fts5 (title, body)",
            "INSERT INTO words (rowid, title, body) SELECT id, title, body FROM ticket",
        )
        for statement in (_INDEX, _CLAIM_LITE.format(claims), *keys, *words, _AUDIT_LITE, "ANALYZE"):
            connection.execute(statement)
    connection.close()


if __name__ == "__main__":
    tickets_wanted, claims_wanted, *file = sys.argv[1:]
    if file:
        fill_sqlite(int(tickets_wanted), int(claims_wanted), file[0])
    else:
        fill_postgresql(int(tickets_wanted), int(claims_wanted))
