"""Every page in a language that marks what it says: what stands outside of its marks is English."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from flask import Flask
from sqlalchemy import select, update

from paidsupport.kernel.db.base import Base
from paidsupport.kernel.i18n.pseudo import CLOSE, OPEN
from paidsupport.testing import mount_of
from paidsupport.tickets.tables import Ticket
from tests.browser.every_page import furnish
from tests.people import Desk, sign_in

LANGUAGE = "en-XA"
#: What may stand on a page in any language: figures, codes, keys, the names of formats and of this site.
ANYWHERE = re.compile(
    r"https?://\S+|\S+@\S+|[A-Z]{2}-\w{4}-\w{4}|[0-9a-f]{6,}|Gallery support|Example Gallery"
    r"|SSH|CSV|PDF|Esc|Ctrl|English|en-XA"
)
_MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_END = "\0"
_WORD = re.compile("[A-Za-z]{3,}")
#: Where people and programs wrote, not we.
_TYPED = (
    "[translate=no], bdi, code, pre, kbd, script, style, textarea, time, .ps-prose, .ps-code, .ps-raw"
    ", .ps-letter, .ps-masthead"
)
#: Pages of the demonstration's own site, which speaks English: they are the host's, not ours.
_HOSTS = {"home", "sign in"}
_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "data-ps-confirm")


def left_over(html: str, typed: str) -> Iterator[str]:
    """The texts of a page that are not marked, and that nobody typed."""
    page = BeautifulSoup(html, "html.parser")
    main = page.select_one(".ps-root:not(html)") or page
    for each in main.select(_TYPED):
        each.decompose()
    # a message may go on through links and the like
    whole = _END.join(_texts(main))
    while (shorter := _MARKED.sub(_END, whole)) != whole:
        whole = shorter
    for text in whole.split(_END):
        rest = " ".join(text.split())
        ours = " ".join(ANYWHERE.sub(" ", rest).split())
        if _WORD.search(ours) and rest.casefold().strip(" ·:,.()") not in typed:
            yield ours


def _texts(main: Tag) -> Iterator[str]:
    for text in main.find_all(string=True):
        if type(text) is NavigableString:
            yield str(text)
    for tag in main.select("*"):
        yield from (str(tag[name]) for name in _ATTRIBUTES if tag.get(name))


def typed_into(desk: Desk) -> str:
    """All texts of the database, in small letters."""
    tables = [table for table in Base.metadata.sorted_tables if "event" not in table.name]
    with desk.ctx() as ctx:
        rows = [row for table in tables for row in ctx.session.execute(select(table))]
    return " ".join(" ".join(str(value).split()) for row in rows for value in row).casefold()


def test_every_text_of_a_page_can_be_translated(lite_app: Flask, lite_desk: Desk) -> None:
    """All but what people typed."""
    paths = furnish(lite_desk)
    typed = typed_into(lite_desk)
    with lite_desk.ctx() as ctx:
        ctx.session.execute(update(Ticket).values(language=LANGUAGE))
    object.__setattr__(mount_of(lite_app).settings, "languages", f"en,{LANGUAGE}")  # frozen
    reader = sign_in(lite_app, "mia")
    found: dict[str, list[str]] = {}
    for name, path in paths.items():
        if name in _HOSTS:
            continue
        answer = reader.get(path, headers={"Accept-Language": LANGUAGE}, follow_redirects=True)
        if answer.mimetype == "text/html" and (left := sorted(set(left_over(answer.text, typed)))):
            found[name] = left
    assert not found, "\n".join(f"{name}: {text}" for name, texts in found.items() for text in texts)
