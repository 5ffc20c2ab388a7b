"""Files of the configuration that were made to do harm: refused in sentences, with nothing applied (P10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from paidsupport.kernel.configuration import file
from paidsupport.kernel.errors import InvalidInputError
from tests.people import Desk

pytestmark = pytest.mark.row("P10")

HUGE = "0x" + "f" * 10_000
SERVICE = '[[service]]\nslug = "a"\nname = "a"\nprice = "1"\ncurrency = "EUR"\n'


def many(key: str, number: int, make: Callable[[int], str]) -> str:
    """A list of inline tables, all on one line."""
    return f"{key} = [{','.join(make(each) for each in range(number))}]"


HOSTILE = {
    "empty tables": (many("trait", 600_000, lambda _: "{}"), "Line 1: The file has more than 50,000 keys"),
    "one title": (
        many("boilerplate", 90_000, lambda _: '{title="a",body="b"}'),
        "Line 1: The file has more than 50,000 keys",
    ),
    "too many of them": (
        many("trait", 2_000, lambda n: f'{{name="a{n}",label="b"}}'),
        "more than 1000 of these",
    ),
    "shown by each other": (
        SERVICE + many("question", 2_000, lambda n: f'{{name="q{n}",label="x",shown_by="q{n + 1}"}}'),
        "Line 6: service “a”: question: There are more than 200 of these",
    ),
    "headers": ("[[service]]\n" + "[[service.question]]\n" * 40_000, "keys and values"),
    "requirements": (
        SERVICE + f"requirements = [{','.join(['0'] * 40_000)}]",
        "requirements: Write it like this",
    ),
    "texts": (SERVICE + f"requirements = {['x'] * 5_000}", "requirements: There are more than 1000 of these"),
    "number": (f"format = {HUGE}", "Line 1: Enter a smaller number."),
    "number for a name": (f"format = 1\n[[person]]\nemail = {HUGE}", "Line 3: Enter a smaller number."),
    "number for a kind": (f"{SERVICE}question = [{{kind = {HUGE}}}]", "Line 6: Enter a smaller number."),
    "a name and many faults": (
        f'service = [{{slug = "{"a" * 1_500_000}",{",".join(f"a{n}=1" for n in range(20_000))}}}]',
        "… and ",
    ),
}


@pytest.mark.parametrize(("text", "fault"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_that_is_there_to_keep_the_desk_busy(lite_desk: Desk, text: str, fault: str) -> None:
    """It is refused before it costs much, in few sentences that are not long."""
    with lite_desk.ctx(lite_desk.mia) as ctx:
        with pytest.raises(InvalidInputError) as refused:
            file.plan(ctx, text)
        sentences = list(map(str, refused.value.problems["file"]))
    assert fault in "\n".join(sentences)
    assert len(sentences) <= 101
    assert max(map(len, sentences)) < 700


def test_no_fault_acts_on_the_terminal_that_shows_it(lite_desk: Desk) -> None:
    """Names and keys of a file may hold what moves a cursor or turns the text around."""
    text = (
        'service = [{slug = "\\u001b[31m\\u202e", "\\u0007x" = 1}]\ndeadlines."\\u001bx" = {"\\u001by" = 1}'
    )
    with lite_desk.ctx(lite_desk.mia) as ctx, pytest.raises(InvalidInputError) as refused:
        file.plan(ctx, text)
    told = "".join(map(str, refused.value.problems["file"]))
    assert "slug" in told
    assert told.isprintable()
