"""What a transition needs, on its page: what holds is said as a fact, what does not as what is missing."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.people import Desk, sign_in


def conditions(app: Flask, where: str, name: str = "ada") -> dict[str, bool]:
    """The sentences on the page of a transition, with whether they are marked as met.

    Nothing is struck through.
    """
    page = BeautifulSoup(sign_in(app, name).get(f"/support/desk/{where}").text, "html.parser")
    assert not page.select(".ps-needs s")
    return {
        line.get_text(strip=True): "ps-met" in (line.get("class") or ())
        for line in page.select(".ps-needs li")
    }


@pytest.mark.row("G8")
def test_a_condition_is_true_as_it_is_worded(lite_app: Flask, lite_desk: Desk) -> None:
    """Before and after the customer was written to; what does not apply is not mentioned."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    start, release = f"tickets/{code}/moves/start", f"tickets/{code}/moves/release"
    missing = "Contact the customer first. None of your emails has reached them yet."
    assert conditions(lite_app, start) == {missing: False}
    assert conditions(lite_app, release) == {}
    lite_desk.write(code, lite_desk.ada)
    lite_desk.work()
    assert conditions(lite_app, start) == {"Your first email has reached the customer.": True}
    lite_desk.receive(code, "Go ahead.")
    assert conditions(lite_app, start) == {
        "Your first email has reached the customer.": True,
        "It is on record how the work was agreed.": True,
    }


@pytest.mark.row("G16")
def test_closing_says_what_is_done_and_what_is_not(lite_app: Flask, lite_desk: Desk) -> None:
    """The checklist and the report are missing; nothing waits to be sent or answered."""
    code = lite_desk.in_progress(lite_desk.ada)
    asked = conditions(lite_app, f"tickets/{code}/moves/close")
    assert asked == {
        "The checklist has open items.": False,
        "The closing report has not been sent to the customer yet.": False,
        "No email to the customer is waiting or stuck.": True,
        "The customer has answered every request for approval and every offer.": True,
        "No login of the customer is stored.": True,
    }


def test_an_issue_says_the_same_way_what_it_needs(lite_app: Flask, lite_desk: Desk) -> None:
    """No customer waits for it, so none is mentioned."""
    code = lite_desk.open_issue(lite_desk.ada)
    asked = conditions(lite_app, f"issues/{code}/moves/confirm", "mia")
    assert asked == {
        "There's no estimate yet. Ask for feedback first.": False,
        "Set a deadline or a planned release first.": False,
    }
