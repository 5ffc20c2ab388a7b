"""Runs that managers start in the browser, and what every run is written down with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.connect.importing import queries
from paidsupport.connect.importing.rules import is_source
from paidsupport.connect.importing.sources.asking import Asking
from paidsupport.connect.importing.sources.kinds import KINDS, Wanted
from paidsupport.connect.importing.sources.table import chosen_columns, reader
from paidsupport.connect.importing.tables import DRAFTED, Import
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.configuration import history, sealing
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, ManagersOnlyError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.files import Upload, problems_with
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import LINE_LIMIT, BadTextError

#: Rows of a table that are shown, and how much of each of their values.
_ROWS, _SHOWN = 5, 80


def wanted(ctx: Context, source: str, path: Path, options: Mapping[str, Any], secret: str = "") -> Wanted:
    """What a source is made of; the addresses of staff are the desk's own."""
    ours = [row.address for row in queries.staff(ctx.session)]
    more = {**options, "ours": [*options.get("ours", ()), *ours]}
    return Wanted(source, ctx.services, path, more, secret)


def check_services(ctx: Context, slugs: Iterable[str]) -> None:
    """Raises InvalidInputError (field `service`) for a service that cannot be ordered."""
    known = {service.slug for service in catalogue.services(ctx)}
    for slug in slugs:
        if slug not in known:
            raise InvalidInputError({"service": [_("There is no service called “%(name)s”.", name=slug)]})


def note(ctx: Context, source: str) -> None:
    """Write into the history of the configuration that tickets are moved in."""
    with history.edit(ctx) as change:
        history.tell(change, "imported", f"import:{source}", source)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form of a new run holds."""

    kind: str
    source: str = ""
    service: str = ""
    url: str = ""
    secret: str = ""
    ours: str = ""
    dates: str = "ymd"
    open: bool = False


def check(ctx: Context, typed: Typed, uploads: Sequence[Upload], *, key: str) -> Import:
    """Begin to move in: a worker says what is unknown, and writes nothing.

    A table waits until its columns are chosen (`choose`). A repeated key returns the same run.

    Raises:
        ManagersOnlyError: The actor is not a manager.
        InvalidInputError: By field as in `Typed`, or `file`.
    """
    _managers_only(ctx)
    reference = fingerprint("import", ctx.by.id, key)
    if (known := queries.called(ctx.session, reference)) is not None:
        return known
    kind = KINDS.get(typed.kind)
    if kind is None:
        raise InvalidInputError({"kind": [_("Choose one of these.")]})
    fields = Fields()
    source = fields.one_line("source", typed.source) or kind.name
    if not is_source(source):
        like = f"{kind.name}:desk.example.org"
        fields.refuse("source", _("Enter a name like %(name)s.", name=like))
    if typed.service:
        fields.read("service", typed.service, partial(_a_service, ctx))
    if kind.asks and not typed.secret:
        fields.refuse("secret", _("Enter the token or password."))
    if not kind.asks and not uploads:
        fields.refuse("file", _("Choose the file."))
    if wrong := [] if kind.asks else problems_with(ctx, uploads):
        fields.refuse("file", str(wrong[0]))
    if kind.asks:
        fields.read("url", typed.url, checked_url)
    fields.done()
    services = {"": typed.service} if typed.service else {}
    options = {"url": typed.url, "dates": typed.dates, "open": typed.open, "services": services}
    options["ours"] = typed.ours.split()
    run = Import(reference=reference, kind=kind.name, source=source, dry=True, options=options)
    run.started_by_id, run.started_by_name, run.started_at = ctx.by.id, ctx.by.name, ctx.now
    run.state = DRAFTED if kind.name == "csv" else "queued"
    if kind.asks:
        run.sealed = sealing.seal_bytes(ctx.services.links, f"import {reference}", typed.secret)
    else:
        run.storage_key = ctx.services.files.keep(uploads[0].content).key
        run.file_name = uploads[0].name[-LINE_LIMIT:]
    ctx.session.add(run)
    ctx.session.flush()
    return run


def choose(ctx: Context, reference: str, columns: Mapping[str, str]) -> Import:
    """Say which column of a table is what; then a worker looks at it.

    Raises:
        ManagersOnlyError: The actor is not a manager.
        NotFoundError: There is no such run.
        InvalidInputError: Needed columns are missing.
    """
    _managers_only(ctx)
    run = queries.by_reference(ctx.session, reference, lock=True)
    names, _rows = preview(ctx, run)
    chosen = chosen_columns({field: name for field, name in columns.items() if name}, names)
    if run.state not in queries.UNFINISHED:
        run.options = {**run.options, "columns": chosen}
        run.state, run.ended_at, run.counts, run.remarks, run.attempts = "queued", None, {}, [], 0
    return run


def preview(ctx: Context, run: Import) -> tuple[list[str], list[list[str]]]:
    """The columns of a table, and its first rows. Raises NotFoundError, InvalidInputError."""
    with ctx.services.files.open(existing(run.storage_key)) as content:
        rows = reader(content)
        names = [name for name in rows.fieldnames or () if name]
        return names, [[(row.get(name) or "")[:_SHOWN] for name in names] for row in islice(rows, _ROWS)]


def start(ctx: Context, reference: str, services: Mapping[str, str], *, key: str) -> Import:
    """Move in what a run has looked at; a worker does it.

    Args:
        ctx: The manager.
        reference: The run that has said what is unknown.
        services: The service for each queue that it did not know.
        key: The one-time key of the form.

    Raises:
        ManagersOnlyError: The actor is not a manager.
        NotFoundError: There is no such run.
        InvalidInputError: It has not come to its end, or another one is under way.
        KeyReusedError: The form was sent with other content.
    """
    _managers_only(ctx)
    content = ("import", reference, sorted(services.items()))
    with history.edit(ctx, key=key, content=content) as change:
        run = queries.by_reference(ctx.session, reference, lock=True)
        if change.repeated:
            return run
        if run.state in queries.UNFINISHED or run.state == DRAFTED:
            raise InvalidInputError({"import": [_("Wait until the check is finished.")]})
        if run.storage_key is None and run.sealed is None:
            raise InvalidInputError({"import": [_("The file is not here any more. Choose it again.")]})
        if queries.is_under_way(ctx.session):
            raise InvalidInputError(
                {"import": [_("Tickets are being moved in already. Wait until it is done.")]}
            )
        check_services(ctx, services.values())
        run.options = {**run.options, "services": {**run.options.get("services", {}), **services}}
        run.dry, run.state, run.ended_at, run.attempts = False, "queued", None, 0
        run.counts, run.remarks, run.problem = {}, [], ""
        history.tell(change, "imported", f"import:{reference}", run.source)
    return run


def checked_url(typed: str) -> str:
    """The address of a system. Raises BadTextError."""
    try:
        return Asking(typed, {}).url
    except InvalidInputError as error:
        raise BadTextError(error.problems["url"][0]) from None


def _a_service(ctx: Context, slug: str) -> str:
    check_services(ctx, [slug])
    return slug


def _managers_only(ctx: Context) -> None:
    if not ctx.by.is_manager:
        raise ManagersOnlyError(history.FOR_MANAGERS)
