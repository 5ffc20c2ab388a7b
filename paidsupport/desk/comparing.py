"""Comparing what people write with the secrets of a ticket, outside of the transaction that keeps it (G15).

Comparing takes time, and on SQLite nobody else writes while one transaction is open. So an edge runs a
request until something must be compared that was not yet. Then the transaction is given up, the comparison
is made with none open, and the request runs again. Under the lock nothing is left to do but to see that the
secrets are still those that it was compared with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from paidsupport.desk import sealing
from paidsupport.desk.files import Upload
from paidsupport.desk.sealing import Sealed
from paidsupport.desk.visit import Compared, House
from paidsupport.domain import readings, redaction
from paidsupport.domain.redaction import Secrets, TooCostlyError
from paidsupport.errors import VaultClosedError

T = TypeVar("T")

#: So often a request is run again; if secrets still change, it waits no longer and compares under the lock.
_MOST_RUNS = 12
#: Shorter lines of what was cut from a message are compared as part of the whole only.
_SHORTEST_LINE = 4


@dataclass(frozen=True, slots=True)
class Kept:
    """A secret in the vault: `lines`, if each line of it counts alone."""

    row: Sealed
    lines: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """The secrets of a ticket at one moment: what the vault keeps, and customers’ words with some in."""

    reference: str
    kept: tuple[Kept, ...]
    words: tuple[str, ...]

    @property
    def edition(self) -> str:
        """The same as long as the secrets are the same."""
        return hashlib.sha256(
            repr((self.reference, self.kept, self.words)).encode("utf-8", "replace")
        ).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be compared: a text, the field it was typed into, and files."""

    text: str
    field: str
    uploads: tuple[Upload, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same text and files of one request, and for no other."""
        return (self.text, self.field, *((each.name, each.size, id(each.content)) for each in self.uploads))


@dataclass(slots=True)
class Memory(Compared):
    """What one request has compared."""

    secrets: tuple[str, Secrets | None] = ("", None)
    answers: dict[tuple[object, ...], dict[str, list[str]] | VaultClosedError] = field(default_factory=dict)
    #: Files whose identity is part of a key stay as long as the key.
    questions: list[Question] = field(default_factory=list)


class ComparisonNeededError(Exception):
    """Not a fault: ends a transaction in which something would be kept that was not compared yet."""

    def __init__(self, house: House, standing: Standing, question: Question) -> None:
        self.house, self.standing, self.question = house, standing, question
        super().__init__("What is written here is compared outside of this transaction first.")


def outside(act: Callable[[Compared], T]) -> T:
    """What `act` gives, run again after each comparison that it asks for, each time in a new transaction."""
    memory = Memory()
    for _ in range(_MOST_RUNS):
        try:
            return act(memory)
        except ComparisonNeededError as needed:
            _remember(memory, needed)
    return act(Compared())


def problems(
    house: House, compared: Compared, standing: Standing, question: Question
) -> dict[str, list[str]]:
    """Why the text and the files may not be kept, by field; nothing if they may.

    Raises VaultClosedError, and ComparisonNeededError if that is not known and is to be found out outside.
    """
    if not isinstance(compared, Memory):
        return _problems(_made_ready(house, standing), question)
    answer = compared.answers.get((standing.edition, *question.key))
    if answer is None:
        raise ComparisonNeededError(house, standing, question)
    if isinstance(answer, VaultClosedError):
        raise answer
    return answer


def _remember(memory: Memory, needed: ComparisonNeededError) -> None:
    edition, question = needed.standing.edition, needed.question
    answer: dict[str, list[str]] | VaultClosedError
    try:
        if memory.secrets[0] != edition:
            memory.secrets = edition, _made_ready(needed.house, needed.standing)
        answer = _problems(memory.secrets[1], question)
    except VaultClosedError as error:
        answer = error
    memory.questions.append(question)
    memory.answers[edition, *question.key] = answer


def _made_ready(house: House, standing: Standing) -> Secrets | None:
    """The secrets, opened; None if they are too many to be compared with."""
    found: list[str] = []
    for kept in standing.kept:
        plain = _opened(house, standing.reference, kept.row)
        found.append(plain)
        if kept.lines:
            lines = (redaction.trimmed(line) for line in plain.splitlines())
            found += [line for line in lines if len(line) >= _SHORTEST_LINE]
    for words in standing.words:
        found += redaction.values_in(words)
    try:
        return Secrets(list(dict.fromkeys(found)))
    except TooCostlyError:
        return None


def _opened(house: House, reference: str, row: Sealed) -> str:
    try:
        return sealing.opened(house, reference, row)
    except VaultClosedError as error:
        raise VaultClosedError(
            "What you wrote cannot be compared with the credentials kept on this ticket, so it goes nowhere."
            f" {error.repair}"
        ) from None


def _problems(secrets: Secrets | None, question: Question) -> dict[str, list[str]]:
    if secrets is None:
        sentence = (
            "This ticket has more credentials than your text can be compared with, so it goes nowhere."
            " Destroy some, or take them out of the customer’s messages."
        )
        return {question.field: [sentence]}
    found = {
        question.field: _in_text(secrets, question.text),
        "files": [sentence for upload in question.uploads for sentence in _in_file(secrets, upload)],
    }
    return {name: sentences for name, sentences in found.items() if sentences}


def _in_text(secrets: Secrets, text: str) -> list[str]:
    try:
        return [
            f"Line {hit.line} gives a credential of this ticket away:"
            f" “{secrets.excerpt(text, hit)}”. Take it out. Nothing of this was kept or sent."
            for hit in secrets.hits(text)
        ]
    except TooCostlyError as error:
        return [f"This cannot be compared with the credentials of this ticket, so it goes nowhere. {error}"]


def _in_file(secrets: Secrets, upload: Upload) -> list[str]:
    try:
        if named := secrets.hits(upload.name, 1):
            shown = secrets.excerpt(upload.name, named[0])
            return [f"The name of a file gives a credential of this ticket away: “{shown}”. Rename it."]
        return _in_content(secrets, upload.name, _content(upload))
    except TooCostlyError as error:
        return [f"One of the files cannot be compared with the credentials of this ticket. {error}"]


def _in_content(secrets: Secrets, name: str, content: bytes) -> list[str]:
    if not readings.is_text(content):
        given_away = secrets.are_given_away_by(content)
        return [f"The file “{name}” holds a credential of this ticket."] if given_away else []
    (text,) = readings.texts_of(content)
    return [
        f"The file “{name}” gives a credential of this ticket away in line {hit.line}:"
        f" “{secrets.excerpt(text, hit)}”."
        for hit in secrets.hits(text, 1)
    ]


def _content(upload: Upload) -> bytes:
    content = upload.content.read()
    upload.content.seek(0)
    return content
