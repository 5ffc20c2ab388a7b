"""Managers look after the staff: whom there is, what they may do, and how someone leaves (P10)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from paidsupport.issues.operations import assignment, reviewing
from paidsupport.kernel.actors import Actor, Role
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import choosing, loading
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.errors import InvalidInputError, ManagersOnlyError
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.operations import LastManagerError
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewShift
from paidsupport.kernel.staff.tables import Person
from paidsupport.manage.staff.operations import leaving
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")

STAFF = "/support/desk/setup/staff"


def send(browser: FlaskClient, path: str, **typed: str) -> TestResponse:
    """What the form of a page says, with what is typed into it."""
    page = BeautifulSoup(browser.get(path).text, "html.parser")
    form = page.select_one(f'form[action="{path}"]')
    assert form, path
    fields = {str(field["name"]): str(field.get("value", "")) for field in form.select("input[type=hidden]")}
    return browser.post(path, data=fields | typed)


def press(browser: FlaskClient, page: str, action: str) -> TestResponse:
    """Press a button of a page that leads to `action`."""
    form = BeautifulSoup(browser.get(page).text, "html.parser").select_one(f'form[action="{action}"]')
    assert form, action
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    return browser.post(action, data=fields)


def text_of(browser: FlaskClient, path: str) -> str:
    """What a page says."""
    content = BeautifulSoup(browser.get(path).text, "html.parser").select_one("#ps-main, main")
    return " ".join(content.get_text(" ").split()) if content else ""


def told(desk: Desk) -> list[tuple[str, str, dict[str, object]]]:
    """The history of the configuration: kind, what it is about, and the facts."""
    with desk.ctx() as ctx:
        lines = ctx.session.query(ConfigurationEvent).order_by(ConfigurationEvent.number)
        return [(line.kind, line.about, line.data) for line in lines]


def manager(desk: Desk, name: str = "Nia") -> Actor:
    """A second manager."""
    with desk.ctx(desk.mia) as ctx:
        row = people.add(
            ctx, host_user_id=name, name=name, email=f"{name.lower()}@example.org", role="manager"
        )
        return Actor("person", name, row.id, Role.MANAGER)


def test_all_staff_are_on_one_page_with_what_they_hold(lite_app: Flask, lite_desk: Desk) -> None:
    """Claims and issues as numbers, who is away, and former colleagues apart."""
    lite_desk.claim(lite_desk.order(), lite_desk.ada)
    code = lite_desk.open_issue(lite_desk.ben)
    lite_desk.change_issue(code, state="assigned", owner_id=lite_desk.ada.id)
    with lite_desk.ctx(lite_desk.mia) as ctx:
        roster.add_absence(ctx, roster.NewAbsence(str(lite_desk.mia.id), ctx.today.isoformat(), "", ""))
        people.remove(ctx, "ben@example.org")
    mia = sign_in(lite_app, "mia")
    page = BeautifulSoup(mia.get(STAFF).text, "html.parser")
    rows = [" ".join(row.get_text(" ").split()) for row in page.select("tbody tr")]
    assert ["Ada" in rows[0], "1 ticket , 1 issue" in rows[0] or "1 ticket, 1 issue" in rows[0]] == [True] * 2
    assert "Away until" in rows[1]
    assert len(rows) == 2
    assert "Disabled Ben · Developer" in text_of(mia, STAFF)
    assert sign_in(lite_app, "ada").get(STAFF).status_code == 403
    assert "Staff" in text_of(mia, "/support/desk/setup/")


def test_a_manager_changes_a_colleague_and_the_history_says_what(lite_app: Flask, lite_desk: Desk) -> None:
    """What two managers change at once is merged by field; a second change of the same field is said."""
    mia, path = sign_in(lite_app, "mia"), f"{STAFF}/{lite_desk.ada.id}"
    opened = BeautifulSoup(mia.get(path).text, "html.parser").select_one(f'form[action="{path}"]')
    assert opened
    first = {str(f["name"]): str(f.get("value", "")) for f in opened.select("input[type=hidden]")}
    payment = opened.select_one("[name=payment]")
    assert payment
    typed = {"name": "Ada", "email": "ada@example.org", "role": "developer", "payment": str(payment["value"])}
    assert typed["payment"]
    assert send(mia, path, **typed | {"name": "Ada Byron"}).status_code == 303
    # the other manager's form was opened before: the role is theirs, the name stays
    assert mia.post(path, data=first | typed | {"role": "manager"}).status_code == 303
    with lite_desk.ctx() as ctx:
        ada = people.find(ctx, lite_desk.ada.id or 0)
        assert (ada.name, ada.role) == ("Ada Byron", "manager")
    refused = mia.post(path, data=first | {"key": new_key()} | typed | {"name": "Countess"})
    assert refused.status_code == 422
    assert "This was changed to “Ada Byron” meanwhile." in refused.text
    for name, value in (("email", "ben@example.org"), ("role", "king"), ("name", " ")):
        assert send(mia, path, **typed | {name: value}).status_code == 422
    about = f"person:{lite_desk.ada.id}"
    assert told(lite_desk)[-2:] == [
        (
            "changed",
            about,
            {
                "about": about,
                "label": "Ada Byron",
                "before": {"name": "Ada"},
                "after": {"name": "Ada Byron"},
            },
        ),
        (
            "changed",
            about,
            {
                "about": about,
                "label": "Ada Byron",
                "before": {"role": "developer"},
                "after": {"role": "manager"},
            },
        ),
    ]
    assert "Mia changed Ada Byron" in text_of(mia, f"/support/desk/setup/changes?about={about}")
    now = typed | {"name": "Ada Byron", "role": "manager", "payment": "Bank: DE00"}
    assert send(mia, path, **now).status_code == 303
    with lite_desk.ctx() as ctx:
        assert people.find(ctx, lite_desk.ada.id or 0).payment == "Bank: DE00"
    assert told(lite_desk)[-1][2]["after"] == {"payment": "Bank: DE00"}


def test_a_user_of_the_site_is_added_by_their_id(lite_app: Flask, lite_desk: Desk) -> None:
    """As on the command line; the same form again adds no second one."""
    mia = sign_in(lite_app, "mia")
    typed = {"host_user_id": "77", "name": "Cem", "email": "cem@example.org", "role": "developer"}
    assert send(mia, f"{STAFF}/add", **typed).status_code == 303
    assert "Cem works here now." in mia.get(STAFF).text
    assert send(mia, f"{STAFF}/add", **typed | {"host_user_id": ""}).status_code == 422
    assert send(mia, f"{STAFF}/add", **typed | {"host_user_id": "78"}).status_code == 422
    kind, _about, facts = told(lite_desk)[-1]
    assert (kind, facts["after"]) == (
        "added",
        {
            "name": "Cem",
            "email": "cem@example.org",
            "role": "developer",
            "payment": "",
            "user": "77",
            "active": True,
        },
    )


def test_the_last_manager_stays(lite_app: Flask, lite_desk: Desk) -> None:
    """In the browser and on the command line, with a sentence; a second manager makes it possible."""
    mia, path = sign_in(lite_app, "mia"), f"{STAFF}/{lite_desk.mia.id}"
    typed = {"name": "Mia", "email": "mia@example.org", "role": "developer"}
    refused = send(mia, path, **typed)
    assert refused.status_code == 409
    assert "Mia is the only manager. Make a colleague a manager first." in refused.text
    run = lite_app.test_cli_runner().invoke
    command = ["paidsupport", "people"]
    removed = run(args=[*command, "remove", "mia@example.org"])
    assert (removed.exit_code, "Mia is the only manager." in removed.output) == (1, True)
    added = run(args=[*command, "add", "mia@example.org", "--name", "Mia", "--user-id", _user(lite_desk)])
    assert (added.exit_code, "Mia is the only manager." in added.output) == (1, True)
    nia = manager(lite_desk)
    # who makes themselves a developer is led to what they may still open
    answer = send(mia, path, **typed)
    assert (answer.status_code, answer.location) == (303, "/support/desk/")
    assert mia.get(STAFF).status_code == 403
    assert nia.id


def _user(desk: Desk) -> str:
    with desk.ctx() as ctx:
        return ctx.session.get_one(Person, desk.mia.id).host_user_id


def test_two_managers_cannot_disable_each_other_at_once(desk: Desk) -> None:
    """One of two simultaneous requests is refused, on either database: a manager always stays."""
    nia, start = manager(desk), Barrier(2)

    def demote(by: Actor, whom: Actor, *, disable: bool) -> bool:
        start.wait()
        try:
            with desk.ctx(by) as ctx:
                if disable:
                    leaving.leave(ctx, whom.id or 0, tickets="", issues="", key=new_key())
                else:
                    typed = {"name": whom.name, "email": f"{whom.name.lower()}@example.org"}
                    people.change(ctx, whom.id or 0, typed | {"role": "developer"}, {}, key=new_key())
        except (LastManagerError, ManagersOnlyError):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = [
            pool.submit(demote, desk.mia, nia, disable=True),
            pool.submit(demote, nia, desk.mia, disable=False),
        ]
        assert sorted(each.result() for each in done) == [False, True]
    with desk.ctx() as ctx:
        managers = ctx.session.query(Person).filter_by(active=True, role="manager").count()
    assert managers == 1


def test_who_was_made_a_developer_a_moment_before_changes_nothing(desk: Desk) -> None:
    """A request that was let in as a manager's is refused once it holds the configuration."""
    nia = manager(desk)
    with desk.ctx(nia) as ctx:
        typed = {"name": "Mia", "email": "mia@example.org", "role": "developer"}
        people.change(ctx, desk.mia.id or 0, typed, {}, key=new_key())
    with pytest.raises(ManagersOnlyError, match="Only a manager"), desk.ctx(desk.mia) as ctx:
        choosing.choose(ctx, {"name": "Mia’s desk"})
    with pytest.raises(ManagersOnlyError), desk.ctx(desk.mia) as ctx:
        leaving.leave(ctx, nia.id or 0, tickets="", issues="", key=new_key())
    # who makes themselves a developer in a change may end it
    with desk.ctx(nia) as ctx:
        people.change(ctx, desk.mia.id or 0, {**typed, "role": "manager"}, {}, key=new_key())
    with desk.ctx(desk.mia) as ctx:
        them = (("mia", "Mia", "developer"), ("nia", "Nia", "manager"), ("ada", "Ada L", "developer"))
        rows = (f'[[person]]\nemail = "{e}@example.org"\nname = "{n}"\nrole = "{r}"' for e, n, r in them)
        assert loading.load_at_once(ctx, "\n".join(["format = 1", *rows]), "x").differences
    with desk.ctx() as ctx:
        assert ctx.session.get_one(Person, desk.ada.id).name == "Ada L"


def test_who_leaves_hands_everything_over(app: Flask, desk: Desk) -> None:
    """Three claims and an issue by their own transitions; the page is gone at once, tokens are revoked."""
    codes = [desk.in_progress(desk.ada) for _ in range(3)]
    issue = desk.open_issue(desk.ben, private=True)
    desk.change_issue(issue, state="assigned", owner_id=desk.ada.id)
    with desk.ctx(desk.mia) as ctx:
        roster.add_shift(ctx, NewShift(str(desk.ada.id), ["0", "1"], "", "09:00", "17:00", "1"))
        secret = people.new_token(ctx, "ada@example.org", "laptop", days=30)
    ada, mia, path = sign_in(app, "ada"), sign_in(app, "mia"), f"{STAFF}/{desk.ada.id}/disable"
    page = text_of(mia, path)
    for said in ("3 tickets to hand over", "1 issue to assign", "2 shifts are removed", *codes, issue):
        assert said in page
    assert ada.get("/support/desk/").status_code == 200
    # nothing is done before it is said what becomes of them
    refused = send(mia, path, tickets=str(desk.ben.id), issues="")
    assert refused.status_code == 422
    assert "Choose a colleague from the list." in refused.text
    assert desk.ticket(codes[0]).owner_id == desk.ada.id
    assert send(mia, path, tickets=str(desk.ben.id), issues=str(desk.mia.id)).status_code == 303
    assert ada.get("/support/desk/").status_code == 404
    assert {desk.ticket(code).owner_id for code in codes} == {desk.ben.id}
    assert all(desk.happened(code)[-1] == "hand-over" for code in codes)
    assert desk.issue(issue).owner_id == desk.mia.id
    with desk.ctx() as ctx:
        assert people.admitted(ctx, secret) is None
        assert not roster.overview(ctx).week
    kinds = [kind for kind, *_ in told(desk)]
    assert kinds[-2:] == ["disabled", "token-revoked"]
    assert secret not in str(told(desk))
    assert not desk.broken()
    # enabled again they have their role, and no token of before
    assert press(mia, STAFF, f"{STAFF}/{desk.ada.id}/enable").status_code == 303
    assert ada.get("/support/desk/").status_code == 200
    with desk.ctx() as ctx:
        assert people.admitted(ctx, secret) is None


def test_claims_can_be_released_instead(lite_app: Flask, lite_desk: Desk) -> None:
    """They are free to claim, and the note says why."""
    code, mia = lite_desk.in_progress(lite_desk.ada), sign_in(lite_app, "mia")
    assert send(mia, f"{STAFF}/{lite_desk.ada.id}/disable", tickets="release").status_code == 303
    assert lite_desk.ticket(code).owner_id is None
    assert lite_desk.happened(code)[-1] == "release"
    assert "Ada no longer works here." in mia.get(f"/support/desk/tickets/{code}").text
    lite_desk.claim(code, lite_desk.ben)
    assert not lite_desk.broken()


def test_who_is_removed_by_a_command_holds_nothing(lite_app: Flask, lite_desk: Desk) -> None:
    """Their tickets are free to claim, their issues go to a manager, or later to who sends them back."""
    desk, run = lite_desk, lite_app.test_cli_runner().invoke
    code, issue, tried = desk.in_progress(desk.ada), desk.open_issue(desk.ben), desk.open_issue(desk.ben)
    for each in (issue, tried):
        desk.change_issue(each, state="assigned", owner_id=desk.ada.id)
    desk.issue_move(tried, "submit", desk.ada, note="Upload a photo.")
    done = run(args=["paidsupport", "people", "remove", "ada@example.org"])
    assert (done.exit_code, "Ada is no longer staff." in done.output) == (0, True)
    assert desk.ticket(code).owner_id is None
    assert desk.issue(issue).owner_id == desk.mia.id
    assert desk.broken() == {}
    with desk.ctx(desk.ben) as ctx:
        version = desk.issue(tried).version
        reviewing.decide(ctx, tried, "rework", "It stays dark.", version=version, key=new_key())
    assert desk.issue(tried).owner_id == desk.ben.id
    assert desk.broken() == {}


def test_all_is_handed_over_or_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One issue that cannot be passed on keeps the tickets too, and the person."""
    code, issue = desk.in_progress(desk.ada), desk.open_issue(desk.ben)
    desk.change_issue(issue, state="assigned", owner_id=desk.ada.id)
    # chosen from the list, and gone before the lock was had
    real = assignment.pass_on
    monkeypatch.setattr(assignment, "pass_on", lambda ctx, who, _to: real(ctx, who, who))
    with pytest.raises(Exception, match=f"Issue {issue} stays where it is"), desk.ctx(desk.mia) as ctx:
        leaving.leave(ctx, desk.ada.id or 0, tickets=str(desk.ben.id), issues=str(desk.ben.id), key=new_key())
    assert desk.ticket(code).owner_id == desk.ada.id
    with desk.ctx() as ctx:
        assert people.find(ctx, desk.ada.id or 0).active
    with pytest.raises(InvalidInputError), desk.ctx(desk.mia) as ctx:
        leaving.leave(ctx, desk.ada.id or 0, tickets="", issues=str(desk.ben.id), key=new_key())


def test_nobody_disables_themselves(lite_app: Flask, lite_desk: Desk) -> None:
    """Even where there is another manager."""
    manager(lite_desk)
    refused = send(sign_in(lite_app, "mia"), f"{STAFF}/{lite_desk.mia.id}/disable")
    assert refused.status_code == 409
    assert "You can&#39;t disable yourself." in refused.text


def test_what_is_allowed_is_read_off_the_rules(lite_app: Flask) -> None:
    """Transitions with their roles, pages with who may open them, and what operations refuse to others."""
    page = BeautifulSoup(sign_in(lite_app, "mia").get("/support/desk/setup/roles").text, "html.parser")
    said = " ".join(page.get_text(" ").split())
    assert "Only a manager can change the roster." in said
    rows: dict[str, str] = {}
    for what, who in (row.select("td") for row in page.select("tr[data-ps-row]")):
        action, states, *_needs = (each.get_text(strip=True) for each in what.select("strong, span"))
        rows[f"{action}: {states}"] = who.get_text(strip=True)
    assert rows["Close ticket: In progress"] == "Owner"
    assert rows["Withdraw order: Open, Pending"] == "The customer"
    assert rows["Confirm issue: New"] == "Managers · The desk by itself"
    assert "/support/desk/setup/roles" in said
