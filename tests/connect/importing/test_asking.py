"""Systems that are asked over the network: servers of ours hold each question against their API (P18)."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from paidsupport.connect.importing import running
from paidsupport.connect.importing.operations.writing import Plan
from paidsupport.connect.importing.running import Report
from paidsupport.connect.importing.sources.kinds import KINDS, Source, Wanted
from paidsupport.kernel.by_clock import ByClock
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.tables import Annotation, File, Message
from tests.connect.importing.moving import brought_about, moved
from tests.people import Desk

pytestmark = pytest.mark.row("P18")

_PNG = b"\x89PNG\x00\xff"
#: For each path the parameters that it takes.
Published = dict[str, set[str]]


class Server:
    """Answers what it has, refuses what is not published, and plays faults.

    Attributes:
        faults: What is answered instead, first of all: a status with headers, or nothing at all.
        asked: Every path that was asked.
    """

    def __init__(self, published: Published, answers: Callable[[str, dict[str, str]], Any], key: str) -> None:
        self.faults: list[tuple[int, dict[str, str]]] = []
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # its name there
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                server.asked.append(self.path)
                if server.faults:
                    status, headers = server.faults.pop(0)
                    if status:
                        self._answer(status, b"", headers)
                    return
                known = next((path for path in published if _fits(path, parts.path)), None)
                if self.headers["Authorization"] != key:
                    self._answer(401, b"{}", {})
                elif known is None or not query.keys() <= published[known]:
                    self._answer(400, b"{}", {})
                else:
                    found = answers(parts.path, query)
                    body = found if isinstance(found, bytes) else json.dumps(found).encode()
                    self._answer(404 if found is None else 200, body, {})

            def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


def _fits(pattern: str, path: str) -> bool:
    wanted, given = pattern.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        each in {other, "*"} for each, other in zip(wanted, given, strict=True)
    )


_ZAMMAD: Published = {
    "/api/v1/tickets": {"page", "per_page", "expand"},
    "/api/v1/ticket_articles/by_ticket/*": {"expand"},
    "/api/v1/ticket_attachment/*/*/*": set(),
    "/api/v1/users/*": set(),
    "/api/v1/tags": {"object", "o_id"},
}


def _zammad(path: str, query: dict[str, str]) -> Any:  # noqa: ANN401  # JSON
    name, _, number = path.removeprefix("/api/v1/").rpartition("/")
    if path == "/api/v1/tickets":
        first = (int(query["page"]) - 1) * int(query["per_page"])
        return [_zammad_ticket(each) for each in range(1, 103)][first : first + int(query["per_page"])]
    if path == "/api/v1/tags":
        return {"tags": ["gallery"] if query["o_id"] == "1" else []}
    if name == "users":
        return {
            "2": {"firstname": "Ada", "lastname": "", "login": "ada", "email": "ada@example.org"},
            "3": {"firstname": "Jane", "lastname": "Doe", "login": "jane", "email": "jane@example.com"},
        }.get(number)
    if name == "ticket_articles/by_ticket":
        return _zammad_articles(number)
    return _PNG


def _zammad_ticket(number: int) -> dict[str, Any]:
    state = "closed" if number == 1 else "strange" if number == 3 else "open"
    return {
        "id": number,
        "number": f"67{number}",
        "title": f"Pictures {number}",
        "group": "Users",
        "state": state,
        "priority": "3 high",
        "owner_id": 2 if number == 2 else 1,
        "customer_id": 3,
        "created_at": "2024-02-03T10:00:00.000Z",
        "updated_at": "2024-02-05T10:00:00.000Z",
        "close_at": "2024-02-05T09:00:00.000Z" if number == 1 else None,
        "pending_time": None,
    }


def _zammad_articles(ticket: str) -> list[dict[str, Any]]:
    html = {"content_type": "text/html", "created_at": "2024-02-03T10:00:00.000Z"}
    first = {"id": int(ticket) * 10, "sender": "Customer", "internal": False, "created_by_id": 3, **html}
    first["body"] = "<p>They stay <b>dark</b>.</p>"
    if ticket != "1":
        return [{**first, "attachments": []}]
    plain = {"content_type": "text/plain", "created_at": "2024-02-04T10:00:00.000Z", "sender": "Agent"}
    return [
        {**first, "attachments": [{"id": 7, "filename": "dark.png", "size": "6"}]},
        {**plain, "id": 11, "internal": False, "created_by_id": 2, "body": "Look again.", "attachments": []},
        {**plain, "id": 12, "internal": True, "created_by_id": 2, "body": "A cache.", "attachments": []},
    ]


_RT: Published = {
    "/REST/2.0/tickets": {"query", "orderby", "order", "per_page", "page"},
    "/REST/2.0/ticket/*": set(),
    "/REST/2.0/ticket/*/history": {"fields", "per_page", "page"},
    "/REST/2.0/ticket/*/attachments": {"fields", "per_page", "page"},
    "/REST/2.0/attachment/*": set(),
    "/REST/2.0/user/*": set(),
    "/REST/2.0/queue/*": set(),
}


def _rt(path: str, query: dict[str, str]) -> Any:  # noqa: ANN401  # JSON
    parts = path.removeprefix("/REST/2.0/").split("/")
    elsewhere = {"_url": "http://192.0.2.1/REST/2.0/ticket/1"}
    if parts == ["tickets"]:
        after = int(query["query"].removeprefix("id > "))
        return {"items": [{"id": str(each), **elsewhere} for each in range(after + 1, 103)][:100]}
    if parts[0] == "ticket" and len(parts) == 2:  # a ticket itself
        at = {"Created": "2024-02-03T10:00:00Z", "Resolved": "2024-02-05T09:00:00Z"}
        own = {"id": int(parts[1]), "EffectiveId": {"id": parts[1]}, "Subject": f"Pictures {parts[1]}"}
        people = {"Owner": {"id": "ada"}, "Requestor": [{"id": "jane@example.com"}]}
        status = {"1": "resolved", "3": "strange"}.get(parts[1], "open")
        if parts[1] != "2":
            people["Owner"] = {"id": "Nobody"}
        return {**own, **at, **people, "Status": status, "Queue": {"id": "1"}, "Priority": "70", **elsewhere}
    if parts[0] == "user":
        known = {
            "ada": ("ada@example.org", "Ada", 1),
            "jane@example.com": ("jane@example.com", "Jane Doe", 0),
        }
        return dict(zip(("EmailAddress", "RealName", "Privileged"), known[parts[1]], strict=True))
    if parts[0] == "queue":
        return {"Name": "Users"}
    return _rt_parts(parts)


def _rt_parts(parts: list[str]) -> Any:  # noqa: ANN401  # JSON
    said = [("1", "Create", "jane@example.com"), ("2", "Correspond", "ada"), ("3", "Comment", "ada")]
    if parts[0] == "attachment":
        text = {
            "11": b"<p>They stay <b>dark</b>.</p>",
            "12": _PNG,
            "21": b"Look again.",
            "31": b"A cache.",
        }[parts[1][-2:]]
        kind = "image/png" if text is _PNG else "text/html" if text[:1] == b"<" else "text/plain"
        return {"ContentType": kind, "Content": base64.b64encode(text).decode()}
    many = said if parts[1] == "1" else said[:1]
    number = int(parts[1]) * 100
    if parts[2] == "history":
        rows = [
            {"id": f"{number + int(key)}", "Type": kind, "Creator": {"id": who}, "TimeTaken": "0"}
            | {"Created": f"2024-02-0{3 + int(key)}T10:00:00Z"}
            for key, kind, who in many
        ]
        return {"items": rows, "pages": 1}
    kinds = {"1": "text/html", "2": "text/plain", "3": "text/plain"}
    rows = [
        {"id": f"{number}{key}1", "TransactionId": str(number + int(key)), "ContentType": kinds[key]}
        for key, _kind, _who in many
    ]
    if parts[1] == "1":
        more = {"ContentType": "image/png", "Filename": "dark.png", "TransactionId": str(number + 1)}
        rows.append({"id": f"{number}12", **more})
    return {"items": rows, "pages": 1}


_KEYS = {
    "zammad": ("secret", "Token token=secret"),
    "rt": ("root:secret", f"Basic {base64.b64encode(b'root:secret').decode()}"),
}


@pytest.fixture(params=["zammad", "rt"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, Server]]:
    """The name of a kind, and its server."""
    published, answers = (_ZAMMAD, _zammad) if request.param == "zammad" else (_RT, _rt)
    found = Server(published, answers, _KEYS[request.param][1])
    yield request.param, found
    found.close()


def by_clock(desk: Desk) -> ByClock:
    """Transactions of the desk."""
    mount = mount_of(desk.app)
    with desk.app.app_context():
        return ByClock(mount.services, mount.database, mount.clock)


def source(desk: Desk, kind: str, url: str, slept: list[float], secret: str = "") -> Source:
    """The system at an address; what it would wait is noted."""
    options = {"url": url, "sleep": slept.append}
    secret = secret or _KEYS[kind][0]
    return KINDS[kind].open(Wanted(kind, by_clock(desk).services, options=options, secret=secret))


def test_tickets_are_fetched_page_by_page_through_faults(lite_desk: Desk, server: tuple[str, Server]) -> None:
    """What is too often, broken or away is asked again, when the server says; all is there once."""
    kind, found = server
    slept: list[float] = []
    found.faults = [(429, {"Retry-After": "7"}), (500, {}), (503, {}), (0, {})]
    report = Report()
    running.move(by_clock(lite_desk), source(lite_desk, kind, found.url, slept), Plan(), report)
    assert slept == [7.0, 4.0, 8.0, 16.0]
    codes = moved(lite_desk, kind)
    assert len(codes) == 102
    assert set(report.remarks) == {("queue", "Users"), ("status", "strange")}
    closed, held, strange = (lite_desk.ticket(codes[number]) for number in "123")
    assert [each.part for each in (closed, held, strange)] == ["closed", "pending", "unassigned"]
    assert (closed.customer_name, closed.customer_email) == ("Jane Doe", "jane@example.com")
    assert (held.owner_id, closed.priority) == (lite_desk.ada.id, 2)
    with lite_desk.ctx() as ctx:
        rows = ctx.session.scalars(select(Message).where(Message.ticket_id == closed.id)).all()
        assert [(each.direction, each.body) for each in rows] == [
            ("in", "They stay dark."),
            ("out", "Look again."),
        ]
        notes = ctx.session.scalars(select(Annotation).where(Annotation.ticket_id == closed.id)).all()
        assert [(each.body, each.author_name) for each in notes] == [("A cache.", "Ada")]
        [file] = ctx.session.scalars(select(File))
        assert ctx.services.files.open(file.storage_key).read() == _PNG
    # it goes on behind a ticket: those before it are not asked for
    found.asked.clear()
    again = Report()
    running.move(by_clock(lite_desk), source(lite_desk, kind, found.url, slept), Plan(), again, after="101")
    assert again.counts == {"known": 1}
    assert brought_about(lite_desk) == {}
    assert lite_desk.broken() == {}


def test_what_cannot_be_asked_is_said(lite_desk: Desk, server: tuple[str, Server]) -> None:
    """A wrong key, an address that is none, a server that is away or is something else."""
    kind, found = server
    for url, secret, field in (
        (found.url, "wrong", "secret"),
        (f"{found.url}/elsewhere", "", "url"),
        ("http://127.0.0.1:9", "", "url"),
        ("ftp://example.org", "", "url"),
        ("http://example.org", "", "url"),
        ("https://[", "", "url"),
        ("https://desk.example.org:0", "", "url"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            list(source(lite_desk, kind, url, [], secret).given(""))
        assert list(refused.value.problems) == [field]
