"""Compares what staff write with the secrets of a ticket, outside the transaction that stores it (G15).

Comparing takes time, and on SQLite an open transaction blocks all other writers. So a request runs until it
meets a text that has not been compared yet. Then its transaction is rolled back, the comparison is made with
no transaction open, and the request runs again. Under the lock, only one thing is left to check: that the
secrets are still the ones the text was compared with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from paidsupport.kernel.context import Compared, Services
from paidsupport.kernel.errors import GivenAwayError, VaultClosedError
from paidsupport.kernel.files import Upload
from paidsupport.kernel.i18n.messages import _
from paidsupport.privacy import readings, redaction
from paidsupport.privacy.redaction import Hit, Secrets, TooCostlyError
from paidsupport.tickets.vault.operations import sealing
from paidsupport.tickets.vault.operations.sealing import Sealed

T = TypeVar("T")

#: A request is run at most this often; if secrets still change, it compares under the lock.
_MOST_RUNS = 12
#: Shorter lines of what was cut from a message are compared only as part of the whole.
_SHORTEST_LINE = 4
#: Shorter secrets are not searched for on other tickets: too many are ordinary words.
_SHORTEST_ELSEWHERE = 8
#: Up to this many characters are compared under the lock: it takes a few milliseconds.
_SHORT = 20_000
#: The most sentences about one text.
_MOST_SAID = 3


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A secret in the vault of the ticket called `reference`.

    `lines`: whether each of its lines counts by itself. `code`: the code of the ticket; empty if it needs no
    mention. `ours`: whether the text belongs to that ticket.
    """

    row: Sealed
    reference: str
    lines: bool
    code: str = ""
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """A customer's text with a credential in it; other fields as in `KeptSecret`."""

    text: str
    code: str = ""
    ours: bool = True


@dataclass(frozen=True, slots=True)
class SecretsAtHand:
    """The secrets that a text could give away, at one moment: from vaults and from customers' messages."""

    kept: tuple[KeptSecret, ...] = ()
    words: tuple[Words, ...] = ()

    @property
    def edition(self) -> str:
        """A text that is the same as long as the secrets are the same."""
        return hashlib.sha256(repr((self.kept, self.words)).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be compared: a text, the field it was typed into, and files.

    Files are identified by their `digest` or, if they have none, as objects.
    """

    text: str
    field: str
    uploads: tuple[Upload, ...] = ()
    digest: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """Identifies the text and files within one request."""
        files = ((each.name, each.size, self.digest or id(each.content)) for each in self.uploads)
        return (self.text, self.field, *files)

    @property
    def is_short(self) -> bool:
        """Whether it is short enough to be compared at once."""
        return not self.uploads and len(self.text) <= _SHORT


@dataclass(slots=True)
class Ready:
    """Secrets prepared for comparing: each value, and the code of its ticket."""

    values: dict[str, str]
    secrets: Secrets
    #: Numbers of the secrets that were typed in this request; None if it is not known what was typed.
    typed: set[int] | None = None

    def is_said(self, hit: Hit) -> bool:
        """Whether a hit counts in a text that was partly written by the program.

        A secret that is just a word may occur there by chance: it counts only if it was typed.
        """
        value = list(self.values)[hit.which]
        return self.typed is None or hit.which in self.typed or not value.isalpha()


@dataclass(slots=True)
class Memory(Compared):
    """What one request has compared so far; `typed` is all text that came with it."""

    typed: tuple[str, ...] = ()
    #: Prepared secrets by edition; None if there are too many.
    ready: dict[str, Ready | None] = field(default_factory=dict)
    answers: dict[tuple[object, ...], dict[str, list[str]] | VaultClosedError] = field(default_factory=dict)
    #: Keeps files alive whose identity is part of a key.
    questions: list[Question] = field(default_factory=list)
    #: Comparisons that found nothing: editions with texts, or with digests of files.
    harmless: set[tuple[str, str]] = field(default_factory=set)


class ComparisonNeededError(Exception):
    """Not a fault: ends a transaction that was about to store something not compared yet."""

    def __init__(self, services: Services, standing: SecretsAtHand, question: Question) -> None:
        self.services, self.standing, self.question = services, standing, question
        super().__init__("What is written here is compared outside of this transaction first.")


def outside(act: Callable[[Compared], T], typed: Iterable[str] = ()) -> T:
    """Run `act`, again after each comparison it asks for, each time in a new transaction.

    Args:
        act: The request. It is given the results of the comparisons so far.
        typed: The texts that came with the request.

    Returns:
        What `act` returns.
    """
    memory = Memory(tuple(typed))
    for _run in range(_MOST_RUNS):
        try:
            return act(memory)
        except ComparisonNeededError as needed:
            _remember(memory, needed)
    return act(Compared())


def problems(
    services: Services, compared: Compared, standing: SecretsAtHand, question: Question
) -> dict[str, list[str]]:
    """Find reasons why the text and the files may not be stored, by field.

    Raises:
        VaultClosedError: The secrets cannot be decrypted.
        ComparisonNeededError: The result is not known yet, and has to be found outside the transaction.
    """
    if not isinstance(compared, Memory):
        return _problems(_made_ready(services, standing), question)
    answer = compared.answers.get((standing.edition, *question.key))
    if answer is None:
        raise ComparisonNeededError(services, standing, question)
    if isinstance(answer, VaultClosedError):
        raise answer
    return answer


def refuse(services: Services, compared: Compared, standing: SecretsAtHand, question: Question) -> None:
    """Refuse what is about to be written if it gives a secret away.

    Raises:
        GivenAwayError: It does.
        VaultClosedError: The secrets cannot be decrypted.
        ComparisonNeededError: As for `problems`; not for short texts once the secrets are prepared.
    """
    edition = standing.edition
    if isinstance(compared, Memory):
        if (edition, question.digest or question.text) in compared.harmless:
            return
        at_once = edition in compared.ready and question.is_short
        if not at_once and not problems(services, compared, standing, question):
            return
        ready = compared.ready.get(edition)
    else:
        ready = _made_ready(services, standing)
    if found := _said(ready, question):
        raise GivenAwayError(found, partial(_in_field, ready))


def _in_field(ready: Ready | None, text: str) -> list[str]:
    return _in_text(ready, text) if ready else []


def _remember(memory: Memory, needed: ComparisonNeededError) -> None:
    edition, question = needed.standing.edition, needed.question
    answer: dict[str, list[str]] | VaultClosedError
    try:
        if edition not in memory.ready:
            memory.ready[edition] = _made_ready(needed.services, needed.standing, memory.typed)
        answer = _problems(memory.ready[edition], question)
    except VaultClosedError as error:
        answer = error
    if answer == {}:
        memory.harmless |= {(edition, each) for each in _harmless(question)}
    memory.questions.append(question)
    memory.answers[edition, *question.key] = answer


def _harmless(question: Question) -> Iterator[str]:
    """The parts of a question that gave nothing away and need not be compared again."""
    yield question.text
    for upload in question.uploads:
        yield upload.name
        yield hashlib.sha256(_content(upload)).hexdigest()


def _made_ready(
    services: Services, standing: SecretsAtHand, typed: Iterable[str] | None = None
) -> Ready | None:
    """Decrypt the secrets and prepare them; None if there are too many."""
    own, others = dict[str, str](), dict[str, str]()
    sources: list[KeptSecret | Words] = [*standing.kept, *standing.words]
    for code, value in _values(services, [each for each in sources if each.ours]):
        own.setdefault(value, code)
    for code, value in _values(services, [each for each in sources if not each.ours]):
        if len(value) >= _SHORTEST_ELSEWHERE:
            others.setdefault(value, code)
    ready = _ready(others | own) or _ready(own)
    if ready and typed is not None:
        ready.typed = _typed(ready, typed)
    return ready


def _ready(values: dict[str, str]) -> Ready | None:
    try:
        return Ready(values, Secrets(list(values)))
    except TooCostlyError:
        return None


def _typed(ready: Ready, texts: Iterable[str]) -> set[int] | None:
    try:
        return {hit.which for hit in ready.secrets.hits("\n".join(texts), len(ready.values))}
    except TooCostlyError:
        return None


def _values(services: Services, sources: Iterable[KeptSecret | Words]) -> Iterator[tuple[str, str]]:
    """Each secret, with the code of its ticket."""
    for source in sources:
        if isinstance(source, Words):
            yield from ((source.code, value) for value in redaction.values_in(source.text))
            continue
        plain = _opened(services, source)
        yield source.code, plain
        if source.lines:
            lines = (redaction.trimmed(line) for line in plain.splitlines())
            yield from ((source.code, line) for line in lines if len(line) >= _SHORTEST_LINE)


def _opened(services: Services, kept: KeptSecret) -> str:
    try:
        return sealing.opened(services, kept.reference, kept.row)
    except VaultClosedError as error:
        if not kept.ours:
            return ""  # a secret that cannot be decrypted must not block work on other tickets
        raise VaultClosedError(
            _(
                "What you wrote can't be compared with the logins on this ticket, so it wasn't sent."
                " %(repair)s",
                repair=error.repair,
            )
        ) from None


def _problems(ready: Ready | None, question: Question) -> dict[str, list[str]]:
    """The problems with a text and files, by field."""
    return _said(ready, question, mixed=False)


def _said(ready: Ready | None, question: Question, *, mixed: bool = True) -> dict[str, list[str]]:
    """The problems with a text and files; `mixed`: whether the program wrote part of the text."""
    if ready is None:
        sentence = _(
            "This ticket has more logins than your text can be compared with, so it wasn't sent."
            " Delete some, or take them out of the customer's messages."
        )
        return {question.field: [sentence]}
    found = {
        question.field: _in_text(ready, question.text, mixed=mixed),
        "files": [sentence for upload in question.uploads for sentence in _in_file(ready, upload)],
    }
    return {name: sentences for name, sentences in found.items() if sentences}


def _in_text(ready: Ready, text: str, *, mixed: bool = False) -> list[str]:
    try:
        found = ready.secrets.hits(text, len(ready.values) if mixed else _MOST_SAID)
        return [
            _in_line(ready, hit, ready.secrets.excerpt(text, hit))
            for hit in found
            if not mixed or ready.is_said(hit)
        ][:_MOST_SAID]
    except TooCostlyError as error:
        return [
            _(
                "This can't be compared with the logins of this ticket, so it wasn't sent. %(why)s",
                why=str(error),
            )
        ]


def _in_line(ready: Ready, hit: Hit, shown: str) -> str:
    if code := _code(ready, hit):
        return _(
            "Line %(line)s reveals a login of ticket %(code)s: “%(excerpt)s”. Take it out. Nothing was"
            " kept or sent.",
            line=hit.line,
            code=code,
            excerpt=shown,
        )
    return _(
        "Line %(line)s reveals a login of this ticket: “%(excerpt)s”. Take it out. Nothing was kept or sent.",
        line=hit.line,
        excerpt=shown,
    )


def _code(ready: Ready, hit: Hit) -> str:
    """The code of the ticket whose secret was found; empty if it is the ticket in question."""
    return ready.values[list(ready.values)[hit.which]] or ""


def _in_file(ready: Ready, upload: Upload) -> list[str]:
    try:
        if named := ready.secrets.hits(upload.name, 1):
            shown = ready.secrets.excerpt(upload.name, named[0])
            if code := _code(ready, named[0]):
                return [
                    _(
                        "The name of a file reveals a login of ticket %(code)s: “%(excerpt)s”. Rename it.",
                        code=code,
                        excerpt=shown,
                    )
                ]
            return [
                _(
                    "The name of a file reveals a login of this ticket: “%(excerpt)s”. Rename it.",
                    excerpt=shown,
                )
            ]
        return _in_content(ready, upload.name, _content(upload))
    except TooCostlyError as error:
        return [
            _("One of the files can't be compared with the logins of this ticket. %(why)s", why=str(error))
        ]


def _in_content(ready: Ready, name: str, content: bytes) -> list[str]:
    if not readings.is_text(content):
        given_away = ready.secrets.are_given_away_by(content)
        return [_("The file “%(name)s” holds a login of this ticket.", name=name)] if given_away else []
    (text,) = readings.texts_of(content)
    return [
        _in_line_of_file(ready, hit, name, ready.secrets.excerpt(text, hit))
        for hit in ready.secrets.hits(text, 1)
    ]


def _in_line_of_file(ready: Ready, hit: Hit, name: str, shown: str) -> str:
    if code := _code(ready, hit):
        return _(
            "The file “%(name)s” reveals a login of ticket %(code)s in line %(line)s: “%(excerpt)s”.",
            name=name,
            code=code,
            line=hit.line,
            excerpt=shown,
        )
    return _(
        "The file “%(name)s” reveals a login of this ticket in line %(line)s: “%(excerpt)s”.",
        name=name,
        line=hit.line,
        excerpt=shown,
    )


def _content(upload: Upload) -> bytes:
    content = upload.content.read()
    upload.content.seek(0)
    return content
