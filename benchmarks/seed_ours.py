"""Write the corpus straight into our tables, histories with valid hash chains included.

python -m benchmarks.seed_ours URL 100000            fills a database that is migrated and empty
python -m benchmarks.seed_ours URL 100000 --stock 9  adds 9 fresh tickets and prints their codes
"""

import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, create_engine, func, select, text
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from benchmarks import corpus
from benchmarks.corpus import AGENTS, agent_email
from paidsupport.catalogue import tables as catalogue
from paidsupport.catalogue.wording import content_of
from paidsupport.demo import users
from paidsupport.kernel import chain
from paidsupport.kernel.actors import CLOCK, CUSTOMER, Actor, Role
from paidsupport.kernel.codes import ALPHABET, PREFIX
from paidsupport.kernel.db import base as tables
from paidsupport.kernel.ledger import adoption as ledger_adoption
from paidsupport.kernel.ledger import book as ledger_book
from paidsupport.kernel.ledger.rows import RowName
from paidsupport.kernel.ledger.tables import FOUND, chain_of, owner_column, short
from paidsupport.kernel.staff import tables as people
from paidsupport.kernel.words import index_words
from paidsupport.tickets.contact.rules import Contacted
from paidsupport.tickets.emails.rules import FIRST_CONTACT_SLOT

SERVICE = "support"
_BATCH = 2000
_PRICE = 4500
_REQUIREMENT = "Your site can be reached."
_PAYMENT = "PayPal: agent@example.org"
#: No claim of the corpus runs out while it is measured.
_LEASE_END = datetime(2100, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_SEARCH = "paidsupport_search"
#: What can be found of an order; what is written later is added to it.
_SEARCHED = ("code", "service_name", "customer_name", "customer_email", "host_url", "details")

_TICKET, _CLAIM, _EVENT, _MESSAGE, _NOTE, _LETTER, _CONTACT = (
    tables.metadata.tables[f"paidsupport_{noun}"]
    for noun in ("ticket", "claim", "event", "message", "annotation", "letter", "contact_log")
)


class Book:
    """Rows that wait to be written, by table, and the last id given out in each."""

    def __init__(self, last: dict[str, int]) -> None:
        """Go on from the ids that are there."""
        self.last = Counter(last)
        self.rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.words: list[tuple[int, str]] = []

    def add(self, table: Table, **values: object) -> int:
        """Keep a row, with the defaults of its columns; returns its id."""
        self.last[table.name] += 1
        row = {"id": self.last[table.name], **values}
        self.rows[table.name].append(_complete(table, row))
        return self.last[table.name]


class _Defaulting:
    """What SQLAlchemy hands to a default that is worked out from the other values of its row."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.get_current_parameters = lambda: row


def _complete(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Add what the columns say for themselves, so that a new column breaks this only where it must.

    Raises:
        LookupError: A column may not be empty, has no default, and this module does not know it.
    """
    if unknown := row.keys() - table.columns.keys():
        raise LookupError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    for name, default in _defaults(table.name):
        if name not in row:
            row[name] = default(row)
    return row


@cache
def _defaults(table: str) -> tuple[tuple[str, Callable[[dict[str, Any]], object]], ...]:
    columns = tables.metadata.tables[table].columns
    return tuple((column.key, _default(column)) for column in columns if column.key != "id")


def _default(column: Column[Any]) -> Callable[[dict[str, Any]], object]:
    default: Any = column.default
    if default is None and column.nullable:
        return lambda _row: None
    if default is not None and default.is_scalar:
        return lambda _row: default.arg
    if default is not None and default.is_callable:
        return lambda row: default.arg(_Defaulting(row))
    return partial(_refuse, column)


def _refuse(column: Column[Any], _row: dict[str, Any]) -> object:
    raise LookupError(f"{column} may not be empty and has no default: say in {__name__} what is in it")


class Story:
    """One ticket, told operation by operation as the operations would tell it."""

    def __init__(self, book: Book, told: corpus.Ticket) -> None:
        """The customer orders, and gets an email."""
        self.book, self.told = book, told
        self.now = datetime.fromtimestamp(told.created, UTC)
        name = told.email.partition("@")[0].capitalize()
        self.row: dict[str, Any] = {
            "code": code(told.n),
            "reference": hashlib.blake2b(told.n.to_bytes(8, "big"), digest_size=10).hexdigest(),
            "workflow": "paid",
            "state": "open",
            "part": "unassigned",
            "service_id": 1,
            "service_version_id": 1,
            "service_name": "Support",
            "price_minor": _PRICE,
            "currency": "EUR",
            "requirements": [_REQUIREMENT],
            "answers": [],
            "summary": told.title,
            "details": f"{told.title}\n\n{told.body}",
            "host_url": "https://example.org/",
            "host_access": "",
            "customer_name": name,
            "customer_email": told.email,
            "submitted_at": self.now,
            "changed_at": self.now,
        }
        self.id = book.add(_TICKET, **self.row)
        self.row = book.rows[_TICKET.name][-1]
        self.texts = [self.row[name] for name in _SEARCHED]
        self.happen("submitted", CUSTOMER, {"service": SERVICE, "price": _PRICE, "files": []})
        self.email("confirmation", f"We have your order, {name}. Its code is {self.row['code']}.")

    def tell(self) -> None:
        """Everything up to the state the corpus wants."""
        first, second = self.told.notes
        if self.told.agent is None:
            self.reply(first)
            self.annotate(agent(0), second)
        else:
            self.claim(agent(self.told.agent), first)
            self.reply(second)
        if self.told.state == "closed":
            self.row["agreed"] = "The customer replied."
            self.transition("start", "in-progress", "pending")
            self.transition("close", "closed", "closed")
            self.row |= {"ended_at": self.now, "lease_until": None, "awaits": ""}
            self.book.rows[_CLAIM.name][-1] |= {"ended_at": self.now, "ending": "close"}
        self.book.words.append((self.id, " ".join(index_words(*self.texts))))

    def happen(self, kind: str, by: Actor, data: Mapping[str, object], under: int | None = None) -> None:
        """A line of history, half an hour after the one before."""
        self.now += 30 * _MINUTE
        number, salt = self.row["event_count"] + 1, f"{self.book.last[_EVENT.name] + 1:032x}"
        digest = chain.digest(salt, data)
        claim_number = self.row["claim_number"] if under is None else under
        previous = self.row["event_hash"]
        link = chain.link(
            previous,
            code=self.row["code"],
            number=number,
            kind=kind,
            at=self.now,
            actor=(by.kind, by.id, by.name),
            claim_number=claim_number,
            data_digest=digest,
        )
        self.book.add(
            _EVENT,
            ticket_id=self.id,
            number=number,
            kind=kind,
            at=self.now,
            actor_kind=by.kind,
            actor_id=by.id,
            actor_name=by.name,
            claim_number=claim_number,
            data=data,
            salt=salt,
            digest=digest,
            previous=previous,
            hash=link,
        )
        self.row |= {"event_count": number, "event_hash": link, "changed_at": self.now}

    def email(self, kind: str, body: str, **fenced: object) -> str:
        """An email to the customer that has been sent; its reference."""
        reference = f"letter-{self.book.last[_LETTER.name] + 1}"
        self.book.add(
            _LETTER,
            ticket_id=self.id,
            kind=kind,
            audience="customer",
            to_name=self.row["customer_name"],
            to_address=self.told.email,
            subject=f"Your order {self.row['code']}",
            body=body,
            reference=reference,
            state="sent",
            attempts=1,
            taken_under=self.row["claim_number"],
            created_at=self.now,
            due_at=self.now,
            taken_at=self.now,
            sent_at=self.now,
            problem="",
            **fenced,
        )
        if not fenced:
            self._sent(reference, kind)
        return reference

    def claim(self, by: Actor, note: str) -> None:
        """Somebody takes it and makes the first contact."""
        self.transition("claim", "pending", "pending", by=by, number=1)
        self.row |= {"owner_id": by.id, "claimed_at": self.now, "lease_until": _LEASE_END}
        self.book.add(_CLAIM, ticket_id=self.id, number=1, person_id=by.id, taken_at=self.now, ending="")
        body = f"Code {self.row['code']}, price 45.00 EUR. {note}\n\n{_PAYMENT}"
        message = self.message(by, body, "out", 1)
        reference = self.email(
            "first-contact", body, message_id=message, contact="first", claim_number=1, author_id=by.id
        )
        written = {"letter": reference, "kind": "first-contact", "text": chain.fingerprint(body), "files": []}
        self.happen("message-out", by, written)
        self._contact(reference, Contacted.WRITTEN)
        self._contact(reference, Contacted.TAKEN, turn=1)
        self._sent(reference, "first-contact")
        self._contact(reference, Contacted.SENT)

    def reply(self, body: str) -> None:
        """The customer writes."""
        self.message(CUSTOMER, body, "in", None)
        written = {"message": self.row["thread"], "text": chain.fingerprint(body), "files": []}
        self.happen("message-in", CUSTOMER, written)

    def annotate(self, by: Actor, body: str) -> None:
        """A member of staff leaves a note."""
        self.texts.append(body)
        self.book.add(
            _NOTE, ticket_id=self.id, author_id=by.id, author_name=by.name, about="", body=body, at=self.now
        )
        self.happen("annotated", by, {"text": chain.fingerprint(body), "files": []})

    def message(self, by: Actor, body: str, direction: str, claim_number: int | None) -> int:
        """A message of the thread; its id."""
        self.texts.append(body)
        self.row["thread"] += 1
        return self.book.add(
            _MESSAGE,
            ticket_id=self.id,
            number=self.row["thread"],
            direction=direction,
            author_id=by.id,
            author_name=by.name if by.is_person else self.row["customer_name"],
            claim_number=claim_number,
            body=body,
            at=self.now,
        )

    def transition(
        self, name: str, state: str, part: str, *, by: Actor | None = None, number: int | None = None
    ) -> None:
        """A transition by the owner."""
        actor, before = by or agent(self.told.agent or 0), self.row["state"]
        self.row |= {"state": state, "part": part, "version": self.row["version"] + 1}
        self.row["claim_number"] = number or self.row["claim_number"]
        self.happen(name, actor, {"from": before, "to": state, "claim": self.row["claim_number"]})

    def _contact(self, email: str, what: Contacted, **attempt: int) -> None:
        """A line of the log of contacts."""
        line = {"slot": FIRST_CONTACT_SLOT, "letter": email, "claim_number": 1, "what": what, "at": self.now}
        self.book.add(_CONTACT, ticket_id=self.id, **line, **attempt)

    def _sent(self, reference: str, kind: str) -> None:
        self.happen("letter-sent", CLOCK, {"letter": reference, "kind": kind, "problem": ""})


def agent(number: int) -> Actor:
    """A developer of the desk; row ids count from 1."""
    return Actor("person", f"Agent {number}", number + 1, Role.DEVELOPER)


def code(number: int) -> str:
    """A confirmation code of its own for each number: random ones would collide in a million."""
    emails, rest = "", number * 123_456_789_011 % len(ALPHABET) ** 8
    for _ in range(8):
        rest, digit = divmod(rest, len(ALPHABET))
        emails += ALPHABET[digit]
    return f"{PREFIX}-{emails[:4]}-{emails[4:]}"


def _flush(connection: Connection, book: Book) -> None:
    touched: dict[RowName, str] = {}
    for table in tables.metadata.sorted_tables:
        if rows := book.rows.pop(table.name, None):
            _write(connection, table.name, list(table.c.keys()), _prepared(connection, table, rows))
            owner = owner_column(table.name)
            touched |= {(short(table), row["id"]): chain_of(table.name, row[owner]) for row in rows}
    key, words = ("ticket_id", "vector") if connection.dialect.name == "postgresql" else ("rowid", "words")
    _write(connection, _SEARCH, [key, words], iter(book.words))
    book.words.clear()
    ledger_book.write(connection, touched, FOUND)


def _prepared(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver takes them: SQLAlchemy's own conversions, without its statements."""
    dialect = connection.dialect
    columns = [(c.key, c.type.dialect_impl(dialect).bind_processor(dialect)) for c in table.c]
    for row in rows:
        yield tuple(convert(row.get(key)) if convert else row.get(key) for key, convert in columns)


def _write(connection: Connection, table: str, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    names = ", ".join(f'"{column}"' if column != "rowid" else column for column in columns)
    if connection.dialect.name == "postgresql":
        with driver.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


@contextmanager
def _without_indexes(connection: Connection) -> Iterator[None]:
    """Indexes that no constraint needs are made anew afterwards, which is quicker than keeping them."""
    if connection.dialect.name == "postgresql":
        columns, listed = "indexname, indexdef", "pg_indexes WHERE indexname"
    else:
        columns, listed = "name, sql", "sqlite_master WHERE type = 'index' AND name"
    indexes = connection.execute(text(f"SELECT {columns} FROM {listed} LIKE 'ix_paidsupport%'")).all()
    for name, _ in indexes:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        connection.exec_driver_sql(definition)


def _relax(connection: Connection) -> None:
    """Nothing is lost if this run stops: it begins anew."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")  # rows are right: no checks
        connection.exec_driver_sql("SET synchronous_commit = off")


def _numbered() -> list[Table]:
    """The tables whose rows have ids."""
    return [table for table in tables.metadata.sorted_tables if "id" in table.columns]


def _settle(connection: Connection) -> None:
    """Let generated ids go on after ours."""
    if connection.dialect.name == "postgresql":
        for table in _numbered():
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            following = f"coalesce(max(id), 0) + 1, false) FROM {table.name}"
            connection.exec_driver_sql(f"SELECT setval({sequence}, {following}")


def _tell(connection: Connection, told: Iterator[corpus.Ticket]) -> list[str]:
    newest = {table.name: connection.scalar(select(func.max(table.c.id))) for table in _numbered()}
    book = Book({name: number or 0 for name, number in newest.items()})
    codes = []
    while chunk := list(islice(told, _BATCH)):
        for ticket in chunk:
            story = Story(book, ticket)
            story.tell()
            codes.append(story.row["code"])
        _flush(connection, book)
    return codes


def _furnish(connection: Connection) -> None:
    """The staff, who can sign in at the demo site, and one service with a requirement."""
    now = datetime.fromtimestamp(corpus.NEWEST, UTC)
    hashed = generate_password_hash(corpus.PASSWORD)
    users.db.metadata.create_all(connection)
    with Session(connection) as session:
        session.add_all(
            users.User(id=number + 1, email=agent_email(number), name=agent(number).name, password=hashed)
            for number in range(AGENTS)
        )
        session.add_all(
            people.Person(
                host_user_id=str(number + 1),
                name=agent(number).name,
                email=agent_email(number),
                role="developer",
                payment=_PAYMENT,
                created_at=now,
            )
            for number in range(AGENTS)
        )
        service = catalogue.Service(
            slug=SERVICE,
            position=1,
            name="Support",
            summary="An hour of work on your site",
            description="We log in to your site and mend it.",
            price_minor=_PRICE,
            currency="EUR",
            workflow="paid",
            requirements=[catalogue.Requirement(position=0, text=_REQUIREMENT)],
            published=1,
        )
        session.add(service)
        session.flush()
        session.add(
            catalogue.ServiceVersion(
                service_id=service.id,
                number=1,
                name=service.name,
                published_at=now,
                published_by="",
                word="",
                content=content_of(service, {}),
                checklist=[],
            )
        )
        session.commit()
    ledger_adoption.take_in(connection)


def fill(engine: Engine, size: int) -> None:
    """Fill a database that is migrated and empty with the first `size` tickets of the corpus."""
    with engine.begin() as connection:
        _relax(connection)
        _furnish(connection)
        with _without_indexes(connection):
            _tell(connection, corpus.tickets(size))
        _settle(connection)


def add(engine: Engine, size: int, stock: int) -> list[str]:
    """Add fresh tickets behind the first `size`; returns their codes."""
    with engine.begin() as connection:
        _relax(connection)
        codes = _tell(connection, corpus.stock(stock, after=size))
        _settle(connection)
    return codes


if __name__ == "__main__":
    database = create_engine(sys.argv[1])
    if "--stock" in sys.argv:
        print("\n".join(add(database, int(sys.argv[2]), int(sys.argv[4]))))
    else:
        fill(database, int(sys.argv[2]))
