"""A real Tryton answers as the adapter expects it, and is as it should be after it was killed (P17)."""

from __future__ import annotations

import pytest

from tests.peers.tryton import COMPANY, Tryton

pytestmark = pytest.mark.row("P17")


def test_it_is_there_and_stands_up_again(tryton: Tryton) -> None:
    """With its company; what was committed before it is killed is still there."""
    [company] = tryton.find("company.company", [], "party.rec_name", "currency.code")
    assert (company["party."]["rec_name"], company["currency."]["code"]) == (COMPANY, "EUR")
    party = tryton.make("party.party", name="Müller & Söhne", code="DESK-1")
    tryton.kill()
    tryton.start()
    [found] = tryton.find("party.party", [["code", "=", "DESK-1"]], "name")
    assert (found["id"], found["name"]) == (party, "Müller & Söhne")
