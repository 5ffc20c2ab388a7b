"""Unfinished orders: what was typed and uploaded is kept for a day, under the one-time key of the form.

Only the key opens the draft, and it stands in the address of the form: the database holds hashes of the key
only, and what was typed is encrypted with it.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from paidsupport.kernel import limits
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.files import StoredFile, Upload
from paidsupport.kernel.links import RECEIPT_SECONDS
from paidsupport.kernel.unsent import operations as unsent
from paidsupport.tickets.ordering import form_files, queries
from paidsupport.tickets.tables import Ticket

#: How many drafts one network address may store within an hour, for each order it may place.
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Draft:
    """An order form as it was last sent.

    Attributes:
        fields: What was typed, in the order of the form.
        refused: Name and size of the files that were too large or too many.
        tried: Whether the customer tried to order and something was wrong.
    """

    fields: list[tuple[str, str]]
    refused: list[tuple[str, int]]
    tried: bool

    @property
    def says_something(self) -> bool:
        """Whether anything was typed; if so, the form says that it is a draft."""
        return any(value.strip() for name, value in self.fields if name != "terms")

    @property
    def uploads(self) -> list[Upload]:
        """The refused files without their content, so that their problems can be shown again."""
        return [Upload(name, size, io.BytesIO()) for name, size in self.refused]


def keep(ctx: Context, key: str, draft: Draft, *, client: str) -> None:
    """Store a draft under this key, replacing an earlier one. Raises TooManyError."""
    limits.spend(ctx, "draft", client, _TRIES * ctx.services.settings.orders_per_hour)
    unsent.keep_as(ctx, _token(key), [draft.fields, draft.refused, draft.tried])


def find(ctx: Context, key: str) -> Draft | None:
    """The draft stored under this key within the last day, if any."""
    try:
        fields, refused, tried = unsent.find(ctx, _token(key))
    except NotFoundError:
        return None
    pairs = [(str(name), str(value)) for name, value in fields]
    return Draft(pairs, [(str(name), int(size)) for name, size in refused], bool(tried))


def take(ctx: Context, key: str, references: Sequence[str]) -> tuple[list[Upload], list[StoredFile]]:
    """Take over the files of an order that is being placed, and delete its draft.

    Returns:
        The files as uploads, and as they are stored already.

    Raises:
        InvalidInputError: Some of the files that the customer saw are gone.
    """
    unsent.drop(ctx, _token(key))
    return form_files.take(ctx, key, references)


def placed(ctx: Context, key: str) -> Ticket | None:
    """The ticket that the form with this key became recently, if any."""
    since = ctx.now - timedelta(seconds=RECEIPT_SECONDS)
    return queries.ordered_with(ctx.session, key, since)


def _token(key: str) -> str:
    """The name and encryption key of a draft; it cannot be derived from anything that is stored."""
    digest = hashlib.sha256(f"paidsupport order form:{key}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
