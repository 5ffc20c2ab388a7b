"""The rest of the desk by programs: search, catalogue, people, exports, figures (P12)."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from paidsupport.catalogue.services.operations import requirements
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.staff.tables import Person
from tests.connect.api.programs import Caller
from tests.people import Desk

pytestmark = pytest.mark.row("P12")


@pytest.fixture
def ada(app: Flask, desk: Desk) -> Caller:
    """A program of Ada's, a developer."""
    return Caller(app, desk, "ada")


@pytest.fixture
def mia(app: Flask, desk: Desk) -> Caller:
    """A program of Mia's, a manager."""
    return Caller(app, desk, "mia", "manage")


def test_a_token_says_whose_it_is(desk: Desk, ada: Caller, mia: Caller) -> None:
    """With its scope and expiry, and never with what it is sent as; a void one opens nothing."""
    me = ada.get("/me")
    assert (me["id"], me["name"], me["role"]) == (desk.ada.id, "Ada", "developer")
    assert (me["token"]["scope"], me["token"]["label"]) == ("write", "test")
    assert "pst_" not in str(me)
    assert [token["id"] for token in ada.get("/me/tokens")] == [me["token"]["id"]]
    changed = ada.ask("PATCH", "/me", {"payment": "Cash at the next meeting"}).json
    assert (changed["email"], changed["payment"]) == (me["email"], "Cash at the next meeting")  # type: ignore[index]
    theirs = mia.get("/me")["token"]["id"]
    ada.refused(404, "DELETE", f"/me/tokens/{theirs}")
    ada.refused(403, "DELETE", f"/setup/staff/{desk.mia.id}/tokens/{theirs}")
    assert ada.ask("DELETE", f"/me/tokens/{me['token']['id']}").status_code == 204
    assert ada.ask("GET", "/me").status_code == 401


def test_the_search_finds_what_its_person_may_see(desk: Desk, ada: Caller) -> None:
    """By kind, with codes and addresses, and no private issue of others."""
    code = desk.order(name="Karla Petersen")
    hidden = desk.open_issue(desk.mia, summary="Karla's hole", private=True)
    found = ada.get("/search?q=karla")
    assert [each["code"] for kind in found for each in kind["items"]] == [code]
    assert hidden not in str(found)
    assert ada.get("/search?q=") == []
    ada.refused(422, "GET", "/search")


def test_services_are_read_and_their_drafts_published(desk: Desk, ada: Caller, mia: Caller) -> None:
    """A draft is published as it was seen, or refused; an earlier version comes back as a new one."""
    listed = ada.get("/services")
    slug = listed[0]["slug"]
    told = ada.get(f"/services/{slug}")
    assert told["agreement"]
    assert told["questions"] or told["checklist"]
    for path in ("/service-drafts", f"/services/{slug}/versions"):
        assert ada.refused(403, "GET", path)["detail"] == "Only a manager can set up the desk."
    ada.refused(403, "POST", f"/services/{slug}/retire")
    assert mia.get("/service-drafts") == []
    with desk.ctx(desk.mia) as ctx:
        requirements.add(ctx, slug, {"text": "You have a backup."}, key=new_key())
    draft = mia.get("/service-drafts")[0]
    assert (draft["slug"], draft["changes"], draft["faults"]) == (slug, ["requirements"], [])
    mia.refused(409, "POST", "/service-versions", chosen={slug: "older"}, word="A backup.")
    made = mia.post("/service-versions", chosen={slug: draft["print"]}, word="A backup.")
    assert made[0]["number"] == listed[0]["number"] + 1
    assert ada.get(f"/services/{slug}")["requirements"][-1] == "You have a backup."
    again = mia.post(f"/services/{slug}/versions/{listed[0]['number']}/again", word="The old one was better.")
    assert again["number"] == made[0]["number"] + 1
    assert mia.post(f"/services/{slug}/retire")["active"] is False
    assert slug not in [each["slug"] for each in ada.get("/services")]
    for _twice in range(2):
        assert mia.post(f"/services/{slug}/discard")["published"] == again["number"]
    assert mia.post(f"/services/{slug}/reinstate")["active"] is True
    assert not desk.broken()


def test_staff_are_invited_changed_and_disabled(desk: Desk, ada: Caller, mia: Caller) -> None:
    """By managers alone; what a person holds goes to a colleague before they leave."""
    ada.refused(403, "POST", "/setup/invitations", email="cleo@example.org", role="developer")
    for path in ("/setup/staff", "/setup/invitations", f"/setup/staff/{desk.ada.id}"):
        ada.refused(403, "GET", path)
    invited = mia.post("/setup/invitations", email="cleo@example.org", role="developer")
    assert [each["email"] for each in mia.get("/setup/invitations")] == ["cleo@example.org"]
    assert "reference" not in invited
    desk.work()
    refused = mia.refused(422, "POST", "/setup/invitations", email="cleo@example.org", role="developer")
    assert refused["errors"][0]["pointer"] == "#/email"
    assert mia.post(f"/setup/invitations/{invited['id']}/again")["id"] == invited["id"]
    assert mia.ask("DELETE", f"/setup/invitations/{invited['id']}").status_code == 204
    made = mia.post(
        "/setup/staff", host_user_id="77", name="Cleo", email="cleo@example.org", role="developer"
    )
    path = f"/setup/staff/{made['id']}"
    changed = mia.ask("PATCH", path, {"role": "manager"}).json
    assert (changed["name"], changed["role"]) == ("Cleo", "manager")  # type: ignore[index]
    assert [each["name"] for each in ada.get("/staff")] == ["Ada", "Ben", "Cleo", "Mia"]
    code = desk.order()
    desk.claim(code, desk.ben)
    ben = f"/setup/staff/{desk.ben.id}"
    assert mia.get(ben)["duties"]["tickets"] == [code]
    refused = mia.refused(422, "POST", f"{ben}/disable", tickets="", issues="")
    assert refused["errors"] == [{"pointer": "#/tickets", "detail": "Choose what happens to the tickets."}]
    assert mia.post(f"{ben}/disable", tickets=str(desk.ada.id))["active"] is False
    assert desk.ticket(code).owner_id == desk.ada.id
    assert mia.post(f"{ben}/enable")["active"] is True
    refused = mia.refused(409, "POST", f"/setup/staff/{desk.mia.id}/disable", tickets="", issues="")
    assert refused["detail"] == "You can't disable yourself. Ask another manager."
    with desk.ctx() as ctx:
        assert len(ctx.session.scalars(select(Person)).all()) == 4
    assert not desk.broken()


def test_the_roster_is_read_by_all_and_changed_by_managers(desk: Desk, ada: Caller, mia: Caller) -> None:
    """Shifts and absences, with who stands in."""
    sent = {"person": str(desk.ada.id), "weekdays": ["0", "1"], "starts": "09:00", "ends": "17:00"}
    ada.refused(403, "POST", "/roster/shifts", **sent)
    made = mia.post("/roster/shifts", **sent)
    assert [(each["weekday"], each["ends"]) for each in made] == [(0, "17:00"), (1, "17:00")]
    away = {"absent": str(desk.ada.id), "first_day": "2099-01-01", "substitute": str(desk.ben.id)}
    absent = mia.post("/roster/absences", **away)
    told = ada.get("/roster")
    assert [each["id"] for each in told["shifts"]] == [each["id"] for each in made]
    assert told["absences"][0]["substitute"]["name"] == "Ben"
    for path in (f"/roster/shifts/{made[0]['id']}", f"/roster/absences/{absent['id']}"):
        assert mia.ask("DELETE", path).status_code == 204
    told = ada.get("/roster")
    assert (len(told["shifts"]), told["absences"]) == (1, [])


def test_an_export_is_asked_for_and_downloaded(desk: Desk, ada: Caller, mia: Caller) -> None:
    """Each download is written down, and opens the file until the next one."""
    customer = desk.ticket(desk.order()).customer_email
    assert ada.refused(403, "GET", "/exports")["detail"] == "Only a manager can set up the desk."
    ada.refused(403, "POST", "/exports")
    refused = mia.refused(422, "POST", "/exports", customer="nobody@example.com")
    assert refused["errors"][0]["pointer"] == "#/customer"
    asked = mia.post("/exports", customer=customer)
    path = f"/exports/{asked['reference']}"
    mia.refused(404, "POST", f"{path}/downloads")
    desk.work()
    assert mia.get(path)["state"] == "ready"
    first, second = mia.post(f"{path}/downloads"), mia.post(f"{path}/downloads")
    mia.refused(404, "GET", f"{path}/file?key={first['key']}")
    mia.refused(404, "GET", f"{path}/file?key=guessed")
    sent = mia.ask("GET", f"{path}/file?key={second['key']}")
    assert (sent.status_code, len(sent.data)) == (200, second["size"])
    assert zipfile.ZipFile(BytesIO(sent.data)).namelist()
    assert mia.get(path)["downloads"] == 2


def test_figures_are_for_managers(ada: Caller, mia: Caller) -> None:
    """The same tables as on the page."""
    assert ada.refused(403, "GET", "/overview")["detail"] == "Only a manager can see the overview."
    told = mia.get("/overview")
    assert {"revenue", "ratings"} <= {figure["name"] for figure in told["figures"]}
