"""The same support tickets for every system under test, in the same order on every run.

Of all tickets 90 % are closed, 7 % pending and 3 % unassigned; the open ones lie mostly among
the newest fifth, as on a real desk. Words are drawn from a Zipf-like vocabulary, so that rare
and common ones can be searched for.
"""

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

#: Grows whenever the rows change, so that databases of an older corpus are made anew.
VERSION = 2
AGENTS = 16
PASSWORD = "bench"
#: The newest ticket; each older one came a minute earlier.
NEWEST = 1_700_000_000
OPEN_SHARE = 0.10
_TOPICS = """
invoice refund login password export import webhook timeout upgrade licence
crash error payment card receipt domain email attachment search report api
quota backup restore sync calendar printer browser mobile tablet
"""
TOPICS = _TOPICS.split()
_HEADS, _TAILS = "b c d f g h k l m n p r s t v w st tr pl gr", "a e i o u an en in or ar el is"


class Ticket(NamedTuple):
    """One ticket; `agent` is the holder's number, nobody's when unassigned."""

    n: int
    title: str
    body: str
    email: str
    state: str
    agent: int | None
    created: int
    notes: tuple[str, str]


def _vocabulary(size: int = 4000, seed: int = 11) -> list[str]:
    rng = random.Random(seed)
    heads, tails = _HEADS.split(), _TAILS.split()
    words = dict.fromkeys(TOPICS)
    while len(words) < size:
        words["".join(rng.choice(heads) + rng.choice(tails) for _ in range(rng.randint(2, 4)))] = None
    return list(words)


WORDS = _vocabulary()
_WEIGHTS = list(accumulate(1 / (rank + 10) for rank in range(len(WORDS))))

#: What people type into the search box, by how many tickets hold it.
QUERIES = {
    "rare word": WORDS[3500],
    "common word": WORDS[1],
    "two common words": f"{WORDS[1]} {WORDS[2]}",
    "no hit": "zzzqqq",
}


def agent_email(number: int) -> str:
    """The address a member of staff signs in with."""
    return f"agent{number}@example.org"


def tickets(count: int, *, seed: int = 7) -> Iterator[Ticket]:
    """The first `count` tickets, oldest first."""
    rng = random.Random(seed)

    def text(low: int, high: int) -> str:
        return " ".join(rng.choices(WORDS, cum_weights=_WEIGHTS, k=rng.randint(low, high)))

    newest_fifth = int(count * 0.8)
    for index in range(count):
        open_here = OPEN_SHARE * (3.5 if index >= newest_fifth else 0.375)
        roll = rng.random()
        state = "unassigned" if roll < open_here * 0.3 else "pending" if roll < open_here else "closed"
        yield Ticket(
            n=index + 1,
            title=text(4, 9).capitalize(),
            body=text(35, 80).capitalize() + ".",
            email=f"customer{rng.randrange(max(count // 4, 10))}@example.org",
            state=state,
            agent=None if state == "unassigned" else rng.randrange(AGENTS),
            created=NEWEST - 60 * (count - index),
            notes=(text(10, 30) + ".", text(10, 30) + "."),
        )


def stock(count: int, *, after: int) -> Iterator[Ticket]:
    """Fresh unassigned tickets numbered from `after` + 1, to be claimed and then taken away."""
    for ticket in tickets(count, seed=8):
        yield ticket._replace(
            n=after + ticket.n, state="unassigned", agent=None, created=NEWEST + 60 * ticket.n
        )
