"""Who is told of what: the rules alone (P8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paidsupport.kernel.staff.concerns import Concern, Way, wishes
from paidsupport.tickets.notices.rules import FOLLOWERS, OWNER, Happening, told

pytestmark = pytest.mark.row("P8")

ADA, BEN, MIA = 1, 2, 3
USUAL = {person: wishes({}) for person in (ADA, BEN, MIA)}


def who(happening: Happening, **said: str) -> dict[int, tuple[str, str]]:
    """Who is told why and how; `said` is what Ada wishes."""
    people = USUAL | {ADA: wishes(said)}
    return {each.person_id: (each.concern.value, each.way.value) for each in told(happening, people)}


def one(*people: int) -> frozenset[int]:
    """A set of people."""
    return frozenset(people)


def test_a_word_of_the_customer_concerns_owner_and_watchers() -> None:
    """And no one else."""
    wrote = Happening(FOLLOWERS, "customer", owners=one(ADA), watchers=one(BEN))
    assert who(wrote) == {ADA: ("mine", "now"), BEN: ("watching", "page")}


def test_nobody_is_told_of_their_own_deed() -> None:
    """Whatever else they are to the ticket; a customer with the same number is another person."""
    hers = Happening(FOLLOWERS, "person", ADA, owners=one(ADA), watchers=one(ADA), mentions=one(ADA))
    assert who(hers) == {}
    assert who(replace(hers, actor_kind="customer")) == {ADA: ("mention", "now")}


def test_the_strongest_concern_that_is_wanted_decides() -> None:
    """Mention before mine before watching before unassigned; one that is off gives way to the next."""
    freed = Happening(
        FOLLOWERS,
        "person",
        MIA,
        is_transition=True,
        frees=True,
        owners=one(ADA),
        watchers=one(ADA),
        mentions=one(ADA),
    )
    assert [who(freed, **off)[ADA][0] for off in _switched_off()] == [c.value for c in Concern]
    assert ADA not in who(freed, **dict.fromkeys(Concern, Way.OFF))
    assert who(freed)[BEN] == ("unassigned", "page")


def _switched_off() -> list[dict[str, str]]:
    names = list(Concern)
    return [dict.fromkeys(names[:number], Way.OFF) for number in range(len(names))]


@pytest.mark.parametrize(
    "email",
    [
        Happening(OWNER, "clock", emails_owner=True, owners=one(ADA)),
        Happening(FOLLOWERS, "clock", emails_owner=True, owners=one(ADA)),
        Happening(FOLLOWERS, "clock", quiet=True, owners=one(ADA)),
        Happening(FOLLOWERS, "clock", is_transition=True, frees=True, owners=one(ADA)),
    ],
)
def test_what_has_a_letter_of_its_own_is_told_by_no_second_one(email: Happening) -> None:
    """To the owner; under whichever concern."""
    assert who(email)[ADA] == ("mine", "page")
    ways = [way for _, way in who(email, mine="off", unassigned="now").values()]
    assert "now" not in ways
