"""Rating the work: asked with the end, chosen by a link, given with a button, seen by some (P20)."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import NotFoundError
from paidsupport.ops.overview import operations as overview
from paidsupport.ops.rating import operations as rating
from paidsupport.ops.rating import tables as ratings
from paidsupport.tickets import tables as tickets
from tests.people import Desk, sign_in
from tests.tickets.decisions.test_pages import at, fields, words

pytestmark = pytest.mark.row("P20")


def farewell(desk: Desk) -> str:
    """The text of the last email about an end."""
    (mail,) = [mail for mail in desk.work() if mail["X-Paidsupport-Kind"] == "ended"]
    text: str = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return text


def asked(desk: Desk, code: str) -> bool:
    """Whether the customer of a ticket was asked."""
    with desk.ctx() as ctx:
        return ratings.of(ctx.session, tickets.lock(ctx.session, code)) is not None


def finished(desk: Desk, **order: str) -> str:
    """A ticket that is closed."""
    code = desk.in_progress(desk.ada, **order)
    desk.finish(code, desk.ada)
    return code


def test_a_link_chooses_and_a_button_rates(lite_app: Flask, lite_desk: Desk) -> None:
    """Looking changes nothing; owner and managers see what was said, for which a bad one is news."""
    desk, customer = lite_desk, lite_app.test_client()
    code = finished(desk)
    links = re.findall(r"(?:Great|Okay|Not good): http://[^/]+(\S+\?rating=\w+)", farewell(desk))
    assert len(links) == 3
    before = desk.ticket(code).event_count
    for link in links:
        page = customer.get(link.split("#")[0]).text
        chosen = link.partition("=")[2].partition("#")[0]
        assert re.search(rf'checked[^>]*value="{chosen}"', page), chosen
    assert desk.ticket(code).event_count == before
    private = f"/support/t/{desk.token(code)}"
    refused = customer.post(f"{private}/rate", data=fields(customer.get(private).text, "/rate"))
    assert refused.status_code == 422
    assert "Choose one of the three." in words(refused.text)
    rate = fields(customer.get(private).text, "/rate") | {"choice": "bad", "word": "It took long."}
    assert customer.post(f"{private}/rate", data=rate).status_code == 303
    desk.tell()
    news = words(sign_in(lite_app, "mia").get("/support/desk/news").text)
    assert "The customer rated the work: Not good" in news
    for name, sees in (("ada", True), ("mia", True), ("ben", False)):
        assert ("It took long." in words(sign_in(lite_app, name).get(at(code)).text)) == sees, name
    again = fields(customer.get(private).text, "/rate") | {"choice": "great", "word": ""}
    assert customer.post(f"{private}/rate", data=again).status_code == 303
    with desk.ctx(desk.mia) as ctx:
        figure = overview.count(ctx).figure("ratings")
    assert figure is not None
    assert "Number of ratings: 1." in figure.about
    assert figure.rows[-1][1:] == [1, 0, 0, 1]
    for number in range(rating.TIMES):
        more = fields(customer.get(private).text, "/rate") | {"choice": "great", "word": str(number)}
        said = customer.post(f"{private}/rate", data=more)
    assert said.status_code == 429  # a bad one is news for managers each time
    desk.clock.forward(hours=1)
    late = fields(customer.get(private).text, "/rate") | {"choice": "okay"}
    desk.clock.forward(days=14)
    assert customer.post(f"{private}/rate", data=late).status_code == 409
    assert "Your rating" not in words(customer.get(private).text)
    assert desk.broken() == {}


def test_nobody_is_asked_twice_a_month_nor_about_what_was_no_work(lite_desk: Desk) -> None:
    """Not for spam, invalid and withdrawn orders, nor where a site does not want it."""
    desk = lite_desk
    first, second = finished(desk), finished(desk)
    assert (asked(desk, first), asked(desk, second)) == (True, False)
    desk.clock.forward(days=31)
    desk.work()
    for name, reason in (("reject", "spam"), ("reject", "nobody-wants-it"), ("abandon", "backed-out")):
        code = desk.order(email=f"{name}@example.net")
        desk.claim(code, desk.ada)
        desk.transition(code, name, desk.ada, reason=reason, note="No.")
        assert not asked(desk, code), reason
    third = finished(desk)
    assert asked(desk, third)
    with desk.ctx() as ctx, pytest.raises(NotFoundError):  # staff and visitors do not rate
        rating.rate(ctx, tickets.lock(ctx.session, third), "great", "", key=new_key())
