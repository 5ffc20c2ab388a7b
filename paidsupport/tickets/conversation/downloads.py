"""Files of tickets as downloads."""

from __future__ import annotations

from flask import Response

from paidsupport.kernel.context import Context
from paidsupport.kernel.web.downloads import send_kept
from paidsupport.tickets.conversation.tables import File


def send(ctx: Context, file: File) -> Response:
    """Send the content of `file` under its original name. Raises NotFoundError if the store lacks it."""
    return send_kept(ctx, file.storage_key, name=file.name, size=file.size)
