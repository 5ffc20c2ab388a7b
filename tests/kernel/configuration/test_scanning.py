"""Where everything stands in a file, and files that are only there to keep a parser busy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel.configuration.reading import Table, parsed
from paidsupport.kernel.configuration.scanning import TooMuchError, lines_of
from paidsupport.kernel.errors import InvalidInputError

pytestmark = pytest.mark.row("P10")

FILE = '''format = 1 # first
[[service]]
slug = "a"
text = """
[no] = "table"
\\""" still"""""
list = [
  "x", { a = 1 },
]
[service.de]
"na me" = 'b'
[[service.question]]
name.first = 1
[[service]]
slug = "b"
'''


def test_each_table_and_key_has_its_line() -> None:
    """Texts and lists of several lines, dotted and quoted names, and tables in lists."""
    document = parsed(FILE)
    first, second = document["service"]
    assert (document.lines["format"], first.line, second.line) == (1, 2, 14)
    assert (first.lines["slug"], first.lines["list"], second.lines["slug"]) == (3, 7, 15)
    assert first["de"].lines["na me"] == 11
    assert isinstance(question := first["question"][0], Table)
    assert question["name"].lines["first"] == 13


HOSTILE = {
    "large": "a = 1 #" + "x" * 3_000_000,
    "deep list": "a = " + "[" * 100_000,
    "deep table": "a = " + "{b = " * 100_000,
    "deep name": ".".join(["a"] * 100_000) + " = 1",
    "deep header": "[" + ".".join(["a"] * 100_000) + "]",
    "many keys": "\n".join(f"a{number} = 1" for number in range(200_000)),
    "twice": "a = 1\na = 2",
    "NUL": "a = 1\0",
    "long number": "a = " + "9" * 10_000,
    "no date": "a = 2024-13-45",
    "no text": 'a = """' + "x" * 100_000,
    "quotes": 'a = "' * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_refused(text: str) -> None:
    """In one sentence."""
    with pytest.raises(InvalidInputError) as refused:
        parsed(text)
    assert [len(sentences) for sentences in refused.value.problems.values()] == [1]


@given(st.text(st.sampled_from("[]{}=.\"'\\#\n a1")))
def test_whatever_it_holds_is_gone_through(text: str) -> None:
    """It ends, and nothing comes of it but lines."""
    try:
        assert all(line > 0 for line in lines_of(text).values())
    except TooMuchError:
        assert len(text) > 20
