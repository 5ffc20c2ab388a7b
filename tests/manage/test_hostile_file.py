"""Files of the configuration that were made to do harm: refused in sentences, with nothing applied (P10)."""

from __future__ import annotations

import html
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import tomlkit
from bs4 import BeautifulSoup
from flask import Flask

from paidsupport.kernel.configuration import file, loading
from paidsupport.kernel.errors import InvalidInputError
from tests.kernel.web.test_authorisation import parts
from tests.kernel.web.test_matrix import SET_UP, doors
from tests.people import Desk, sign_in

__all__ = ["parts"]  # a fixture

pytestmark = pytest.mark.row("P10")

HUGE = "0x" + "f" * 10_000
SERVICE = '[[service]]\nslug = "a"\nname = "a"\nprice = "1"\ncurrency = "EUR"\n'

#: What would act if a page, a template or a link took it for more than text.
BAIT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}${7*7}%(x)s"
#: What people read of things, and lists of it.
READ = {
    "summary",
    "description",
    "settings_help",
    "label",
    "help",
    "text",
    "reason",
    "told",
    "title",
    "refusal",
}


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


def test_what_a_file_says_is_text_on_every_page(
    lite_app: Flask, lite_desk: Desk, parts: dict[str, object]
) -> None:
    """Scripts, templates and placeholders in all texts are shown as they were typed, and do nothing."""
    with lite_desk.ctx(lite_desk.mia) as ctx:
        document = tomllib.loads(file.dump(ctx))
        _baited(document)
        document["settings"] = {"name": f"Desk {BAIT}"}
        document["tone"] = [{"words": ["magic"], "reason": BAIT, "suggestion": BAIT}]
        assert len(loading.load_at_once(ctx, tomlkit.dumps(document), BAIT).differences) > 40
    code, mia, shown = lite_desk.order(), sign_in(lite_app, "mia"), 0
    urls = {door.url for door in doors(lite_app, parts) if door.method == "GET"}
    urls = {url for url in urls if url.startswith(SET_UP) or url.count("/") < 5}
    for url in sorted(urls | {f"/support/t/{lite_desk.token(code)}", f"/support/desk/tickets/{code}"}):
        answer = mia.get(url)
        assert answer.status_code < 500, url
        if answer.mimetype != "text/html":
            continue
        page = BeautifulSoup(answer.text, "html.parser")
        assert not page.select("[onerror], a[href^='javascript:' i]"), url
        assert not any("alert" in (script.string or "") for script in page.select("script")), url
        texts = html.unescape(answer.text).split("onerror=alert(2)>")[1:]
        # Markdown makes the asterisks of a guide disappear, and long texts are cut
        assert all(text.startswith(("{{7*7}}", "{{7<em>", "…", "\n")) for text in texts), url
        shown += bool(texts)
    assert shown > 30


def _baited(table: dict[str, Any], key: str = "") -> None:
    """Put the bait behind every text."""
    for name, value in table.items():
        if isinstance(value, dict):
            _baited(value, name)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for each in value:
                _baited(each, name)
        elif value and (name in READ or (name, key) == ("name", "service")):
            table[name] = value[:60] + BAIT
        elif value and name == "requirements":
            table[name] = [each[:60] + BAIT for each in value]
