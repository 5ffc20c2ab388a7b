"""The full-text index: FTS5 on SQLite, a tsvector on PostgreSQL, the same words in both (P6)."""

from __future__ import annotations

import json

from sqlalchemy import BigInteger, ColumnElement, any_, cast, column, delete, func, select, table, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import InstrumentedAttribute, Session

from paidsupport.kernel.db.prepared import fetch
from paidsupport.kernel.words import endings, index_words, is_beginning

#: Both engines have a table of this name, with other columns.
NAME = "paidsupport_search"
_PG = table(NAME, column("ticket_id"), column("vector"))
_LITE = table(NAME, column("rowid"), column("words"), column(NAME))
#: Longer words are noise: encoded files, keys.
_LONGEST_WORD = 60
#: A tsvector has room for a megabyte. What comes after these bytes is kept, but cannot be found.
_MOST_BYTES = 900_000

_ADD = {
    "postgresql": text(
        f"INSERT INTO {NAME} (ticket_id, vector) VALUES (:id, array_to_tsvector(:words))"  # noqa: S608
        f" ON CONFLICT (ticket_id) DO UPDATE SET vector = {NAME}.vector || excluded.vector"
        # the empty operand makes it the size of the value as it is, not as it is packed in its row
        f" WHERE pg_column_size({NAME}.vector || '') + pg_column_size(excluded.vector || '') < {_MOST_BYTES}"
    ).columns(),
    "sqlite": text(f"INSERT INTO {NAME} (rowid, words) VALUES (:id, :words)").columns(),  # noqa: S608
}
_EXTEND_LITE = text(f"UPDATE {NAME} SET words = words || ' ' || :words WHERE rowid = :id")  # noqa: S608


def index(session: Session, ticket_id: int, *texts: str) -> None:
    """Make `texts` findable under a ticket, beside what already is."""
    words = _without_noise([*index_words(*texts), *endings(*texts)])
    if not words:
        return
    if session.get_bind().dialect.name == "postgresql":
        fetch(session.connection(), _ADD["postgresql"], {"id": ticket_id, "words": words})
        return
    values = {"id": ticket_id, "words": " ".join(words)}
    if session.execute(_EXTEND_LITE, values).rowcount == 0:  # type: ignore[attr-defined]
        fetch(session.connection(), _ADD["sqlite"], values)


def replace(session: Session, ticket_id: int, *texts: str) -> None:
    """Make `texts` findable under a ticket, and nothing else."""
    _drop(session, ticket_id)
    index(session, ticket_id, *texts)


def forget(session: Session, ticket_id: int) -> None:
    """Take everything out of the index that is findable under a ticket, leaving no word of it behind."""
    _drop(session, ticket_id)
    if session.get_bind().dialect.name != "postgresql":
        # FTS5 only notes what is gone; merging its parts takes the words out
        session.execute(text(f"INSERT INTO {NAME} ({NAME}) VALUES ('optimize')"))  # noqa: S608  # our name


def _drop(session: Session, ticket_id: int) -> None:
    postgres = session.get_bind().dialect.name == "postgresql"
    row = _PG.c.ticket_id if postgres else _LITE.c.rowid
    session.execute(delete(_PG if postgres else _LITE).where(row == ticket_id))


def newest_hits(session: Session, words: list[str], most: int) -> list[int]:
    """The ids of the newest tickets that hold all `words` (the last one as a beginning), at most `most`.

    Raises nothing for any input: words come from `paidsupport.kernel.words`, letters and digits only.
    """
    return newest_hits_of_any(session, [words], most)


def newest_hits_of_any(session: Session, groups: list[list[str]], most: int) -> list[int]:
    """As `newest_hits`, for tickets that hold all words of at least one of the `groups`."""
    groups = [known for words in groups if (known := _without_noise(words))]
    if not groups:
        return []
    if session.get_bind().dialect.name != "postgresql":
        typed = " OR ".join(_all_of(words, '"', " AND ", "*") for words in groups)
        hits = select(_LITE.c.rowid).where(_LITE.c[NAME].op("MATCH")(typed))
        return list(session.scalars(hits.order_by(_LITE.c.rowid.desc()).limit(most)))
    typed = " | ".join(_all_of(words, "'", " & ", ":*") for words in groups)
    found = _vector_matches(typed)
    # Which plan is quick depends on how common the words are. Any `most` hits are found at once, common
    # or rare; only if there are more of them is walking from the newest the shorter way.
    some = list(session.scalars(select(_PG.c.ticket_id).where(found).limit(most + 1)))
    if len(some) <= most:
        return sorted(some, reverse=True)
    return list(
        session.scalars(select(_PG.c.ticket_id).where(found).order_by(_PG.c.ticket_id.desc()).limit(most))
    )


def _without_noise(words: list[str]) -> list[str]:
    return [word for word in words if len(word) <= _LONGEST_WORD]


def among(session: Session, wanted: InstrumentedAttribute[int], ids: list[int]) -> ColumnElement[bool]:
    """Whether `wanted` is one of `ids`: as one parameter, for a thousand of them are slow to send."""
    if session.get_bind().dialect.name == "postgresql":
        return wanted == any_(cast(ids, ARRAY(BigInteger)))
    each = func.json_each(json.dumps(ids)).table_valued("value")
    return wanted.in_(select(each.c.value))


def _vector_matches(typed: str) -> ColumnElement[bool]:
    # a cast, not to_tsquery: nothing in the words may be read as an operator
    return _PG.c.vector.op("@@", is_comparison=True)(cast(typed, TSQUERY))


def _all_of(words: list[str], quote: str, both: str, star: str) -> str:
    return f"({both.join(f'{quote}{word}{quote}' for word in words)}{_star(words, star)})"


def _star(words: list[str], star: str) -> str:
    return star if is_beginning(words[-1]) else ""
