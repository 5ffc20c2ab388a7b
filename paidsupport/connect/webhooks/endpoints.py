"""What managers do with an endpoint besides setting it up: a new secret, and sending events again (P12)."""

from __future__ import annotations

from datetime import datetime, timedelta

from paidsupport.connect.connections import configured, queries
from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections.setup import operations as setup
from paidsupport.connect.webhooks.kind import WEBHOOK
from paidsupport.connect.webhooks.signing import new_secret
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows, sealing
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.kernel.i18n.messages import gettext as _

#: The most days for which two secrets are valid.
MOST_DAYS = 30


def renew(ctx: Context, reference: str, days: int, *, key: str) -> str | None:
    """Replace the secret of an endpoint.

    Args:
        ctx: The manager who does it.
        reference: Which endpoint.
        days: How long events are signed with the former secret as well.
        key: The one-time key of the form.

    Returns:
        The new secret, which is never shown again; None: the form was sent before.

    Raises:
        NotFoundError: There is no such endpoint.
        InvalidInputError: Not so many days.
        ConfigurationError: The former secret cannot be opened, and two are wanted.
        KeyReusedError: The form was sent with other content.
    """
    if not 0 <= days <= MOST_DAYS:
        raise InvalidInputError({"days": [_("Choose one of these.")]})
    with configuration.edit(ctx, key=key, content=("secret of a webhook", reference, days)) as changing:
        row = queries.by_reference(ctx.session, reference)
        if row.kind != WEBHOOK.name:
            raise NotFoundError
        if changing.repeated:
            return None
        before, secret = setup.values_of(ctx, WEBHOOK, row), new_secret()
        former = configured.opened(ctx.services, WEBHOOK, row).get("secret", "") if days else ""
        until = (ctx.now + timedelta(days=days)).isoformat(timespec="seconds") if former else ""
        row.values = {**row.values, "former_until": until}
        row.sealed = {
            name: sealing.sealed(
                ctx.services.links, configured.bound_to(WEBHOOK, reference, row.values, name), content
            )
            for name, content in (("secret", secret), ("former", former))
            if content
        }
        row.changed_at = ctx.now
        hidden = {f"{WEBHOOK.name}_secret": configuration.HIDDEN}
        after = {**setup.values_of(ctx, WEBHOOK, row), **hidden}
        rows.tell_kept(changing, setup.about(reference), row.name, before, after)
        ctx.session.flush()
    return secret


def replay(ctx: Context, reference: str, since: datetime, *, everything: bool) -> int:
    """Send events again that were to be told since a moment, in their order and with their ids.

    Args:
        ctx: The manager who does it.
        reference: Which connection.
        since: From which moment on.
        everything: Whether those that arrived are sent again as well.

    Returns:
        How many these are.

    Raises:
        NotFoundError: There is no such connection.
    """
    row = queries.by_reference(ctx.session, reference)
    return connections.again_since(ctx, row, since, everything=everything)
