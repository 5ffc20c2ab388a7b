"""What all kinds of ERPs have in common as connections: whom and what they are told, and who invoices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from paidsupport.connect.connections.kinds import Kind
from paidsupport.connect.erp import syncing
from paidsupport.connect.erp.protocol import Erp, What
from paidsupport.connect.outgoing import is_safe
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _

#: The group of all ERPs.
GROUP = "erp"
#: What its tasks are called.
_TASKS = {
    What.PARTY: _("Keep customer"),
    What.LEAD: _("Keep lead"),
    syncing.WON: _("Mark lead as won"),
    syncing.LOST: _("Mark lead as lost"),
    What.INVOICE: _("Draft invoice"),
    syncing.NOTE: _("Write note"),
}
#: The time between two looks at it.
_EVERY = timedelta(minutes=15)

_URL = _("Enter an address that starts with https://, without a query.")

ADDRESS = Value("url", _("Address"), _("Where its pages are, such as https://erp.example.org."))
#: What goes there: the values of every ERP after its own.
SHARED = (
    Value(
        "parties",
        _("Organisations to keep there"),
        choices={
            syncing.ALL: _("All that a ticket belongs to"),
            syncing.OF_LEADS: _("Those of accepted leads"),
        },
        default=syncing.ALL,
    ),
    Value(
        "invoices",
        _("Invoices of won leads"),
        choices={
            syncing.THERE: _("Draft them there"),
            syncing.HERE: _("Write them here"),
        },
        default=syncing.THERE,
    ),
    Value(
        "messages",
        _("Messages with customers"),
        choices={
            syncing.NOTHING: _("Say nothing of them there"),
            syncing.LINK: _("Note each with a link to the ticket"),
            syncing.TEXT: _("Note each with its text"),
        },
        default=syncing.NOTHING,
    ),
)


def erp_kind(
    name: str,
    label: Message,
    *,
    values: Sequence[Value],
    make: Callable[[Values], Erp],
    help: Message | str = "",  # noqa: A002  # as in Kind
    binding: Sequence[str] = (),
) -> Kind:
    """A kind of connection from what makes its client.

    Args:
        name: In addresses and in the database.
        label: What staff call it.
        values: What managers enter besides `ADDRESS` and `SHARED`.
        make: What makes the client; it imports it late.
        help: What to do there first.
        binding: The values besides the address to which its secrets belong.
    """
    return Kind(
        name=name,
        label=label,
        group=GROUP,
        values=(ADDRESS, *values, *SHARED),
        make=make,
        check=_check,
        perform=syncing.perform,
        wrong=_wrong,
        binding=("url", *binding),
        help=help,
        react=syncing.react,
        prepare=syncing.prepare,
        note=syncing.note,
        poll=syncing.poll,
        take_in=syncing.take_in,
        every=_EVERY,
        needs=frozenset({"erp"}),
        tasks=_TASKS,
    )


def _check(client: Erp) -> str:
    return client.check()


def _wrong(values: Values) -> Mapping[str, Message]:
    return {} if is_safe(values.get("url", "")) else {"url": _URL}
