"""Files: checked, kept under random names outside of every static path, and found again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Protocol

from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.text import BadTextError, one_line, shorten

if TYPE_CHECKING:
    from paidsupport.kernel.context import Context

MEGABYTE = 1024 * 1024
#: So much of a refused name is said.
_MOST_SAID = 60


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store: its key there, its size in bytes, and the SHA-256 of its content in hex."""

    key: str
    size: int
    sha256: str


class FileStore(Protocol):
    """Where the bytes of files are; the rows about them are ours."""

    def keep(self, source: IO[bytes]) -> StoredFile:
        """Read `source` to its end and keep it durably. Raises StorageFullError."""

    def open(self, key: str) -> IO[bytes]:
        """The content kept under `key`. Raises NotFoundError."""

    def drop(self, key: str) -> None:
        """Delete what is kept under `key`, if it is there, so that it does not come back."""

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
    """An uploaded file: the name it claims to have, its size in bytes, and its content."""

    name: str
    size: int
    content: IO[bytes]
    #: Whether it is a picture within a text, as those of signatures are.
    inline: bool = False


def outlines(uploads: Sequence[Upload]) -> list[tuple[str, int]]:
    """What tells two sendings of a form apart by their files, without reading them."""
    return [(upload.name, upload.size) for upload in uploads]


def problems_with(ctx: Context, uploads: Sequence[Upload]) -> list[str]:
    """What is wrong with these files, as sentences for the field, before anything is kept."""
    settings = ctx.services.settings
    problems: list[str] = []
    if len(uploads) > settings.files_at_once:
        problems.append(
            ngettext("Choose one file only.", "Choose up to %(num)s files.", settings.files_at_once)
        )
    for upload in uploads:
        try:
            name = tidy_name(upload.name)
        except BadTextError:
            problems.append(
                _(
                    "Rename “%(file)s” and choose it again: we can't keep its name.",
                    file=_said(upload.name),
                )
            )
            continue
        if upload.size > settings.file_megabytes * MEGABYTE:
            problems.append(
                _(
                    "“%(file)s” is too large. A file can have up to %(most)s MB.",
                    file=name,
                    most=settings.file_megabytes,
                )
            )
    return problems


def _said(name: str) -> str:
    """So much of a name that cannot be kept that its owner knows it again, in characters that do no harm."""
    return shorten("".join(each if each.isprintable() else "?" for each in name[-_MOST_SAID:]), _MOST_SAID)


def tidy_name(name: str) -> str:
    """The last part of a path-like name, in one line of at most 120 characters. Raises BadTextError."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return one_line(last, 120).strip(". ") or "file"


def keep(ctx: Context, uploads: Sequence[Upload], used: int = 0) -> list[StoredFile]:
    """Put `uploads` into the store, for a ticket whose files have `used` bytes already.

    Raises InvalidInputError (field `files`) when they break a limit; nothing is kept then. A file whose
    transaction fails afterwards stays behind without a row, and `sweep` takes it away.
    """
    problems = problems_with(ctx, uploads)
    limit = ctx.services.settings.ticket_megabytes
    if not problems and used + sum(upload.size for upload in uploads) > limit * MEGABYTE:
        problems = [_("Choose smaller files: all together can have up to %(most)s MB.", most=limit)]
    if problems:
        raise InvalidInputError({"files": problems})
    return [ctx.services.files.keep(upload.content) for upload in uploads]
