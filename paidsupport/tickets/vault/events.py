"""Kinds of events of the credentials that a customer gives: what came, who looked, how it ended."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Line, label, one_of
from paidsupport.tickets.events import event
from paidsupport.tickets.notices.rules import FOLLOWERS

_SECRETS = {
    "key": "a public key",
    "account": "a temporary account",
    "password": "a password",
    "message": "a credential from a message",
    "mail": "a mail as it arrived",
}
_CHANGED = {
    "key": "{who} said that the key is off the host",
    "account": "{who} said that the temporary account is deleted",
}
#: The reasons for which a secret is destroyed that are worth a word.
_WORTH_SAYING = {"taken back", "the work ended"}


def _why(line: Line) -> str:
    return str(line.get("why")) if line.get("why") in _WORTH_SAYING else ""


def _cut(line: Line) -> str:
    if line.get("reference"):
        return "{who} moved a credential from message {message} into the vault"
    return "{who} cut a credential out of message {message}"


_secret = partial(
    event,
    fields={"secret": label("kind", _SECRETS, "a credential"), "why": _why},
    keeps=frozenset({"kind"}),
)

KINDS = (
    _secret("secret-given", "{who} gave access: {secret}", audience=FOLLOWERS),
    _secret("secret-looked", "{who} looked at {secret}"),
    _secret(
        "secret-destroyed",
        one_of(
            "kind",
            {"key": "{who} noted the removal of {secret}[: {why}]"},
            "{who} destroyed {secret}[: {why}]",
        ),
        audience=FOLLOWERS,
        # any other goes with the end of the work
        is_news=lambda happened: happened.actor_kind == "customer",
    ),
    _secret(
        "secret-changed",
        one_of("kind", _CHANGED, "{who} said that the password is changed"),
        audience=FOLLOWERS,
    ),
    _secret("message-cut", _cut, keeps=frozenset({"kind", "message"})),
)
