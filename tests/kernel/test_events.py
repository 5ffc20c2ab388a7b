"""Kinds of events: what is declared, and how every one of them reads."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from markupsafe import Markup

import paidsupport
from paidsupport import PaidSupport
from paidsupport.issues.operations import history as issue_history
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.events import Events, Kind
from paidsupport.kernel.web.filters import said
from paidsupport.kernel.workflow import Workflow
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.operations import history
from paidsupport.tickets.paid import PAID
from paidsupport.workflows import SHIPPED
from tests.people import Desk

#: History, workflow, kind, who acts and data of an event; on the next line how it reads in a page.
GOLDEN = Path(__file__).with_name("events.txt").read_text().splitlines()
ACTORS = {"person": "ada & co", "customer": "the customer", "clock": "the clock"}
NAMES = {7: "Ben <Berg>"}
#: What adds a line to a history, as operations call it.
APPENDING = re.compile(r"((ticket_)?history\.(append|tell)|(change|made|edit)\.(tell|tell_each|open)|_tell)$")


def _cases() -> Iterator[tuple[str, Workflow, SimpleNamespace, str]]:
    for head, sentence in zip(GOLDEN[::2], GOLDEN[1::2], strict=True):
        of, flow, kind, actor, data = head.split(" ", 4)
        event = SimpleNamespace(kind=kind, actor_kind=actor, actor_name=ACTORS[actor], data=json.loads(data))
        yield of, SHIPPED.get(flow, ISSUE), event, sentence


def test_every_kind_reads_as_it_always_did(lite_app: Flask) -> None:
    """In a page with what people typed escaped, and in mail as plain text."""
    with lite_app.test_request_context("/support/"):
        events = mount_of(lite_app).events
        for of, flow, event, sentence in _cases():
            assert said(event, of, flow, NAMES) == sentence
            assert events.say(of, event, flow, NAMES) == Markup(sentence).striptags()  # noqa: S704


def test_no_kind_is_forgotten(lite_app: Flask) -> None:
    """Each that is declared reads in some way above, and each that the program writes down is declared."""
    declared = {(kind.history, kind.name) for kind in mount_of(lite_app).events if kind.history}
    assert declared <= {(of, event.kind) for of, _, event, _ in _cases()}
    written = set(_written())
    assert len(written) > 50
    assert written <= {name for _, name in declared}


def _written() -> Iterator[str]:
    """The kinds that operations name where they add a line to a history."""
    for file in Path(paidsupport.__file__).parent.rglob("*.py"):
        text = file.read_text()
        if "organisations.operations import log" in text:
            continue  # their records have a log of their own, which is no history
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and APPENDING.match(ast.unparse(call.func)):
                words = (each.value for each in call.args if isinstance(each, ast.Constant))
                yield from [word for word in words if isinstance(word, str) and word][:1]


@pytest.mark.row("P12")
def test_what_the_webhook_hears_of_is_documented(lite_app: Flask) -> None:
    """Each of them has its place in the table."""
    table = Path("docs/running.md").read_text().split("| event | when |")[1].split("\n\n")[0]
    documented = {
        name for row in table.splitlines()[2:] for name in re.findall(r"`([^`]+)`", row.split("|")[1])
    }
    assert documented == set(mount_of(lite_app).events.announced)


@pytest.mark.row("P8")
@pytest.mark.parametrize(
    ("kind", "actor_kind", "data", "is_told"),
    [
        ("item-done", "person", {}, False),
        ("letter-sent", "clock", {"kind": "message"}, False),
        ("letter-failed", "clock", {"kind": "message"}, True),
        ("letter-failed", "clock", {"kind": "notice"}, False),
        ("secret-destroyed", "person", {}, False),
        ("secret-destroyed", "customer", {}, True),
    ],
)
def test_small_steps_concern_nobody(
    lite_app: Flask, kind: str, actor_kind: str, data: dict[str, str], *, is_told: bool
) -> None:
    """A tick of a colleague, a notice that did not leave, secrets that go with the end."""
    declared = mount_of(lite_app).events.of("ticket", kind)
    event = SimpleNamespace(kind=kind, actor_kind=actor_kind, data=data)
    assert bool(declared.audience and declared.is_news(event)) is is_told


def test_a_kind_that_nobody_declared_is_refused(lite_desk: Desk) -> None:
    """Of tickets and of issues, before anything is written."""
    code = lite_desk.order()
    with lite_desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        with pytest.raises(ConfigurationError, match="declares the event “unheard-of” of a ticket"):
            history.tell(ctx, ticket, "unheard-of")
        with pytest.raises(ConfigurationError, match="declares the event “submitted” of a issue"):
            issue_history.append(ctx, ticket, "submitted")  # type: ignore[arg-type]


def test_no_kind_is_declared_twice() -> None:
    """A transition of a site's own workflow is a kind as well, and takes no name that is taken."""
    with pytest.raises(ConfigurationError, match="Two kinds of events have the name “paid”"):
        Events([Kind("ticket", "paid", ""), Kind("issue", "paid", ""), Kind("ticket", "paid", "")], {})
    transition = replace(PAID.transition("claim"), name="annotated")
    with pytest.raises(ConfigurationError, match="“annotated”"):
        PaidSupport(workflows=[replace(PAID, name="own", transitions=(*PAID.transitions, transition))])
