"""Webhooks of providers: each is proven first, and is then a reason to ask the provider, no more (P16)."""

from __future__ import annotations

import logging

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.mount import Mount
from paidsupport.kernel.web.guards import Who, route
from paidsupport.sales.payments.operations import beginning, configured
from paidsupport.sales.payments.providers import ForgedHintError

log = logging.getLogger("paidsupport.payments")

#: The largest body, in bytes.
LARGEST = 64 * 1024


def _taken(mount: Mount) -> Response | None:
    """The answer to a webhook: no transaction is open while it is proven."""
    if request.method != "POST":
        return Response(status=405, headers={"Allow": "POST"})
    request.max_content_length = LARGEST
    name = str((request.view_args or {})["provider"])
    try:
        body = request.get_data()
        with mount.by_clock.reading() as ctx:
            provider = configured.provider_of(ctx, name)
        hint = provider.hint(dict(request.headers), body) if provider else None
    except RequestEntityTooLarge:
        return Response(status=413)
    except ForgedHintError as error:
        log.warning("a webhook of %s was not believed: %s", name, error)
        return Response(status=400)  # without the reason: it would help the next forgery
    except ConfigurationError:
        log.exception("a webhook of %s could not be read", name)
        return Response(status=503)  # the provider tries again later
    if provider is None:
        return Response(status=404)
    if hint is not None:
        with mount.by_clock.writing() as ctx:
            beginning.hinted(ctx, name, hint)
    return Response(status=200)


@route("/pay/hints/<provider>", Who.ANYONE, ("POST",), first=_taken)
def pay_hint(_ctx: Context, provider: str) -> ResponseReturnValue:
    """A webhook of a provider; `_taken` answers all of them."""
    raise AssertionError(provider)
