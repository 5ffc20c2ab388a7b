"""How long texts wait to be compared with secrets, masked and read: `python -m benchmarks.redaction`.

Ordinary texts, and those that were made to take long.
"""

from __future__ import annotations

import base64
import random
import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from paidsupport.intake.mail import pages
from paidsupport.privacy import redaction

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


def hostile() -> dict[str, float]:
    """Milliseconds of the processor, once: what is sent to a desk to keep it busy."""
    # each line of a secret counts alone
    many = ["\n".join(secrets.token_hex(4) for _ in range(4000 // 9)) for _ in range(SECRETS)]
    texts = {
        "words": text_of(SIZE),
        "Base64": base64.b64encode(secrets.token_bytes(SIZE * 3 // 4)).decode(),
        "escapes": "%41&#65;\\x41=41" * (SIZE // 17),
        "accents": "e\u0301\u0316" * (SIZE // 3),
    }
    pieces = ("PuTTY-User-Key-File-2:", "password:••••••", "login: a / ", "pass:\n")
    cases: dict[str, Callable[[], object]] = {
        **{
            f"{SECRETS} secrets of 4,000 characters in {SIZE:,} of {name}": partial(
                redaction.hits, text, many
            )
            for name, text in texts.items()
        },
        **{
            f"masking 20,000 of {piece!r}": partial(redaction.masked, (piece * 20_000)[:20_000])
            for piece in pieces
        },
        "HTML to text, 3.7 MB of '<a'": partial(pages.text_of, "<a " * 1_233_333),
    }
    return {name: _milliseconds(case) for name, case in cases.items()}


def _milliseconds(case: Callable[[], object]) -> float:
    began = time.process_time()
    case()
    return round((time.process_time() - began) * 1000, 1)


def measure() -> dict[str, float]:
    """Milliseconds of the processor, the best of some rounds, with secrets that are not there."""
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
            began = time.process_time()
            assert not case()
            times.append((time.process_time() - began) * 1000)
        found[name] = round(min(times), 1)
    return found


if __name__ == "__main__":
    for name, milliseconds in (measure() | hostile()).items():
        print(f"{milliseconds:8.1f} ms  {name}")
