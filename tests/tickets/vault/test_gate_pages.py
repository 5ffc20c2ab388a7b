"""No page for staff takes a customer's secret, whatever field it is typed into."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import Text, cast, select

from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import metadata
from paidsupport.privacy.redaction import MASK
from tests.intake.filing.test_filing import MAIL
from tests.intake.filing.test_pages import filled
from tests.intake.triage.test_triage import asked
from tests.people import Desk, sign_in
from tests.tickets.test_pages import DESK, at, words
from tests.tickets.vault.test_vault import PASSWORD

pytestmark = pytest.mark.row("G15")

#: Pages of a ticket with forms, besides its own.
_PARTS = (
    *("write", "report", "consents/new", "offers/new", "worklog", "items/backup", "documented"),
    *("investigating", "merge", "invoices", "sale", "issue"),
)
_TYPED = {"text", "url", "search", "email", "tel", None}
#: Fields of ours that only look like fields for text.
_NOT_TYPED = {"csrf_token", "key", "version", "claim", "thread"}


def stored(desk: Desk, secret: str) -> list[str]:
    """The columns in which a secret stands."""
    found = []
    with desk.ctx() as ctx:
        for table in metadata.sorted_tables:
            for column in filter(marks.needs_mark, table.columns):
                said = cast(column, Text).contains(secret, autoescape=True)
                found += [str(column)] * (ctx.session.scalar(select(table).where(said).limit(1)) is not None)
    return found


def forms(html: str) -> list[tuple[str, dict[str, Any]]]:
    """Every form of a page that takes a text: where it goes, and its fields, the texts being the secret."""
    found = []
    for form in BeautifulSoup(html, "html.parser").select(".ps-root form[method=post]"):
        fields = {str(tag["name"]): _sent(tag) for tag in form.select("[name]") if _is_sent(tag)}
        if any(value == PASSWORD for value in fields.values()):
            found.append((str(form.get("action", "")), fields))
    return found


def _is_sent(tag: Tag) -> bool:
    return tag.get("type") not in {"checkbox", "radio", "submit", "file"} or tag.has_attr("checked")


def _sent(tag: Tag) -> str:
    name = str(tag["name"])
    if tag.name == "select":
        chosen = tag.select_one("option[selected]") or tag.select("option")[-1]
        return str(chosen.get("value", ""))
    typed = tag.name == "textarea" or (tag.name == "input" and tag.get("type") in _TYPED)
    return PASSWORD if typed and name not in _NOT_TYPED else str(tag.get("value", ""))


def test_a_filed_secret_never_stands_on_the_public_page(lite_desk: Desk) -> None:
    """A colleague files an issue for a request whose customer gave a password: it is refused at its field."""
    desk = lite_desk
    code = asked(desk, MAIL, Subject="Upload fails")
    desk.claim(code, desk.ada)
    desk.give(code, PASSWORD)
    ada = sign_in(desk.app, "ada")
    address = f"{at(code)}/issue"
    sent = filled(ada.get(address).text)
    for name in ("summary", "details", "note"):
        answer = ada.post(address, data=sent | {name: f"Log in with {PASSWORD}"})
        assert answer.status_code == 422
        page = BeautifulSoup(answer.text, "html.parser")
        error = page.select_one(f"#error-{name}, #{name}-error")
        assert error, [str(each) for each in page.select(".ps-error")]
        assert f"Log in with {MASK}" in error.get_text()
        assert desk.happened(code).count("issue-followed") == 0
    assert stored(desk, PASSWORD) == []


def test_no_form_of_the_desk_takes_it(lite_desk: Desk) -> None:
    """All fields of all forms on the pages around a ticket and its issue, and of what belongs to neither."""
    desk = lite_desk
    code = desk.in_progress(desk.mia)
    desk.give(code, PASSWORD)
    issue = desk.open_issue(desk.mia, code)
    desk.issue_move(issue, "grab", desk.mia)
    mia = sign_in(desk.app, "mia")
    pages = [
        at(code),
        *(at(code, f"/{part}") for part in _PARTS),
        f"{DESK}/issues/new",
        f"{DESK}/issues/{issue}",
        f"{DESK}/organisations/new",
        f"{DESK}/guides/new",
        f"{DESK}/boilerplate/new",
        f"{DESK}/profile",
        f"{DESK}/call",
    ]
    tried, refused = 0, 0
    for page in pages:
        html = mia.get(page).text
        for action, fields in forms(html):
            answer = mia.post(action or page, data=fields)
            tried += 1
            refused += "reveals a login of" in words(answer.text)
            assert answer.status_code < 500, (page, action)
    assert stored(desk, PASSWORD) == []
    assert tried > 15
    assert refused > 8
