"""What managers enter for an endpoint of webhooks (P12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from paidsupport.connect.connections.kinds import PRIVATE, Kind
from paidsupport.connect.connections.tables import Connection, ConnectionTask
from paidsupport.connect.log.catalogue import PATTERN
from paidsupport.connect.webhooks import sentences as _sentences  # noqa: F401  # for pages
from paidsupport.connect.webhooks.reacting import DELIVER, may_leave, patterns, react_with_envelope
from paidsupport.connect.webhooks.signing import key_of, new_secret
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _

_LIBRARY = _("Webhooks need more packages on the server: pip install 'paidsupport[webhooks]'")
_ADDRESS = _("Enter an address that starts with https://, without a user name and without “#”.")
_EVENTS = _("Enter types of events, separated by spaces. “*” stands for any text, as in “ticket.*”.")
_SECRET = _("Enter “whsec_” and 24 to 64 bytes in Base64, or leave it empty.")
_UNTIL = _("Enter a moment like 2030-03-14T09:30:00+00:00, or leave it empty.")

EVENTS = Value("events", _("Events"), _EVENTS, default="*")


def wrong_url(values: Values) -> Message | None:
    """What is wrong with the address."""
    if find_spec("requests") is None:
        return _LIBRARY
    url = values.get("url", "")
    allowed = {"https", "http"} if values.get(PRIVATE) == "yes" else {"https"}
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0) and parts.username is None
    except ValueError:
        return _ADDRESS
    plain = url.isascii() and url.isprintable() and " " not in url and "#" not in url
    return None if sound and plain and parts.scheme in allowed else _ADDRESS


def wrong_events(values: Values) -> Message | None:
    """What is wrong with the choice of events."""
    chosen = patterns(values.get("events", ""))
    return None if chosen and all(PATTERN.fullmatch(each) for each in chosen) else _EVENTS


def _wrong_secret(secret: str) -> Message | None:
    try:
        key_of(secret)
    except ValueError:
        return _SECRET
    return None


def _wrong_until(typed: str) -> Message | None:
    try:
        return None if datetime.fromisoformat(typed).tzinfo else _UNTIL
    except ValueError:
        return _UNTIL


def _wrong(values: Values) -> Mapping[str, Message]:
    found = {
        "url": wrong_url(values),
        "events": wrong_events(values),
        **{name: _wrong_secret(values[name]) for name in ("secret", "former") if values.get(name)},
        "former_until": _wrong_until(until) if (until := values.get("former_until")) else None,
    }
    return {name: sentence for name, sentence in found.items() if sentence is not None}


def _make(values: Values) -> Any:  # noqa: ANN401  # an Endpoint
    from paidsupport.connect.webhooks.endpoint import endpoint_of  # noqa: PLC0415  # late: workers alone need it

    return endpoint_of(values)


def _perform(client: Any, task: ConnectionTask, now: datetime) -> Any:  # noqa: ANN401  # as above
    from paidsupport.connect.webhooks.endpoint import perform  # noqa: PLC0415  # as above

    return perform(client, task, now)


def _check(client: Any) -> str:  # noqa: ANN401  # as above
    from paidsupport.connect.webhooks.endpoint import check  # noqa: PLC0415  # as above

    return check(client)


def _prepare(ctx: Context, _connection: Connection, task: ConnectionTask) -> datetime | None:
    return ctx.now if may_leave(ctx, task) else None


WEBHOOK = Kind(
    name="webhook",
    label=_("Webhook"),
    group="webhooks",
    values=(
        Value("url", _("Address"), _("Where events are posted, such as https://example.org/hooks/desk.")),
        EVENTS,
        Value(
            "secret",
            _("Secret"),
            _("It signs what is sent. Empty: the desk makes one. It is never shown again."),
            secret=True,
            required=False,
        ),
        Value(
            "former",
            _("Former secret"),
            _("While a secret is replaced, events are signed with both."),
            secret=True,
            required=False,
        ),
        Value(
            "former_until",
            _("Former secret is valid until"),
            _("Filled in by itself when you make a new secret."),
            required=False,
        ),
    ),
    make=_make,
    check=_check,
    perform=_perform,
    wrong=_wrong,
    help=_("The receiver verifies what it gets as the Standard Webhooks describe it."),
    react=react_with_envelope,
    prepare=_prepare,
    tasks={DELIVER: _("event")},
    more={"webhook_endpoint": _("New secret, send events again")},
    fresh={"secret": new_secret},
)
