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
from typing import Any

from paidsupport.connect.connections.tables import Connection, ConnectionTask
from paidsupport.connect.log.tables import Announcement
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook
from paidsupport.kernel.i18n.messages import Message


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


#: Which kinds of connections there are. Asks for them.
CONNECTION_KINDS: Hook[[], Iterable[Kind]] = Hook("kinds of connections")
