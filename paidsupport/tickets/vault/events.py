"""Kinds of events of the logins that a customer shares: shared, viewed, destroyed."""

from __future__ import annotations

from functools import partial

from paidsupport.kernel.events import Line, label, one_of
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.events import event
from paidsupport.tickets.notices.rules import FOLLOWERS

_SECRETS = {
    "key": _("a public key"),
    "account": _("a temporary account"),
    "password": _("a password"),
    "message": _("a login from a message"),
    "mail": _("an email as it arrived"),
}
_CHANGED = {
    "key": _("{who} said that the key was removed from the server"),
    "account": _("{who} said that the temporary account was deleted"),
}
#: Reasons for destroying a secret that the history mentions.
_WORTH_SAYING = {"taken back": _("taken back"), "the work ended": _("the work ended")}


def _why(line: Line) -> str:
    return str(translate(_WORTH_SAYING.get(line.get("why") or "", "")))


def _cut(line: Line) -> str:
    if line.get("reference"):
        return _("{who} moved a login from message {message} into the vault")
    return _("{who} removed a login from message {message}")


_secret = partial(
    event,
    fields={"secret": label("kind", _SECRETS, _("a login")), "why": _why},
    keeps=frozenset({"kind"}),
)

KINDS = (
    _secret("secret-given", _("{who} shared access: {secret}"), audience=FOLLOWERS),
    _secret("secret-looked", _("{who} viewed {secret}")),
    _secret(
        "secret-destroyed",
        one_of(
            "kind",
            {"key": _("{who} noted that {secret} was removed[: {why}]")},
            _("{who} deleted {secret}[: {why}]"),
        ),
        audience=FOLLOWERS,
        # the end of the work destroys any other
        is_news=lambda happened: happened.actor_kind == "customer",
    ),
    _secret(
        "secret-changed",
        one_of("kind", _CHANGED, _("{who} said that the password was changed")),
        audience=FOLLOWERS,
    ),
    _secret("message-cut", _cut, keeps=frozenset({"kind", "message"})),
)
