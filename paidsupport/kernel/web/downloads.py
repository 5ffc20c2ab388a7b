"""Files leave as downloads and in no other way: whatever they hold, no browser runs it."""

from __future__ import annotations

from flask import Response, send_file

from paidsupport.kernel.context import Context

#: Should a browser show it all the same, then without scripts, forms, or an origin of its own.
POLICY = "sandbox; default-src 'none'"


def send_kept(ctx: Context, key: str, *, name: str, size: int) -> Response:
    """What the store has under `key`, as a download called `name`. Raises NotFoundError."""
    response = send_file(
        ctx.services.files.open(key),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=name,
        conditional=False,
        etag=False,
    )
    response.content_length = size
    return _harmless(response)


def as_attachment(response: Response, name: str) -> Response:
    """A document of our own making, to be saved as `name`."""
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return _harmless(response)


def _harmless(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
