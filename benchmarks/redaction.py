"""How long a text is held up by being compared with secrets: `python -m benchmarks.redaction`."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from typing import Any

from paidsupport.domain import redaction

#: Characters of the text, and secrets of its ticket.
SIZE, SECRETS = 1_000_000, 20
ROUNDS = 5
_SAID = """
the gallery shows its albums again and again but thumbnails of some photos are missing since the update
of last week and when we log in the page stays white for a minute then there is an error about memory
that our provider says is none of theirs could you have a look at the log that is attached to this
message below it is the only one we have
"""
_ODD = ("&amp;", "https://example.org/albums?page=2&sort=%20date", "<br>\n\n", "> quoted", "=C3=A9t=\n\n")
#: One word in some is one for a special way of reading.
_WORDS = (*_SAID.split() * 4, *_ODD)


def text_of(size: int) -> str:
    """A text that has something for every way of reading it."""
    chosen = random.Random(1)
    words: list[str] = []
    length = 0
    while length < size:
        words.append(chosen.choice(_WORDS))
        length += len(words[-1]) + 1
    return " ".join(words)[:size]


def measure() -> dict[str, float]:
    """Milliseconds, the best of some rounds: secrets of several lengths, none of which is there."""
    text = text_of(SIZE)
    long = [secrets.token_urlsafe(12) for _ in range(SECRETS)]
    mixed = [secrets.token_urlsafe(16)[: 5 + number] for number in range(SECRETS)]
    cases: dict[str, Callable[[], list[Any]]] = {
        f"{SECRETS} secrets of 16 characters in {SIZE:,}": lambda: redaction.hits(text, long),
        f"{SECRETS} secrets of 5 to 24 characters in {SIZE:,}": lambda: redaction.hits(text, mixed),
        "credentials in the first 20,000": lambda: redaction.credentials_in(text[:20_000]),
    }
    found: dict[str, float] = {}
    for name, case in cases.items():
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            assert not case()
            times.append((time.perf_counter() - began) * 1000)
        found[name] = round(min(times), 1)
    return found


if __name__ == "__main__":
    for name, milliseconds in measure().items():
        print(f"{milliseconds:8.1f} ms  {name}")
