"""Exporting data by programs of managers: asking for it, seeing how far it is, downloading it (P12, P13).

Erasing a customer is not among these: that is decided by a person who reads what will be gone.
"""

from __future__ import annotations

from typing import Annotated

from flask import Response
from pydantic import Field

from paidsupport.connect.api.declaring import get, post
from paidsupport.connect.api.models import Answer, Moment, Query, Sent
from paidsupport.connect.api.resources._common import managers_only
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.web.downloads import send_kept
from paidsupport.ops.export import operations
from paidsupport.ops.export.operations import Wanted
from paidsupport.ops.export.queries import exports

TAG = "Export"


class ExportTold(Answer):
    """An export."""

    reference: str
    kind: Annotated[str, Field(description="`all`, or `customer`: what is kept of one.")]
    label: Annotated[str, Field(description="The codes of their tickets.")]
    with_notes: bool
    asked_by: Annotated[str, Field(validation_alias="asked_by_name")]
    asked_at: Moment
    state: Annotated[str, Field(description="`queued`, `running`, `ready`, `failed` or `expired`.")]
    lines: Annotated[int, Field(description="How far it is, of `total`.")]
    total: int
    size: Annotated[int, Field(description="In bytes.")]
    expires_at: Moment | None
    downloads: Annotated[int, Field(description="How often it was downloaded.")]
    problem: str


class ExportSent(Sent):
    """What to export."""

    customer: Annotated[
        str | None,
        Field(description="An email address, a phone number or the code of a ticket; null: everything."),
    ] = None
    with_notes: Annotated[
        bool, Field(description="Whether what only staff see of the customer is in it.")
    ] = False


class Download(Answer):
    """Where the file is, until it is downloaded again or expires."""

    name: str
    size: int
    key: Annotated[str, Field(description="What `get_export_file` wants.")]


class FileQuery(Query):
    """Which download."""

    key: Annotated[str, Field(max_length=200, description="From `download_export`.")]


@get("/exports")
def list_exports(ctx: Context) -> list[ExportTold]:
    """List the newest exports, at most 20. For managers."""
    managers_only(ctx)
    return [ExportTold.model_validate(row) for row in exports.newest(ctx.session)]


@get("/exports/<reference>")
def get_export(ctx: Context, reference: str) -> ExportTold:
    """Get how far an export is. For managers."""
    managers_only(ctx)
    return ExportTold.model_validate(operations.find(ctx, reference))


@post("/exports", scope=Scope.MANAGE, status=201)
def start_export(ctx: Context, body: ExportSent, key: str) -> ExportTold:
    """Ask for an export of everything, or of what is kept of one customer; a worker makes it.

    Erasing a customer is not possible by the API: a person decides that in the browser.
    """
    wanted = None if body.customer is None else Wanted(body.customer, with_notes=body.with_notes)
    operations.start(ctx, wanted, key=key)
    return ExportTold.model_validate(exports.newest(ctx.session)[0])


@post("/exports/<reference>/downloads", scope=Scope.MANAGE, status=201)
def download_export(ctx: Context, reference: str, key: str) -> Download:
    """Take an export away: each time is written down, and opens the file anew."""
    del key
    export = operations.download(ctx, reference)
    return Download(
        name=operations.file_name(ctx, export), size=export.size, key=operations.key_of(ctx, export)
    )


@get("/exports/<reference>/file", scope=Scope.MANAGE)
def get_export_file(ctx: Context, reference: str, query: FileQuery) -> Response:
    """Get the file of a download, a ZIP archive."""
    export = operations.opened(ctx, reference, query.key)
    name = operations.file_name(ctx, export)
    return send_kept(ctx, export.storage_key or "", name=name, size=export.size)
