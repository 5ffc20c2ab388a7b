"""Every page in a language that marks what it says: what stands outside of its marks is English."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from itertools import islice, product
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from flask import Flask
from sqlalchemy import select, update

from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.i18n.pseudo import CLOSE, OPEN
from paidsupport.testing import mount_of
from paidsupport.tickets.tables import Ticket
from tests.furnished import Furnished
from tests.people import Desk, sign_in

LANGUAGE = "en-XA"
#: What may stand on a page in any language: figures, codes, keys, the names of formats and of this site.
ANYWHERE = re.compile(
    r"https?://\S+|\S+@\S+|[A-Z]{2}-\w{4}-\w{4}|[0-9a-f]{6,}|Gallery support|Example Gallery"
    r"|SSH|CSV|PDF|Esc|Ctrl|English|Deutsch|Français|en-XA"
)
_MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_END = "\0"
_WORD = re.compile("[A-Za-z]{3,}")
#: Where people and programs wrote, not we: by the tag, by one of its classes, or by `translate="no"`.
_TYPED_TAGS = {"bdi", "code", "pre", "kbd", "script", "style", "textarea", "time"}
_TYPED_CLASSES = {"ps-prose", "ps-code", "ps-raw", "ps-letter", "ps-masthead"}
#: Pages of the demonstration's own site, which speaks English: they are the host's, not ours.
_HOSTS = {"home", "sign in", "test bank"}
#: So many addresses are tried for a route that no page of the walk is at.
_TRIED = 6
#: Routes without a page of their own: files, deeds, parts of others.
_NO_PAGES = {
    *("absence_remove", "blocker_note", "blocker_solve", "boilerplate_drop", "canned_reply", "change_view"),
    *("contact_remove", "customer_file", "customer_invoice_pdf", "customer_invoice_xml", "discard_draft"),
    *("invoice_deed", "invoice_pdf", "invoice_xml", "overview_csv", "release_file", "settle_access"),
    *("pay_hint", "pay_look", "pay_poll"),
    *("invitation_again", "invitation_withdraw", "service_question_move", "service_question_remove"),
    *("staff_token_revoke", "token_revoke"),
    *("shift_remove", "static", "ticket_file", "told_by_phone", "unsent_form", "wish_note"),
}
#: Pages whose state the walk does not make; what their templates say is looked at below.
_NOT_MADE = {
    *("boilerplate_edit", "investigating", "invoice", "invoice_issue", "issue_customer", "release_notes"),
    *("invoice_cancel", "invoice_paid", "tell_solved"),
}
_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "data-ps-confirm")


def left_over(html: str, typed: str) -> Iterator[str]:
    """The texts of a page that are not marked, and that nobody typed."""
    page = BeautifulSoup(html, "html.parser")
    main = page.select_one(".ps-root:not(html)") or page
    for each in main.find_all(_is_typed):  # ten times as quick as a selector
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


def _is_typed(tag: Tag) -> bool:
    return (
        tag.name in _TYPED_TAGS
        or tag.get("translate") == "no"
        or not _TYPED_CLASSES.isdisjoint(tag.get_attribute_list("class"))
    )


def _texts(main: Tag) -> Iterator[str]:
    for text in main.find_all(string=True):
        if type(text) is NavigableString:
            yield str(text)
    for tag in main.find_all(name=True):
        yield from (str(tag[name]) for name in _ATTRIBUTES if tag.get(name))


def routes_beyond(app: Flask, paths: Iterable[str]) -> dict[str, list[str]]:
    """Every route of ours that none of these paths leads to, with paths that may lead there.

    What stands in an address is taken from the others: codes, tokens, names.
    """
    adapter = app.url_map.bind("localhost")
    known: defaultdict[str, list[str]] = defaultdict(list)
    seen = set()
    for path in paths:
        endpoint, given = adapter.match(urlsplit(path).path)
        seen.add(endpoint)
        for name, value in given.items():
            known[name].append(str(value))
    beyond = {}
    for rule in app.url_map.iter_rules():
        ours = rule.endpoint.startswith("paidsupport.") and "GET" in (rule.methods or ())
        if not ours or rule.endpoint in seen:
            continue
        values = {name: list(dict.fromkeys(known[name])) for name in sorted(rule.arguments)}
        if "code" in values:
            prefix = "IS-" if "/issues/" in rule.rule else "PS-"
            values["code"] = [code for code in values["code"] if code.startswith(prefix)]
        tried = islice(product(*values.values()), _TRIED)
        beyond[rule.endpoint] = [
            adapter.build(rule.endpoint, dict(zip(values, each, strict=True)), method="GET") for each in tried
        ]
    return beyond


def typed_into(desk: Desk) -> str:
    """All texts of the database, in small letters."""
    tables = [table for table in Base.metadata.sorted_tables if "event" not in table.name]
    with desk.ctx() as ctx:
        rows = [row for table in tables for row in ctx.session.execute(select(table))]
        rows += ctx.session.execute(select(ConfigurationEvent.actor_name))
    return " ".join(" ".join(str(value).split()) for row in rows for value in row).casefold()


def test_every_text_of_a_page_can_be_translated(
    furnished_app: Flask, furnished_desk: Desk, furnished: Furnished
) -> None:
    """All but what people typed."""
    paths = furnished.paths
    typed = typed_into(furnished_desk)
    with furnished_desk.ctx() as ctx:
        ctx.session.execute(update(Ticket).values(language=LANGUAGE))
    object.__setattr__(mount_of(furnished_app).settings, "languages", f"en,{LANGUAGE}")  # frozen
    reader = sign_in(furnished_app, "mia")
    found: dict[str, list[str]] = {}

    def is_page(name: str, path: str) -> bool:
        answer = reader.get(path, headers={"Accept-Language": LANGUAGE}, follow_redirects=True)
        if left := sorted(set(left_over(answer.text, typed))) if answer.mimetype == "text/html" else ():
            found[name] = left
        return answer.status_code == HTTPStatus.OK

    for name, path in paths.items():
        if name not in _HOSTS:
            is_page(name, path)
    unseen = {
        endpoint
        for endpoint, tried in routes_beyond(furnished_app, paths.values()).items()
        if not any(is_page(endpoint, path) for path in tried)
    }
    assert not found, "\n".join(f"{name}: {text}" for name, texts in found.items() for text in texts)
    unknown = {name.removeprefix("paidsupport.") for name in unseen} - _NO_PAGES - _NOT_MADE
    assert not unknown, "show these pages in tests/browser/every_page.py"
