"""Drafts: what a person has typed and not sent yet, found again on every device until it is sent.

Each form that is drawn has a draft of its own, by its one-time key. So two tabs never overwrite each other:
the newest is shown in the form, the others are offered beside it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import VaultClosedError, existing
from paidsupport.kernel.keyring import open_sealed, seal
from paidsupport.kernel.unsent import queries
from paidsupport.kernel.unsent.tables import Draft

#: How long a draft waits, how many may wait for one person, and how many bytes each may have, packed.
KEPT = timedelta(days=30)
MOST = 50
LARGEST = 400_000
_PURPOSE = "drafts"


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it is filled in.

    Attributes:
        path: where it leads.
        query: what is asked there.
        fields: what is in its fields, in their order.
        record: the code of the ticket or issue whose form it is, if it is one's.
        offered: whether its page offers it; else only its own address shows it.
        ended: whether it was sent after its session had ended.
    """

    path: str
    query: str
    fields: Sequence[tuple[str, str]]
    record: str = ""
    offered: bool = True
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft that can be gone on with."""

    key: str
    at: datetime
    typed: Typed

    @property
    def state(self) -> str:
        """What a form that shows it says of it: this draft, as it was then."""
        return _state(self.key, self.at)

    @property
    def filled(self) -> str:
        """What is in its fields, as JSON: for the script that fills the form on the page."""
        return json.dumps(list(self.typed.fields))


def save(ctx: Context, person_id: int, key: str, typed: Typed, *, shown: str = "") -> bool:
    """Keep what a person has typed so far, instead of their earlier draft of the same form.

    Args:
        ctx: The context.
        person_id: Whose it is.
        key: The one-time key of the form.
        typed: What is in it.
        shown: The `state` of the draft that the form was filled from, if it was: this one takes its place.

    Returns:
        Whether it was saved: not if the form was sent meanwhile, or it is too large.
    """
    packed = zlib.compress(json.dumps(asdict(typed)).encode())
    if len(packed) > LARGEST:
        return False
    sealed = seal(ctx.services.links.keys(_PURPOSE)[0], packed, _about(person_id, key))
    values = {"path": typed.path, "record": typed.record, "sealed": sealed, "saved_at": ctx.now}
    if not queries.put_draft(ctx.session, person_id, key, values):
        return False
    before = queries.draft(ctx.session, person_id, shown.partition(".")[0])
    if before and before.key != key and shown == _state(before.key, before.saved_at):
        ctx.session.delete(before)
    older = Draft.id.not_in(queries.newest_drafts(ctx.session, person_id, MOST))
    waiting = Draft.sealed.is_not(None)
    ctx.session.execute(delete(Draft).where(Draft.person_id == person_id, waiting, older))
    return True


def finish(ctx: Context, key: str, shown: str = "") -> None:
    """The form was sent: forget its draft, and the one that it was filled from.

    What is still on its way to be saved of it does not come back.
    """
    values = {"path": "", "record": "", "sealed": None, "saved_at": ctx.now}
    queries.put_draft(ctx.session, ctx.by.id, key, values)
    discard(ctx, shown.partition(".")[0])


def discard(ctx: Context, key: str) -> None:
    """Forget a draft of the person who acts."""
    mine = Draft.person_id == ctx.by.id, Draft.key == key, Draft.sealed.is_not(None)
    ctx.session.execute(delete(Draft).where(*mine))


def on_page(ctx: Context, path: str, record: str = "") -> list[Saved]:
    """The drafts of forms that stand on a page of the desk: those that lead there or below; newest first."""
    rows = queries.drafts_at(ctx.session, ctx.by.id, path, record, ctx.now - KEPT)
    return [saved for saved in (_opened(ctx, row) for row in rows) if saved and saved.typed.offered]


def find(ctx: Context, key: str) -> Saved:
    """One draft of the person who acts. Raises NotFoundError, also for those of others."""
    row = queries.draft(ctx.session, ctx.by.id, key)
    fresh = row if row and row.saved_at > ctx.now - KEPT else None
    return existing(_opened(ctx, existing(fresh)))


def forget(ctx: Context) -> None:
    """Delete what has waited for too long, and what was sent."""
    yesterday = ctx.now - timedelta(days=1)
    sent = Draft.sealed.is_(None) & (Draft.saved_at <= yesterday)
    ctx.session.execute(delete(Draft).where(sent | (Draft.saved_at <= ctx.now - KEPT)))


def forget_about(ctx: Context, record: str) -> int:
    """Delete all drafts about a ticket or issue; returns how many there were."""
    return changed(ctx.session, delete(Draft).where(Draft.record == record))


def _opened(ctx: Context, row: Draft) -> Saved | None:
    """What a draft says; None if it was sent, or the site has another SECRET_KEY by now."""
    if row.sealed is None:
        return None
    for secret in ctx.services.links.keys(_PURPOSE):
        try:
            packed = open_sealed(secret, row.sealed, _about(row.person_id, row.key))
        except VaultClosedError:
            continue
        said = json.loads(zlib.decompress(packed))
        fields = [(name, value) for name, value in said.pop("fields")]
        return Saved(row.key, row.saved_at, Typed(fields=fields, **said))
    return None


def _state(key: str, at: datetime) -> str:
    return f"{key}.{at.timestamp():.6f}"


def _about(person_id: int, key: str) -> bytes:
    return f"{person_id} {key}".encode()
