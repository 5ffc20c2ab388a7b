"""Connections as tests set them up, by what their form does; and a kind with all that kinds can have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections import queries
from paidsupport.connect.connections.kinds import (
    CONNECTION_KINDS,
    PRIVATE,
    AnsweredError,
    Done,
    Kind,
    StopError,
)
from paidsupport.connect.connections.setup import operations
from paidsupport.connect.connections.tables import Connection, ConnectionTask, Remote
from paidsupport.connect.log.tables import Announcement
from paidsupport.connect.outgoing import BrokenOffError, Line, NotReachedError
from paidsupport.kernel.capability import Capability
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from tests.people import Desk

_GONE, _BUSY, _REFUSED = 410, 429, 400


def connected(
    desk: Desk,
    kind: str,
    values: Mapping[str, str],
    secrets: Mapping[str, str] | None = None,
    *,
    name: str = "",
    active: bool = True,
) -> str:
    """Set a connection up as a manager does; values and secrets by the names of the kind.

    Returns:
        Its name in addresses.
    """
    with desk.ctx(desk.mia) as ctx:
        found = operations.kind_of(ctx, kind)
        shown = operations.values_of(ctx, found, None)
        typed = {
            **shown,
            **{f"{kind}_{each}": value for each, value in values.items()},
            "name": name or shown["name"],
            "active": active,
        }
        hidden = {f"{kind}_{each}": secret for each, secret in (secrets or {}).items()}
        row = operations.add(ctx, found, typed, hidden, key=new_key())
        assert row is not None
        return row.reference


class Client:
    """Puts lines on a board over there."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.line = Line(values["server"], private=values[PRIVATE] == "yes")

    def ask(self, method: str, after: str, body: bytes | None = None) -> tuple[int, bytes]:
        """One request. Raises NotSentError and UnclearError."""
        headers = {"Authorization": self.values["token"]}
        try:
            answer = self.line.ask(method, after, headers=headers, body=body)
        except NotReachedError as error:
            raise NotSentError("It can't be reached.", permanent=False) from error
        except BrokenOffError as error:
            raise UnclearError from error
        if answer.status == _GONE:
            raise StopError("They want nothing more.")
        if answer.status == _BUSY:
            wait = timedelta(seconds=int(answer.headers.get("Retry-After", "0")))
            raise AnsweredError("They are busy.", answer.status, wait)
        if answer.status >= _REFUSED:
            said = f"They answered {answer.status}."
            raise AnsweredError(said, answer.status, permanent=answer.status == _REFUSED)
        return answer.status, answer.body


def _wrong(values: Values) -> Mapping[str, Message]:
    return {} if values["server"].startswith("http") else {"server": _("Enter a server with https://.")}


def _check(client: Client) -> str:
    client.ask("GET", "/check")
    return ""


def _react(ctx: Context, connection: Connection, found: Sequence[Announcement]) -> None:
    for each in found:
        if each.ticket_id:
            connections.queue(ctx, connection, "put", about=each, chain=f"t{each.ticket_id}", body=each.type)


def _perform(client: Client, task: ConnectionTask, _wanted: object) -> Done:
    status, body = client.ask("POST", f"/put/{task.reference}", task.body.encode())
    return Done(status, body.decode())


def _note(ctx: Context, connection: Connection, task: ConnectionTask, done: Done) -> None:
    ctx.session.add(
        Remote(
            connection_id=connection.id,
            what="line",
            ours=task.reference,
            remote=f"{done.found}-{task.reference}",
            ticket_id=task.ticket_id,
            created_at=ctx.now,
        )
    )


def _poll(client: Client, watermark: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    since = int(watermark.get("since", 0))
    _status, body = client.ask("GET", f"/since/{since}")
    found = body.decode().split()
    return found, {"since": since + len(found)}


def _take_in(ctx: Context, connection: Connection, found: Sequence[str]) -> None:
    for each in found:
        ctx.session.add(
            Remote(connection_id=connection.id, what="read", ours=each, remote=each, created_at=ctx.now)
        )


def _settle(_ctx: Context, _connection: Connection, remote: Remote, ours: bool) -> None:  # noqa: FBT001  # a kind's
    remote.agreed = {"side": "ours" if ours else "theirs"}


#: A board on which the desk puts what happened, and reads what others put there.
BOARD = Kind(
    name="board",
    label=_("Board"),
    group="chat",
    values=(
        Value("server", _("Server")),
        Value("token", _("Token"), secret=True),
        Value("colour", _("Colour"), choices={"red": _("Red"), "blue": _("Blue")}, default="red"),
    ),
    make=Client,
    check=_check,
    perform=_perform,
    wrong=_wrong,
    binding=("server",),
    react=_react,
    note=_note,
    poll=_poll,
    take_in=_take_in,
    every=timedelta(minutes=1),
    settle=_settle,
    tasks={"put": _("Put a line")},
)

BOARDS = Capability("boards", requires=("connect",), subscriptions=(CONNECTION_KINDS.by(lambda: (BOARD,)),))


def furnished_connections(desk: Desk) -> dict[str, str]:
    """Connections in all that managers can see of them; returns the paths of their pages by name."""
    there = "/support/desk/setup/connections"
    fine, bad = (
        connected(desk, "board", {"server": "https://127.0.0.1:9"}, {"token": "sesame"}, name=name)
        for name in ("The board in the kitchen", "The board at the door")
    )
    connected(desk, "board", {"server": "https://127.0.0.1:9"}, {"token": "x"}, active=False)
    with desk.ctx() as ctx:
        row, trouble = (queries.by_reference(ctx.session, each) for each in (fine, bad))
        connections.worked(ctx, row.id)
        connections.failed(ctx, trouble.id, "They answered 503.")
        connections.stop(ctx, trouble.id, "Nothing has worked for three days.")
        ended = {"ended_at": ctx.now, "attempts": 1, "milliseconds": 340}
        for state, more in (
            ("sent", {**ended, "status": 200}),
            ("failed", {**ended, "status": 400, "problem": "They answered 400."}),
            ("withdrawn", {"ended_at": ctx.now}),
            ("queued", {"attempts": 2, "problem": "They are busy.", "due_at": ctx.now + timedelta(hours=2)}),
            ("queued", {}),
        ):
            task = connections.queue(ctx, trouble, "put")
            for name, value in {"state": state, **more}.items():
                setattr(task, name, value)
        remote = {"what": "line", "ours": "PSI-7", "remote": "7", "link": "https://board.example.org/7"}
        both = "Both sides changed the title."
        ctx.session.add(Remote(connection_id=trouble.id, **remote, conflict=both, created_at=ctx.now))
    hook = connected(desk, "webhook", {"url": "https://hooks.example.org/desk"})
    return {
        "webhook": f"{there}/{hook}",
        "secret of a webhook": f"{there}/{hook}/webhook",
        "connections": there,
        "connection": f"{there}/{fine}",
        "connection in trouble": f"{there}/{bad}",
        "new connection": f"{there}/new/board",
        "requests of a connection": f"{there}/{bad}/requests",
    }
