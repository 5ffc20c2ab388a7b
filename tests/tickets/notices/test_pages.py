"""News, mentions, watching and wishes on the pages of the desk (P7, P8)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select

from paidsupport.kernel.staff.tables import Preference
from paidsupport.tickets.notices.tables import PAGE, Notice
from tests.people import Desk, sign_in
from tests.tickets.test_pages import DESK, at, fields, words

pytestmark = [pytest.mark.row("P8"), pytest.mark.row("P7")]
NEWS = f"{DESK}/news"


@pytest.fixture
def ada(lite_desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(lite_desk.app, "ada")


def bell(client: FlaskClient, url: str = f"{DESK}/") -> str:
    """What the desk's navigation says of news."""
    link = BeautifulSoup(client.get(url).text, "html.parser").select_one(f'.ps-bar a[href="{NEWS}"]')
    assert link is not None
    return words(str(link))


def lines(client: FlaskClient, url: str = NEWS) -> list[str]:
    """The lines of the page of news."""
    return [
        words(str(line)) for line in BeautifulSoup(client.get(url).text, "html.parser").select(".ps-news li")
    ]


def press(client: FlaskClient, page: str, url: str, **typed: str) -> int:
    """Press a button on a page; what is answered."""
    return client.post(url, data=fields(client.get(page).text, url.removeprefix(DESK)) | typed).status_code


def test_the_bell_counts_what_is_not_read(lite_desk: Desk, ada: FlaskClient) -> None:
    """On every page of the desk. Looking changes nothing, a button all up to what was shown."""
    assert bell(ada) == "News"
    one, two = lite_desk.order(), lite_desk.order()
    lite_desk.work()
    for page in (f"{DESK}/", at(one), NEWS, f"{DESK}/profile"):
        assert bell(ada, page) == "News 2 unread"
    assert lines(ada)[0].startswith(f"Unread: The customer ordered it {two} ")
    form = fields(ada.get(NEWS).text, "/news/read")
    lite_desk.order()
    lite_desk.work()
    assert ada.post(f"{NEWS}/read", data=form).status_code == 303
    assert bell(ada) == "News 1 unread"
    assert len(lines(ada)) == 3
    assert len(lines(ada, f"{NEWS}?unread=1")) == 1
    assert bell(sign_in(lite_desk.app, "ben")) == "News 3 unread"


def test_a_ticket_says_what_is_new_for_whoever_looks(lite_desk: Desk, ada: FlaskClient) -> None:
    """No bar says so on the page that one is reading: having it open reads them."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.receive(code, "Hello?")
    lite_desk.annotate(code, lite_desk.ben)
    lite_desk.work()
    assert bell(ada) == "News 2 unread"
    assert "new for you" not in ada.get(at(code)).text
    assert press(ada, at(code), at(code, "/here")) == 204
    assert bell(ada) == "News"


def test_many_news_come_by_pages(lite_desk: Desk, ada: FlaskClient) -> None:
    """By key, each once, by day; broken keys show the first page."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    for number in range(PAGE + 5):
        lite_desk.annotate(code, lite_desk.ben, f"Note {number}")
        lite_desk.clock.forward(minutes=20)
    lite_desk.work()
    page = BeautifulSoup(ada.get(NEWS).text, "html.parser")
    assert [words(str(day)) for day in page.select("h2")][:2] == ["Today", "Yesterday"]
    further = page.select_one('a[rel="next"]')
    assert further is not None
    rest = lines(ada, str(further["href"]))
    assert (len(lines(ada)), len(rest)) == (PAGE, 5)
    for broken in ("x", "-1", "9" * 30, "0"):
        assert ada.get(NEWS, query_string={"before": broken}).status_code == 200
    with lite_desk.statements() as seen:
        ada.get(NEWS)
    assert len(seen) <= 4, seen


def test_more_than_can_be_counted(lite_desk: Desk, ada: FlaskClient) -> None:
    """The count stops at 99, and so does the query."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    for number in range(101):
        lite_desk.annotate(code, lite_desk.ben, f"Note {number}")
    lite_desk.work()
    assert bell(ada) == "News 99+ unread"


@pytest.mark.parametrize(
    "broken", [{"until": ""}, {"until": "x"}, {"csrf_token": "x"}, {"until": "-" + "9" * 30}]
)
def test_a_broken_form_reads_nothing(lite_desk: Desk, ada: FlaskClient, broken: dict[str, str]) -> None:
    """Neither for all nor for a ticket."""
    code = lite_desk.order()
    lite_desk.work()
    status = press(ada, NEWS, f"{NEWS}/read", **{"until": "1", **broken})
    assert status == (303 if "9" in broken.get("until", "") else 422)
    press(ada, at(code), at(code, "/here"), **{"until": "1", **broken})
    with lite_desk.ctx() as ctx:
        read = select(func.count()).select_from(Notice).where(Notice.read_at.is_not(None))
        assert ctx.session.scalar(read) == 0


def test_those_who_are_called_stand_out(lite_desk: Desk, ada: FlaskClient) -> None:
    """In annotations, beside links and what is no name; what was typed stays text."""
    code = lite_desk.order()
    note = "<b>@ben</b>, see https://example.org/@ben and @nobody, or write to ben@example.org"
    lite_desk.annotate(code, lite_desk.ada, note)
    shown = BeautifulSoup(ada.get(at(code)).text, "html.parser").select_one(".ps-notes .ps-prose")
    assert shown is not None
    assert [tag.text for tag in shown.select("strong.ps-mention")] == ["@ben"]
    assert shown.text == note
    assert shown.select_one("b") is None
    assert "https://example.org/@ben" in {str(tag["href"]) for tag in shown.select("a")}
    assert "Mention a colleague with @" in words(ada.get(at(code)).text)


def test_watching_is_a_button_that_is_pressed_again(lite_desk: Desk, ada: FlaskClient) -> None:
    """Colleagues see who watches."""
    code = lite_desk.order()
    ben = sign_in(lite_desk.app, "ben")
    assert press(ada, at(code), at(code, "/watch")) == 303
    assert press(ada, at(code), at(code, "/watch")) == 303
    assert "Watch ticket Watched by Ada" in words(ben.get(at(code)).text)
    assert "Stop watching Watched by you" in words(ada.get(at(code)).text)
    assert press(ada, at(code), at(code, "/watch"), stop="1") == 303
    assert "Watch ticket You'll be notified" in words(ben.get(at(code)).text)
    assert ada.post(at(code, "/watch")).status_code == 422


def test_wishes_are_ones_own(lite_desk: Desk, ada: FlaskClient) -> None:
    """Kept and shown again; what cannot be chosen is told at its field, and the profile stays."""
    url = f"{DESK}/profile/notices"
    chosen = {
        "mine": "digest",
        "mention": "page",
        "watching": "off",
        "unassigned": "now",
        "digest_hour": "17",
    }
    page = BeautifulSoup(ada.get(f"{DESK}/profile").text, "html.parser")
    assert [str(tag["value"]) for tag in page.select("form[action$='/notices'] option[selected]")] == [
        *("now", "now", "page", "page"),
        "8",
    ]
    assert press(ada, f"{DESK}/profile", url, **chosen) == 303
    with lite_desk.ctx() as ctx:
        (kept,) = ctx.session.scalars(select(Preference))
        assert kept.person_id == lite_desk.ada.id
        assert kept.said | {"digest_hour": str(kept.digest_hour)} == chosen
    page = BeautifulSoup(ada.get(f"{DESK}/profile").text, "html.parser")
    assert [str(tag["value"]) for tag in page.select("form[action$='/notices'] option[selected]")] == list(
        chosen.values()
    )
    for wrong in ({"mine": "loudly"}, {"digest_hour": "24"}, {"digest_hour": "x"}, {"csrf_token": "x"}):
        assert press(ada, f"{DESK}/profile", url, **(chosen | wrong)) == 422
    assert "ada@example.org" in ada.get(f"{DESK}/profile").text
