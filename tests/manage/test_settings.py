"""Settings as managers see and change them (P10)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from paidsupport.kernel.configuration import choosing, sealing
from paidsupport.kernel.configuration.history import HIDDEN
from paidsupport.kernel.configuration.managed import DEPLOYED, GROUPS, MANAGED, SETTINGS, STARTING
from paidsupport.kernel.configuration.merging import ChangedMeanwhileError
from paidsupport.kernel.configuration.tables import ConfigurationEvent, Setting
from paidsupport.ops.export import everything
from paidsupport.settings import Settings
from paidsupport.testing import mount_of
from tests.forms import Opened
from tests.people import Desk, sign_in
from tests.sites import site

pytestmark = pytest.mark.row("P10")

BASE = "/support/desk/setup/settings"
SELLER = {
    "seller_name": "Photos Ltd.",
    "seller_street": "2 High Street",
    "seller_postcode": "80331",
    "seller_city": "München",
    "seller_country": "DE",
    "seller_email": "money@example.org",
    "seller_iban": "DE89 3704 0044 0532 0130 00",
    "seller_vat_id": "DE123456788",
}


def page_of(client: FlaskClient, group: str) -> BeautifulSoup:
    """The page of a group."""
    answer = client.get(f"{BASE}/{group}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def sent(page: BeautifulSoup) -> dict[str, Any]:
    """What the form of a group sends as it is."""
    found: dict[str, Any] = {}
    for field in page.select("form[method=post]:not(#ps-restore) input[name]"):
        if field.get("type") != "checkbox":
            found[str(field["name"])] = str(field.get("value", ""))
        elif field.has_attr("checked"):
            found.setdefault(str(field["name"]), []).append(str(field["value"]))
    return {
        name: value
        for name, value in found.items()
        if name in MANAGED or name in {"key", "seen", "csrf_token"}
    }


def save(client: FlaskClient, group: str, **typed: object) -> BeautifulSoup:
    """Type something into the form of a group and press a button; the page after it."""
    data = sent(page_of(client, group)) | typed
    answer = client.post(f"{BASE}/{group}", data=data, headers={"Accept": "text/html"}, follow_redirects=True)
    return BeautifulSoup(answer.text, "html.parser")


def problems(page: BeautifulSoup) -> dict[str, str]:
    """The sentence at each field."""
    return {
        str(each["id"]).removesuffix("-error"): each.get_text().removeprefix("Error:").strip()
        for each in page.select(".ps-error")
    }


def words(page: BeautifulSoup) -> str:
    """All that stands there."""
    return " ".join(page.get_text(" ").split())


def test_every_setting_belongs_to_someone() -> None:
    """To the deployment, which has seventeen keys, to managers, or to the rows that start from it."""
    names = set(Settings.__dataclass_fields__)
    assert len(DEPLOYED) <= 17
    assert set(DEPLOYED) | set(SETTINGS) | set(STARTING) == names
    assert len(DEPLOYED) + len(SETTINGS) + len(STARTING) == len(names)
    assert {each.group for each in MANAGED.values()} == {group.name for group in GROUPS}


def test_a_setting_is_changed_and_taken_back(app: Flask, desk: Desk) -> None:
    """The page says what holds, since when and by whom; the history has each step."""
    mia = sign_in(app, "mia")
    before = mount_of(app).settings.name
    assert "From the configuration: PAIDSUPPORT_NAME." in words(page_of(mia, "name"))
    after = save(mia, "name", name="  Hilfe für Galerien ")
    assert "Saved: Name of the desk." in words(after)
    assert after.select_one("#name")["value"] == "Hilfe für Galerien"  # type: ignore[index]
    assert "Changed by Mia on" in words(after)
    assert f"Configured as PAIDSUPPORT_NAME: {before} ." in words(after)
    assert "Hilfe für Galerien" in app.test_client().get("/support/").text
    assert "Nothing was different." in words(save(mia, "name"))
    assert "Hilfe für Galerien" in words(BeautifulSoup(mia.get(BASE).text, "html.parser"))
    button = after.select_one("button[form=ps-restore]")
    assert button is not None
    form = {field["name"]: field["value"] for field in after.select("#ps-restore input")}
    data = {**form, "name": button["value"]}
    for _twice in range(2):
        assert mia.post(f"{BASE}/name/restore", data=data).status_code == 303
    assert "Changed by" not in words(page_of(mia, "name"))
    with desk.ctx() as ctx:
        lines = ctx.session.scalars(
            select(ConfigurationEvent)
            .where(ConfigurationEvent.about == "setting:name")
            .order_by(ConfigurationEvent.number)
        )
        told = [(line.data["before"]["value"], line.data["after"]["value"]) for line in lines]
    assert told == [(before, "Hilfe für Galerien"), ("Hilfe für Galerien", before)]
    assert desk.broken() == {}


@pytest.mark.parametrize(
    ("group", "field", "typed", "said"),
    [
        ("name", "name", "\u200b ", "Enter something here."),
        ("name", "name", "x" * 201, "200"),
        ("name", "languages", "en, tlh", "Choose among the languages of the desk: en, "),
        ("times", "time_zone", "Mars/Olympus", "Enter a time zone like Europe/Berlin."),
        ("times", "time_zone", "../../etc/passwd", "Enter a time zone like Europe/Berlin."),
        ("times", "working_hours", "9 to 5", "“9 to 5” is not like “Mon-Fri 09:00-17:00”."),
        ("times", "working_hours", "Mon 22:00-02:00", "ends before it begins"),
        ("times", "holidays", "Utopia", "Enter a country like DE, or one of its regions"),
        ("times", "closed_days", "Christmas", "“christmas” is not like 2026-12-24"),
        ("times", "closed_days", "2026-12-24, 2026-02-30", "“2026-02-30” is not like 2026-12-24"),
        ("times", "closed_days", "2027-01-02 to 2026-12-24", "ends before it begins"),
        ("times", "closed_days", "2020-01-01 - 2030-01-01", "Enter 1000 days at most."),
        ("limits", "link_days", "-3", "Enter a whole number, like 3."),
        ("limits", "link_days", "0", "Enter a number from 1 to 3650."),
        ("claims", "claim_hours", "99999999999999999999", "Enter a whole number, like 3."),
        ("claims", "cascade", "nonsense", "There is no workflow “nonsense”."),
        ("emails", "mail_from", "somewhere", "Enter an email address like name@example.org."),
        ("emails", "mail_from", "", "Enter something here."),
        ("files", "files_at_once", "1.5", "Enter a whole number, like 3."),
        ("invoices", "seller_iban", "DE88 3704 0044 0532 0130 00", "its check digits do not fit"),
        ("invoices", "seller_country", "UK", "Write this country as GB, not as UK."),
        ("invoices", "seller_tax_percent", "a lot", "Enter a percentage, like 19, 8.1 or 0."),
        ("invoices", "seller_pay_days", "91", "Enter a number from 1 to 90."),
        ("connections", "webhook_url", "http://hooks.example/", "Enter an address like https://example.org."),
        ("connections", "webhook_url", "https://a:b@hooks.example/", "without a user name"),
        ("connections", "webhook_secret", "whsec_%%%", "Enter Base64 after whsec_, or any other text."),
        (
            "connections",
            "public_hosts",
            "github.com, http://x",
            "Enter hosts like github.com, not “http://x”.",
        ),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(
    lite_app: Flask, group: str, field: str, typed: str, said: str
) -> None:
    """With what to enter; what was typed stays there, and nothing is saved."""
    page = save(sign_in(lite_app, "mia"), group, **{field: typed})
    assert said in problems(page)[field]
    box = page.select_one(f"#{field}")
    assert box is not None
    if field not in {"cascade", "webhook_secret"}:
        assert box["value"] == typed
    assert typed not in page.text or field != "webhook_secret"
    assert mount_of(lite_app).settings == mount_of(lite_app).services.present.configured


def test_what_belongs_together_is_checked_together(lite_app: Flask) -> None:
    """A webhook needs its secret, and loses it no sooner than its address."""
    mia = sign_in(lite_app, "mia")
    page = save(mia, "connections", webhook_url="https://hooks.example/x")
    assert problems(page) == {
        "webhook_secret": "Enter the secret as well: the receiver needs it to check who sends."
    }
    save(mia, "connections", webhook_url="https://hooks.example/x", webhook_secret="tulip-Field-9")
    page = page_of(mia, "connections")
    form = {field["name"]: field["value"] for field in page.select("#ps-restore input")}
    answer = mia.post(
        f"{BASE}/connections/restore",
        data={**form, "name": "webhook_secret"},
        headers={"Accept": "text/html"},
        follow_redirects=True,
    )
    assert "Enter the secret as well" in answer.text
    assert mount_of(lite_app).settings.webhook_secret == "tulip-Field-9"


def test_hours_are_shown_before_they_are_saved(lite_app: Flask, lite_desk: Desk) -> None:
    """The next days and holidays, drawn by the server."""
    mia = sign_in(lite_app, "mia")
    page = save(mia, "times", working_hours="Tue-Wed 10:00-12:00, 13:00-15:00", holidays="de-by", check="1")
    assert "Nothing is saved yet." in words(page)
    assert "10:00–12:00, 13:00–15:00" in words(page)
    assert "Fri 7 Apr 2034" in words(page)
    assert page.select_one("#holidays")["value"] == "de-by"  # type: ignore[index]
    assert mount_of(lite_app).settings.holidays == ""
    save(mia, "times", time_zone="europe/berlin", holidays="de-by")
    assert (mount_of(lite_app).settings.holidays, mount_of(lite_app).settings.time_zone) == (
        "DE-BY",
        "Europe/Berlin",
    )
    assert page_of(mia, "times").select_one("#ps-zones option[value='Pacific/Auckland']")


def test_two_managers_change_one_page(lite_app: Flask, lite_desk: Desk) -> None:
    """What they changed is merged; where both changed the same, the second is asked."""
    mia = sign_in(lite_app, "mia")
    open_form = sent(page_of(mia, "limits"))
    with lite_desk.ctx(lite_desk.mia) as ctx:
        choosing.choose(ctx, {"link_days": "90", "orders_per_hour": "7"})
    answer = mia.post(
        f"{BASE}/limits",
        data=open_form | {"lookups_per_hour": "8", "orders_per_hour": "9"},
        headers={"Accept": "text/html"},
        follow_redirects=True,
    )
    page = BeautifulSoup(answer.text, "html.parser")
    assert "This was changed to “7” meanwhile." in problems(page)["orders_per_hour"]
    mia.post(f"{BASE}/limits", data=sent(page))
    with lite_desk.ctx() as ctx:
        settings = ctx.services.settings
    assert (settings.link_days, settings.lookups_per_hour, settings.orders_per_hour) == (90, 8, 9)
    with pytest.raises(ChangedMeanwhileError), lite_desk.ctx(lite_desk.mia) as ctx:
        choosing.choose(ctx, {"link_days": "1"}, seen={"link_days": "180"})


def test_the_seller_is_entered_field_by_field(desk: Desk) -> None:
    """As one value; empty, there is none; the history says which fields have changed."""
    mia = sign_in(desk.app, "mia")
    empty = {name: "" for name in MANAGED if name.startswith("seller_")}
    page = save(mia, "invoices", **(empty | {"seller_name": "Photos Ltd."}))
    assert {"seller_street", "seller_iban", "seller_registration"} <= set(problems(page))
    save(mia, "invoices", **(empty | SELLER))
    with desk.ctx() as ctx:
        seller = ctx.services.settings.seller
        line = ctx.session.scalars(
            select(ConfigurationEvent).order_by(ConfigurationEvent.number.desc())
        ).first()
    assert seller is not None
    assert (seller.city, seller.iban, seller.pay_days) == ("München", "DE89370400440532013000", "14")
    assert line is not None
    assert (line.data["after"]["city"], line.data["before"]["city"]) == ("München", "Berlin")
    save(mia, "invoices", **empty)
    with desk.ctx() as ctx:
        assert ctx.services.settings.seller is None
    assert desk.broken() == {}


def test_a_secret_is_written_and_never_read(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Sealed in its row; on no page, in no history, in no list; left alone by an empty field."""
    mia, secret = sign_in(desk.app, "mia"), "tulip-Field-9"
    save(mia, "connections", webhook_url="https://hooks.example/x", webhook_secret=secret)
    with desk.ctx() as ctx:
        assert ctx.services.settings.webhook_secret == secret
        assert secret not in str([row.value for row in ctx.session.scalars(select(Setting))])
        assert secret not in str([row.data for row in ctx.session.scalars(select(ConfigurationEvent))])
    page = page_of(mia, "connections")
    assert "A secret is set and shown to no one." in words(page)
    save(mia, "connections", public_hosts="github.com")
    save(mia, "connections", webhook_secret="another-Field-8", webhook_url="nonsense")
    runner = desk.app.test_cli_runner()
    said = [runner.invoke(args=["paidsupport", "settings", "list"]).output]
    said += [
        mia.get(address).text for address in (BASE, f"{BASE}/connections", "/support/desk/setup/changes")
    ]
    for each in (*said, caplog.text):
        assert secret not in each
        assert "another-Field-8" not in each
    with desk.ctx() as ctx:
        assert ctx.services.settings.webhook_secret == secret
    assert desk.broken() == {}


def test_secrets_outlive_a_change_of_the_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The old key opens them as a fallback; without it the desk goes on with what is configured."""
    uri = f"sqlite:///{tmp_path}/desk.sqlite3"
    started: list[tuple[dict[str, Any], str]] = [
        ({"SECRET_KEY": "first"}, "tulip-Field-9"),
        ({"SECRET_KEY": "second", "SECRET_KEY_FALLBACKS": ["first"]}, "tulip-Field-9"),
        ({"SECRET_KEY": "second"}, ""),
    ]
    for number, (keys, opened) in enumerate(started):
        for app in site(uri, tmp_path, prepare=not number, **keys):
            desk = Desk(app, mount_of(app).clock, mount_of(app).transport)  # type: ignore[arg-type]
            if not number:
                with desk.ctx(desk.mia) as ctx:
                    choosing.choose(ctx, {"webhook_secret": "tulip-Field-9", "name": "Sealed"})
            with desk.ctx() as ctx:
                settings = ctx.services.settings
            assert (settings.name, settings.webhook_secret) == ("Sealed", opened)
    assert (
        "the setting webhook_secret is left as it is configured: It was sealed under another" in caplog.text
    )
    assert sealing.is_secret("webhook_secret")


def test_the_command_line_lists_and_changes_settings(app: Flask, desk: Desk) -> None:
    """Both kinds, with value, source and owner; through the same checks, into the same history."""

    def run(*words: str) -> str:
        return app.test_cli_runner().invoke(args=["paidsupport", "settings", *words]).output

    assert "Saved: link_days." in run("set", "link_days", "30")
    listed = {line.split()[0]: line for line in run("list").splitlines()}
    assert set(listed) == set(Settings.__dataclass_fields__)
    assert listed["link_days"].endswith("30  [changed by the operator; managers]")
    assert "[default; managers]" in listed["claim_hours"]
    assert "[configuration; deployment]" in listed["layout"]
    assert "(set)" in listed["mail_url"]
    assert "Enter a number from 1 to 3650." in run("set", "link_days", "9999")
    assert "belongs to the deployment: change PAIDSUPPORT_BASE_URL." in run("set", "base_url", "x")
    assert "There is no setting speed." in run("unset", "speed")
    assert "link_days is as configured." in run("unset", "link_days")
    assert "Nothing was different." in run("unset", "link_days")
    assert "Saved: seller_city." in run("set", "seller_city", "Hamburg")
    assert "is not a field" in run("set", "seller", '{"town": "Hamburg"}')
    assert "Enter the street and number." in run("set", "seller", '{"name": "x"}')
    assert "Saved: seller." in run("set", "seller", "")
    assert "(empty)" in run("list").split("seller", 1)[1].split("\n")[0]
    assert desk.broken() == {}


def test_only_managers_come_here(lite_app: Flask) -> None:
    """A developer is told so; there is no group but those that are listed."""
    assert sign_in(lite_app, "ada").get(f"{BASE}/limits").status_code == 403
    assert sign_in(lite_app, "mia").get(f"{BASE}/deployment").status_code == 404


@pytest.mark.parametrize("seen", ["[" * 100_000, "[1]", "x", '{"link_days": {"a": [null]}}'])
def test_what_a_form_showed_may_be_made_up(lite_app: Flask, lite_desk: Desk, seen: str) -> None:
    """It is answered like any form, and no error."""
    form = Opened(sign_in(lite_app, "mia"), f"{BASE}/limits")
    assert form.send(seen=seen).status_code in {200, 303, 422}
    assert lite_desk.broken() == {}


def test_the_address_of_the_webhook_is_told_up_to_its_host(lite_app: Flask, lite_desk: Desk) -> None:
    """What stands behind may let in: neither the list of changes nor an export has it."""
    hook = "https://hooks.example/services/tulip-Field-9"
    for url in (hook, f"{hook}0"):
        with lite_desk.ctx(lite_desk.mia) as ctx:
            choosing.choose(ctx, {"webhook_url": url, "webhook_secret": "x"})
    with lite_desk.ctx(lite_desk.mia) as ctx:
        lines = ctx.session.query(ConfigurationEvent).filter_by(about="setting:webhook_url").all()
        assert [line.data["after"] for line in lines] == [
            {"host": "hooks.example", "value": HIDDEN},
            {"value": HIDDEN},
        ]
        assert b"tulip" not in b"".join(piece for batch in everything._all(ctx) for piece in batch)
    assert "tulip" not in sign_in(lite_app, "mia").get("/support/desk/setup/changes").text
