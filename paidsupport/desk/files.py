"""Files: checked, kept under random names outside of every static path, and found again (reliability 13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO, TYPE_CHECKING, Protocol

from sqlalchemy import func, select

from paidsupport.domain.codes import new_reference
from paidsupport.domain.text import BadTextError, one_line, shorten
from paidsupport.errors import InvalidInputError
from paidsupport.store import marks
from paidsupport.store.base import Base
from paidsupport.store.conversation import Annotation, File, Message

if TYPE_CHECKING:
    from paidsupport.desk.visit import Visit
    from paidsupport.store.hostwork import Item
    from paidsupport.store.tickets import Ticket

MEGABYTE = 1024 * 1024
#: So much of a refused name is said.
_MOST_SAID = 60
#: Keys looked up at once: a statement may have only so many parameters.
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store: its key there, its size in bytes, and the SHA-256 of its content in hex."""

    key: str
    size: int
    sha256: str


class FileStore(Protocol):
    """Where the bytes of files are; the rows about them are ours."""

    def keep(self, source: IO[bytes]) -> Kept:
        """Read `source` to its end and keep it durably. Raises StorageFullError."""

    def open(self, key: str) -> IO[bytes]:
        """The content kept under `key`. Raises NotFoundError."""

    def drop(self, key: str) -> None:
        """Delete what is kept under `key`, if it is there, so that it does not come back (reliability 11)."""

    def keys_before(self, moment: datetime) -> Iterable[str]:
        """The keys of everything kept before `moment`."""

    def remember(self, line: str) -> None:
        """Add a line to the journal of erasures, durably; no sweep takes it. Raises StorageFullError."""

    def remembered(self) -> Iterable[str]:
        """Every line of the journal, oldest first."""

    def log(self, stream: str, line: str) -> None:
        """Add a line to the journal of this name, durably; it only grows. Raises StorageFullError."""

    def logged(self, stream: str) -> Iterable[str]:
        """Every line of the journal of this name; those of one process in their order."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file somebody sends: the name it is said to have, its size in bytes, and its content."""

    name: str
    size: int
    content: IO[bytes]
    #: Whether it is a picture within a text, as those of signatures are.
    inline: bool = False


def outlines(uploads: Sequence[Upload]) -> list[tuple[str, int]]:
    """What tells two sendings of a form apart by their files, without reading them."""
    return [(upload.name, upload.size) for upload in uploads]


def problems_with(visit: Visit, uploads: Sequence[Upload]) -> list[str]:
    """What is wrong with these files, as sentences for the field, before anything is kept."""
    settings = visit.house.settings
    problems = []
    if len(uploads) > settings.files_at_once:
        problems.append(f"Choose at most {settings.files_at_once} files at once.")
    for upload in uploads:
        try:
            name = tidy_name(upload.name)
        except BadTextError as error:
            problems.append(f"The name of “{_said(upload.name)}” cannot be kept. {error}")
            continue
        if upload.size > settings.file_megabytes * MEGABYTE:
            problems.append(f"“{name}” is larger than {settings.file_megabytes} MB.")
    return problems


def _said(name: str) -> str:
    """So much of a name that cannot be kept that its owner knows it again, in characters that do no harm."""
    return shorten("".join(each if each.isprintable() else "?" for each in name[-_MOST_SAID:]), _MOST_SAID)


def tidy_name(name: str) -> str:
    """The last part of a path-like name, in one line of at most 120 characters. Raises BadTextError."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return one_line(last, 120).strip(". ") or "file"


def keep(visit: Visit, uploads: Sequence[Upload], used: int = 0) -> list[Kept]:
    """Put `uploads` into the store, for a ticket whose files have `used` bytes already.

    Raises InvalidInputError (field `files`) when they break a limit; nothing is kept then. A file whose
    transaction fails afterwards stays behind without a row, and `sweep` takes it away.
    """
    problems = problems_with(visit, uploads)
    limit = visit.house.settings.ticket_megabytes
    if not problems and used + sum(upload.size for upload in uploads) > limit * MEGABYTE:
        problems = [f"All files of a ticket together may have {limit} MB."]
    if problems:
        raise InvalidInputError({"files": problems})
    return [visit.house.files.keep(upload.content) for upload in uploads]


def told(kept: Iterable[Kept]) -> list[dict[str, object]]:
    """What a ticket's history says about files."""
    return [{"size": one.size, "sha256": one.sha256} for one in kept]


def attach(
    visit: Visit,
    ticket: Ticket,
    uploads: Sequence[Upload],
    *,
    audience: str,
    message: Message | None = None,
    annotation: Annotation | None = None,
    item: Item | None = None,
) -> list[dict[str, object]]:
    """Keep `uploads` with a ticket and return what its history says about them. Raises as `keep` does."""
    kept = keep(visit, uploads, _used(visit, ticket) if uploads else 0)
    add(visit, ticket, uploads, kept, audience=audience, message=message, annotation=annotation, item=item)
    return told(kept)


def add(
    visit: Visit,
    ticket: Ticket,
    uploads: Sequence[Upload],
    kept: Sequence[Kept],
    *,
    audience: str,
    message: Message | None = None,
    annotation: Annotation | None = None,
    item: Item | None = None,
) -> None:
    """Add the rows of `uploads` that the store has `kept`."""
    visit.session.add_all(
        File(
            reference=new_reference(),
            ticket_id=ticket.id,
            message_id=message.id if message else None,
            annotation_id=annotation.id if annotation else None,
            item_id=item.id if item else None,
            audience=audience,
            name=tidy_name(upload.name),
            size=one.size,
            sha256=one.sha256,
            storage_key=one.key,
            at=visit.now,
        )
        for upload, one in zip(uploads, kept, strict=True)
    )


def sort_out(visit: Visit, ticket: Ticket, uploads: Sequence[Upload]) -> tuple[list[Upload], list[Upload]]:
    """Those of `uploads` that `attach` takes together, in their order, and the rest.

    For what comes by mail: nobody is there to choose again. Files come before pictures within the text, and
    of those the large before the small: icons of signatures take no room from what was meant to be sent.
    """
    settings = visit.house.settings
    room = settings.ticket_megabytes * MEGABYTE - (_used(visit, ticket) if uploads else 0)
    fit: set[int] = set()
    for upload in sorted(uploads, key=lambda each: (each.inline, each.inline and -each.size)):
        if len(fit) < settings.files_at_once and upload.size <= room and not problems_with(visit, [upload]):
            fit.add(id(upload))
            room -= upload.size
    return [each for each in uploads if id(each) in fit], [each for each in uploads if id(each) not in fit]


def sweep(visit: Visit, before: datetime) -> int:
    """Delete what the store kept before `before` and no row names: files, and data keys of the vault."""
    store = visit.house.files
    keys = iter(store.keys_before(before))
    swept = 0
    while batch := list(islice(keys, _BATCH)):
        known = {
            key
            for column in marks.stored(Base.metadata)
            for key in visit.session.scalars(select(column).where(column.in_(batch)))
        }
        for key in batch:
            if key not in known:
                store.drop(key)
                swept += 1
    return swept


def _used(visit: Visit, ticket: Ticket) -> int:
    return visit.session.scalar(select(func.sum(File.size)).where(File.ticket_id == ticket.id)) or 0
