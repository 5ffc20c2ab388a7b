"""Loading a file of the configuration: handed in, looked at, loaded in one transaction, and undone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from paidsupport.kernel import chain
from paidsupport.kernel.configuration import file, history, queries
from paidsupport.kernel.configuration.file import Difference, Plan
from paidsupport.kernel.configuration.reading import FIELD
from paidsupport.kernel.configuration.scanning import LARGEST
from paidsupport.kernel.configuration.tables import ConfigurationSnapshot
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConflictError, InvalidInputError, NotFoundError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _

#: How long a file waits that was handed in and not loaded.
KEPT = timedelta(days=1)
_LONGEST_WORD = 500


class ChangedSinceError(ConflictError):
    """What a file would change is not what was shown any more."""

    def __init__(self) -> None:
        super().__init__(_("The set-up has changed since this page was opened. Check the changes again."))


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was handed in, and what it would change now."""

    row: ConfigurationSnapshot
    plan: Plan
    #: Tells whether the same is still shown when it is loaded.
    print: str


def decoded(data: bytes) -> str:
    """The text of a file. Raises InvalidInputError (field `file`)."""
    if len(data) > LARGEST:
        raise InvalidInputError({FIELD: [_("The file is larger than 2 MB.")]})
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInputError({FIELD: [_("This is no text file.")]}) from None


def hand_in(ctx: Context, text: str) -> ConfigurationSnapshot:
    """Keep a file for a day, so that what it would change can be looked at.

    Raises:
        InvalidInputError: Field `file`, with a sentence for each fault.
    """
    text = text.replace("\r\n", "\n")
    if not text.strip():
        raise InvalidInputError({FIELD: [_("Choose a file, or paste its text.")]})
    file.plan(ctx, text)
    forget(ctx)
    return _kept(ctx, text)


def look(ctx: Context, number: int) -> Looked:
    """What a file that was handed in would change.

    Raises:
        NotFoundError: There is none, or it was loaded.
        InvalidInputError: Something has changed since, so that it cannot be loaded any more.
    """
    row = existing(ctx.session.get(ConfigurationSnapshot, number))
    if row.applied_at is not None or row.at <= ctx.now - KEPT:
        raise NotFoundError
    planned = file.plan(ctx, row.text)
    return Looked(row, planned, _printed(planned.differences))


def load(ctx: Context, number: int, *, word: str, seen: str, key: str) -> bool:
    """Load a file that was handed in; returns whether anything has changed.

    Args:
        ctx: The manager who loads it.
        number: Which one.
        word: What is changed, and why.
        seen: The print of what was shown of it.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is none.
        InvalidInputError: No word, or the file cannot be loaded any more.
        ChangedSinceError: It would change something else than what was shown.
    """
    fields = Fields()
    word = fields.many_lines("word", word, required=_("Say what was changed, and why."), limit=_LONGEST_WORD)
    fields.done()
    with history.edit(ctx, key=key, content=("file", number, word)) as change:
        if change.repeated:
            return True
        looked = look(ctx, number)
        if looked.print != seen:
            raise ChangedSinceError
        looked.row.word = word
        looked.row.before = file.dump(ctx)
        looked.row.applied_at = ctx.now
        undone = _undone(ctx, looked.row)
        return file.carry_out(
            ctx, change, looked.plan, word, kind="undone" if undone else "loaded", about=f"file:{number}"
        )


def load_at_once(ctx: Context, text: str, word: str) -> Plan:
    """Load a file; returns what it has changed. Raises InvalidInputError (field `file`)."""
    with history.edit(ctx) as change:
        planned = file.plan(ctx, text)
        row = _kept(ctx, text)
        row.word, row.before, row.applied_at = word, file.dump(ctx), ctx.now
        if not file.carry_out(ctx, change, planned, word, about=f"file:{row.id}"):
            ctx.session.delete(row)
    return planned


def undo(ctx: Context, number: int) -> ConfigurationSnapshot:
    """Hand in what was there before a file was loaded. Raises NotFoundError, InvalidInputError."""
    row = existing(ctx.session.get(ConfigurationSnapshot, number))
    if row.applied_at is None:
        raise NotFoundError
    made = hand_in(ctx, row.before)
    made.undoes_id = row.id
    ctx.session.flush()
    return made


def undo_newest(ctx: Context) -> Plan:
    """Undo at once what was loaded last. Raises NotFoundError, InvalidInputError."""
    rows = queries.imports(ctx.session, 1)
    made = undo(ctx, existing(rows[0] if rows else None).id)
    looked = look(ctx, made.id)
    load(ctx, made.id, word=str(_("Undone: %(word)s", word=rows[0].word)), seen=looked.print, key="")
    return looked.plan


def forget(ctx: Context) -> None:
    """Delete the files that were handed in and not loaded for a day."""
    waiting = ConfigurationSnapshot.applied_at.is_(None), ConfigurationSnapshot.at <= ctx.now - KEPT
    ctx.session.execute(delete(ConfigurationSnapshot).where(*waiting))


def _kept(ctx: Context, text: str) -> ConfigurationSnapshot:
    row = ConfigurationSnapshot(at=ctx.now, by=ctx.by.name, text=text, word="", before="")
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _undone(ctx: Context, row: ConfigurationSnapshot) -> bool:
    """Note that what `row` undoes is undone; returns whether it undoes anything."""
    before = ctx.session.get(ConfigurationSnapshot, row.undoes_id) if row.undoes_id else None
    if before is not None:
        before.undone_at = ctx.now
    return before is not None


def _printed(differences: Iterable[Difference]) -> str:
    found = [(one.part.key, one.kind, one.name, one.before, one.after) for one in differences]
    return chain.fingerprint(json.dumps(found, sort_keys=True, default=str))
