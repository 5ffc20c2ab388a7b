"""Signed names: each for one purpose, good as long as their key."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel.errors import ConfigurationError, NotFoundError
from paidsupport.kernel.links import PASS_SECONDS, RECEIPT_SECONDS, Links
from paidsupport.tickets.tables import Ticket
from tests.people import Desk

TICKET = Ticket(reference="abc", link_edition=3, code="PS-7K3F-9QXM")
LINKS = Links(["the secret"])
MAKERS: dict[str, Callable[[Links], str]] = {
    "customer": lambda links: links.customer(TICKET),
    "receipt": lambda links: links.receipt(TICKET),
    "queue_pass": lambda links: links.queue_pass(7),
}
READERS: dict[str, Callable[[Links, str], Any]] = {
    "customer": Links.read_customer,
    "receipt": Links.read_receipt,
    "queue_pass": Links.read_queue_pass,
}
MEANINGS = {"customer": ("abc", 3), "receipt": "abc", "queue_pass": 7}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("made", MAKERS)
def test_a_name_opens_what_it_was_made_for_and_nothing_else(made: str, read: str) -> None:
    """A receipt is no private link, and a pass is neither."""
    token = MAKERS[made](LINKS)
    if made == read:
        assert READERS[read](LINKS, token) == MEANINGS[made]
    else:
        with pytest.raises(NotFoundError):
            READERS[read](LINKS, token)


@pytest.mark.parametrize("purpose", READERS)
def test_a_new_key_signs_while_the_old_one_still_verifies(purpose: str) -> None:
    """Rotation with SECRET_KEY_FALLBACKS; without it, and under another key, nothing opens."""
    token = MAKERS[purpose](LINKS)
    rotated = Links(["the secret", b"a new one"])
    assert READERS[purpose](rotated, token) == MEANINGS[purpose]
    fresh = MAKERS[purpose](rotated)
    assert READERS[purpose](Links(["a new one"]), fresh) == MEANINGS[purpose]
    for links, bad in ((Links(["a new one"]), token), (LINKS, fresh)):
        with pytest.raises(NotFoundError):
            READERS[purpose](links, bad)


@pytest.mark.parametrize("purpose", READERS)
@given(data=st.data())
def test_a_changed_name_opens_nothing(purpose: str, data: st.DataObject) -> None:
    """Whichever character is another one, and whatever is made up."""
    with time_machine.travel("2034-03-14T09:00:00Z", tick=False):
        token = MAKERS[purpose](LINKS)
        # the last character of the signature has bits that mean nothing
        place = data.draw(st.integers(0, len(token) - 2))
        other = data.draw(st.characters().filter(lambda c: c != token[place]))
        for forged in (token[:place] + other + token[place + 1 :], data.draw(st.text())):
            with pytest.raises(NotFoundError):
                READERS[purpose](LINKS, forged)


@pytest.mark.parametrize("purpose", READERS)
def test_a_name_has_one_spelling(purpose: str) -> None:
    """Decoders take `+` for `-`, and `/` for `_`: the same signature would be good under two names."""
    respelled = 0
    for second in range(20):
        with time_machine.travel(2026000000 + second, tick=False):
            links = Links([f"secret {second}"])
            token = MAKERS[purpose](links)
            other = token.translate(str.maketrans("-_", "+/"))
            if other == token:
                continue
            respelled += 1
            with pytest.raises(NotFoundError):
                READERS[purpose](links, other)
    assert respelled


@pytest.mark.parametrize(("purpose", "seconds"), [("receipt", RECEIPT_SECONDS), ("queue_pass", PASS_SECONDS)])
def test_receipts_and_passes_expire(purpose: str, seconds: int) -> None:
    """The private link does not: it ends with its ticket."""
    with time_machine.travel("2034-03-14T09:00:00Z", tick=False) as traveller:
        token, lasting = MAKERS[purpose](LINKS), MAKERS["customer"](LINKS)
        traveller.shift(seconds)
        assert READERS[purpose](LINKS, token) == MEANINGS[purpose]
        traveller.shift(1)
        with pytest.raises(NotFoundError):
            READERS[purpose](LINKS, token)
        assert LINKS.read_customer(lasting) == ("abc", 3)


def test_a_reply_address_proves_its_ticket_in_small_letters() -> None:
    """Mail systems do not keep the case; another ticket or another key gives another proof."""
    token = LINKS.reply_token(TICKET)
    assert re.fullmatch(r"ps-7k3f-9qxm\.[a-z2-7]{16}", token)
    other = Ticket(reference="abd", link_edition=3, code="PS-7K3F-9QXM")
    assert LINKS.reply_token(other) != token
    assert Links(["another"]).reply_token(TICKET) != token


def test_what_is_counted_is_not_known() -> None:
    """A keyed hash: the same for the same, another for another kind or key, and case does not matter."""
    hidden = LINKS.hide("mail", "Jane@Example.com")
    assert hidden == LINKS.hide("mail", "jane@example.com")
    assert (
        len({hidden, LINKS.hide("order", "jane@example.com"), Links(["x"]).hide("mail", "jane@example.com")})
        == 3
    )
    assert "jane" not in hidden


def test_without_a_key_nothing_is_signed() -> None:
    """The sentence says which one to set."""
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        Links([])


def test_a_renewed_link_makes_the_old_ones_void(lite_app: Flask, lite_desk: Desk) -> None:
    """Whoever holds an old link finds nothing; the customer is mailed a new one, and history says so."""
    code = lite_desk.order()
    lite_desk.work()
    old = lite_desk.token(code)
    assert lite_app.test_cli_runner().invoke(args=["paidsupport", "renew-link", code]).exit_code == 0
    client = lite_app.test_client()
    assert client.get(f"/support/t/{old}").status_code == 404
    new = lite_desk.token(code)
    assert client.get(f"/support/t/{new}").status_code == 200
    (mail,) = lite_desk.work()
    assert new in mail.as_string().replace("=\r\n", "").replace("=\n", "")


def test_a_reply_token_is_good_under_older_keys_and_for_its_ticket_alone() -> None:
    """Mails are answered months later; SECRET_KEY may have changed since, the ticket has not."""
    one, other = TICKET, Ticket(reference="abd", code="PS-7K3F-9QXM")
    token = Links(["old"]).reply_token(one)
    for keys, good in ((["old"], True), (["old", "new"], True), (["new"], False)):
        links = Links(keys)
        assert links.is_reply_token(one, token) is good
        assert links.is_reply_token(one, token.upper()) is good
        assert not links.is_reply_token(other, token)
    for forged in ("", ".", token[:-1], token + "a", token.split(".")[0], "é" + token):
        assert not Links(["old"]).is_reply_token(one, forged)
