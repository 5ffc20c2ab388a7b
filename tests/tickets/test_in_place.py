"""Every form of a ticket's page comes back in place when it is refused (principle: nothing typed is lost)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.kernel.mail.transports import UnclearError
from tests.leading import lead, wish
from tests.people import Desk, sign_in
from tests.tickets.test_pages import at, stick

NO_CONTENT = 204
#: What browsers say that they take: programs get the answer itself.
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@dataclass(frozen=True)
class Sent:
    """A form of a page, filled in: where it leads, and what was typed into it."""

    action: str
    data: dict[str, str]
    typed: tuple[str, ...]


def _open(desk: Desk) -> str:
    return desk.order()


def _claimed(desk: Desk) -> str:
    code = desk.order()
    desk.claim(code, desk.ada)
    return code


def _working(desk: Desk) -> str:
    """With something in every section."""
    code = desk.risky(desk.ada)
    desk.receive(code, "Can you restart it?\n\nPassword: Tr0ub4dor&3")
    desk.ask(code, desk.ada)
    desk.offer(code, desk.ada)
    desk.give(code, "correct horse battery")
    desk.annotate(code, desk.ben)
    return code


def _stuck(desk: Desk) -> str:
    code = _claimed(desk)
    desk.write(code, desk.ada)
    stick(desk, UnclearError("The line broke."))
    return code


def _finished(desk: Desk) -> str:
    code = desk.in_progress(desk.ada)
    desk.finish(code, desk.ada)
    return code


def _lead(desk: Desk) -> str:
    """With offers, and what sales add to the page."""
    code = lead(desk, desk.ada)
    wish(desk, code, desk.ada)
    return code


STATES = pytest.mark.parametrize("state", [_open, _claimed, _working, _stuck, _finished, _lead])


def _forms(client: FlaskClient, code: str) -> Iterator[Sent]:
    """The forms of a ticket's page, with those that a script loads into it."""
    page = BeautifulSoup(client.get(at(code)).text, "html.parser")
    for link in page.select('[data-ps-load="#ps-asking"]'):
        loaded = BeautifulSoup(client.get(str(link["href"])).text, "html.parser")
        yield from map(_filled, loaded.select("form#ps-asking"))
    yield from map(_filled, page.select("main form[method=post]"))


def _filled(form: Tag) -> Sent:
    data = {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input[type=hidden]")}
    typed = {
        str(tag["name"]): f"words for {tag['name']}"
        for tag in form.select("textarea, input[type=text], input:not([type])")
    }
    for menu in form.select("select"):
        option = menu.select_one("option[selected], option")
        data[str(menu["name"])] = str(option["value"]) if option else ""
    if button := form.select_one("button[name]"):
        data[str(button["name"])] = str(button["value"])
    return Sent(str(form["action"]), data | typed, tuple(typed.values()))


def _is_seen(tag: Tag) -> bool:
    """Whether it is unfolded, and so are all parts around it."""
    return all(part.has_attr("open") for part in tag.find_parents("details"))


def _check_in_place(client: FlaskClient, code: str, sent: Sent, location: str | None) -> None:
    """The ticket's page says why, holds what was typed where it is seen, and has the focus there."""
    assert location is not None, f"{sent.action} answers with a page of its own"
    assert location.startswith(f"{at(code)}?kept="), f"{sent.action} leads to {location}"
    page = BeautifulSoup(client.get(location).text, "html.parser")
    assert page.select_one("main [role=alert]"), sent.action
    focused = page.select_one("main [autofocus]")
    assert focused is not None, sent.action
    assert _is_seen(focused), sent.action
    fields = [tag for tag in page.select("main input, main textarea") if _is_seen(tag)]
    values = " ".join(str(tag.get("value") or tag.get_text()) for tag in fields)
    assert [text for text in sent.typed if text not in values] == [], sent.action


@pytest.mark.row("N4")
@STATES
def test_a_refused_form_comes_back_in_place(
    lite_app: Flask, lite_desk: Desk, state: Callable[[Desk], str]
) -> None:
    """A form with something wrong leads to the ticket's page: unfolded, with all that was typed."""
    code = state(lite_desk)
    ada = sign_in(lite_app, "ada")
    for sent in list(_forms(ada, code)):
        answer = ada.post(sent.action, data=sent.data | {"key": "broken"}, headers=BROWSER)
        _check_in_place(ada, code, sent, answer.location)


@pytest.mark.row("G6", "N4")
@pytest.mark.parametrize("state", [_claimed, _working])
def test_a_form_of_a_ticket_that_was_lost_comes_back_in_place(
    lite_app: Flask, lite_desk: Desk, state: Callable[[Desk], str]
) -> None:
    """What a colleague's claim stands against is said on the ticket's page, with what was typed."""
    desk, code = lite_desk, state(lite_desk)
    ada = sign_in(lite_app, "ada")
    forms = list(_forms(ada, code))
    desk.transition(code, "release", desk.ada, note="No time.")
    desk.claim(code, desk.ben)
    refused = []
    for sent in forms:
        answer = ada.post(sent.action, data=sent.data, headers=BROWSER)
        if "kept=" in str(answer.location) or (not answer.location and answer.status_code != NO_CONTENT):
            _check_in_place(ada, code, sent, answer.location)
            refused.append(sent.action.rpartition("/")[2].partition("?")[0])
    assert {"write"} <= set(refused)
    assert {"new"} <= set(refused) or state is _claimed
