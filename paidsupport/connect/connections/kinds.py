"""Kinds of connections: what managers enter for them, and what workers do with them (P12, P17).

A connection is served in three steps. `react` reads what happened, in the order of the log, and queues tasks.
A worker takes a task: `prepare` reads what it needs, in a transaction; `perform` makes the requests, outside
of any; `note` writes down what came of it. `poll` and `take_in` do the same for what is read over there.

`perform` tells three ends apart: it returns what was answered; nothing was done (NotSentError, with whether
trying again makes sense); the result is unknown (UnclearError): the task is tried again, and looks for what
may have been done before it does anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from paidsupport.connect.connections.tables import Connection, ConnectionTask, Remote
from paidsupport.connect.log.tables import Announcement
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.mail.transports import NotSentError

if TYPE_CHECKING:
    from paidsupport.connect.outgoing import Line

#: Under which heading kinds stand, in this order.
GROUPS: Mapping[str, Message] = {
    "webhooks": _("Webhooks"),
    "chat": _("Chat"),
    "trackers": _("Issue trackers"),
    "erp": _("Bookkeeping and ERP"),
    "import": _("Import"),
}
#: A value that no one enters: whether a connection may be in the site's own network, `yes` or empty.
PRIVATE = "private"


class AnsweredError(NotSentError):
    """The other side did not take it, and answered with a status."""

    def __init__(
        self, problem: str, answered: int, wait: timedelta | None = None, *, permanent: bool = False
    ) -> None:
        self.answered = answered
        super().__init__(problem, permanent=permanent, wait=wait)


class StopError(NotSentError):
    """The other side wants nothing more of us: the desk stops the connection until managers switch it on."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, permanent=True)


def line_of(values: Values, url: str) -> Line:
    """The way to a server, in the site's own network only if the site allows that."""
    from paidsupport.connect.outgoing import Line  # noqa: PLC0415  # late: few processes make requests

    return Line(url, private=values.get(PRIVATE) == "yes")


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task.

    Attributes:
        status: The HTTP status of the answer.
        found: What `note` needs of it.
    """

    status: int | None = None
    found: Any = None


def _nothing_wrong(_values: Values) -> Mapping[str, Message]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of connection that managers can set up.

    Attributes:
        name: In addresses and in the database: `mantisbt`.
        label: What staff call it.
        group: Under which heading it stands: a name of `GROUPS`.
        values: What managers enter.
        make: What makes the requests, from the values with their secrets; imported when it is first needed.
            Anything that `check`, `perform` and `poll` know how to use.
        check: Calls the other side and returns what is wrong, in a sentence; empty if it works. Raises
            NotSentError and UnclearError.
        wrong: What is wrong with the values, by name; the values come without outer spaces.
        binding: The values to which its secrets belong: with another one of these, they are entered again.
        help: What to do there first, in a sentence or two.
        react: Queues tasks for what happened, all in the transaction that moves on in the log.
        prepare: What `perform` needs to know; None: the task has become pointless, and is withdrawn.
        perform: Makes the requests for one task.
        note: Writes down what came of it, in the transaction that ends the task.
        poll: Reads what is new there, from a watermark; returns what `take_in` gets, and the new watermark.
        take_in: Takes over what was read, in the transaction that moves the watermark on.
        every: The time between two readings; None: nothing is read.
        needs: The names of capabilities without which it makes no sense.
        catches_up: Whether it hears what happened while it was switched off or stopped.
        settle: Ends a conflict of something that both sides changed; the last argument: whether ours stays.
        tasks: What its tasks are called on its page, by `ConnectionTask.what`.
        more: Further pages of its connections, by their endpoints, with what leads there.
        fresh: Makes secrets of a new connection that no one has entered, by their names.
    """

    name: str
    label: Message
    group: str
    values: Sequence[Value]
    make: Callable[[Values], Any]
    check: Callable[[Any], str]
    perform: Callable[[Any, ConnectionTask, Any], Done]
    wrong: Callable[[Values], Mapping[str, Message]] = _nothing_wrong
    binding: Sequence[str] = ()
    help: Message | str = ""
    react: Callable[[Context, Connection, Sequence[Announcement]], None] | None = None
    prepare: Callable[[Context, Connection, ConnectionTask], Any] = lambda _ctx, _connection, task: task
    note: Callable[[Context, Connection, ConnectionTask, Done], None] | None = None
    poll: Callable[[Any, Mapping[str, Any]], tuple[Any, Mapping[str, Any]]] | None = None
    take_in: Callable[[Context, Connection, Any], None] | None = None
    every: timedelta | None = None
    needs: frozenset[str] = field(default_factory=frozenset)
    catches_up: bool = True
    settle: Callable[[Context, Connection, Remote, bool], None] | None = None
    tasks: Mapping[str, Message] = field(default_factory=dict)
    more: Mapping[str, Message] = field(default_factory=dict)
    fresh: Mapping[str, Callable[[], str]] = field(default_factory=dict)


#: Which kinds of connections there are. Asks for them.
CONNECTION_KINDS: Hook[[], Iterable[Kind]] = Hook("kinds of connections")
