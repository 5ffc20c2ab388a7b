"""What all kinds of trackers have in common as connections: which issues they get, and what comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from paidsupport.connect.connections.kinds import Kind
from paidsupport.connect.outgoing import is_safe
from paidsupport.connect.trackers import operations, syncing
from paidsupport.connect.trackers.protocol import Abilities, Tracker
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _

#: The group of all trackers.
GROUP = "trackers"
#: What its tasks are called.
_TASKS = {
    syncing.FILE: _("File issue"),
    syncing.SET: _("Change issue"),
    syncing.WRITE: _("Write note"),
    syncing.LOOK: _("Look at issue"),
    syncing.FIND: _("Look for issue"),
}
#: The time between two readings.
_EVERY = timedelta(minutes=2)

_URL = _("Enter an address that starts with https://, without a query.")
_TAG = _("Enter the tag.")

ADDRESS = Value("url", _("Address"), _("Where its pages are, such as https://bugs.example.org."))
#: Which issues are filed, and what comes in: the values of every tracker after its own.
SHARED = (
    Value(
        "files",
        _("Issues to file there"),
        choices={
            syncing.CHOSEN: _("Those that staff file by hand"),
            syncing.TAGGED: _("Those with a tag"),
            syncing.ALL: _("All new issues"),
        },
        default=syncing.CHOSEN,
    ),
    Value("tag", _("Tag"), _("Only if issues with a tag are filed."), required=False),
    Value(
        "takes",
        _("Issues that others file there"),
        choices={
            syncing.TAKE: _("Open each as a new issue here"),
            syncing.LEAVE: _("Leave them there"),
        },
        default=syncing.TAKE,
    ),
)


@dataclass(frozen=True, slots=True)
class TrackerKind(Kind):
    """A kind of tracker; `abilities`: what can be said of every tracker of this kind."""

    abilities: Abilities = field(default_factory=Abilities)


def tracker_kind(
    name: str,
    label: Message,
    *,
    abilities: Abilities,
    values: Sequence[Value],
    make: Callable[[Values], Tracker],
    wrong: Callable[[Values], Mapping[str, Message]] = lambda _values: {},
    help: Message | str = "",  # noqa: A002  # as in Kind
) -> TrackerKind:
    """A kind of connection from what makes its client.

    Args:
        name: In addresses and in the database.
        label: What staff call it.
        abilities: What it can do.
        values: What managers enter besides `ADDRESS` and `SHARED`, among them the secret `token`.
        make: What makes the client; it imports it late.
        wrong: What is wrong with `values`, by name.
        help: What to do there first.
    """

    def all_wrong(entered: Values) -> Mapping[str, Message]:
        return {**_wrong(entered), **wrong(entered)}

    return TrackerKind(
        name=name,
        label=label,
        group=GROUP,
        values=(ADDRESS, *values, *SHARED),
        make=make,
        check=_check,
        perform=syncing.perform,
        wrong=all_wrong,
        binding=("url",),
        help=help,
        react=syncing.react,
        prepare=syncing.prepare,
        note=syncing.note,
        poll=_poll,
        take_in=syncing.take_in,
        every=_EVERY,
        needs=frozenset({"trackers"}),
        settle=operations.settle,
        tasks=_TASKS,
        abilities=abilities,
    )


def _check(client: Tracker) -> str:
    return client.check()


def _poll(client: Tracker, watermark: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    return client.changed_since(watermark)


def _wrong(values: Values) -> Mapping[str, Message]:
    found = {}
    if not is_safe(values.get("url", "")):
        found["url"] = _URL
    if values.get("files") == syncing.TAGGED and not values.get("tag"):
        found["tag"] = _TAG
    return found
