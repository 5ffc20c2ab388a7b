"""Managers set providers of payments up, check and order them, and their secrets stay where they belong."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask import Flask

from paidsupport.kernel.configuration import file, loading
from paidsupport.kernel.configuration.history import HIDDEN
from paidsupport.kernel.configuration.telling import Telling
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.mail.transports import UnclearError
from paidsupport.kernel.money import Money
from paidsupport.sales.payments import queries
from paidsupport.sales.payments.operations import configured
from paidsupport.sales.payments.providers import CONSOLE, HINTS, ConsoleProvider, Kind, Provider
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from tests.catalogue.rows import Manager, errors, told
from tests.paying import begun_payment
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P16")

THERE = "/support/desk/setup/payments"
ONE = f"{THERE}/acme"
_FORM = "#ps-provider"


class Acme(ConsoleProvider):
    """Says what it was given."""

    answers = ""

    def __init__(self, values: Values) -> None:
        self.values = values

    def check(self) -> str:
        if self.answers == "silent":
            raise UnclearError
        return self.answers


def _wrong(values: Values) -> Mapping[str, Message]:
    return {} if values["server"].startswith("https://") else {"server": _("Enter a server with https://.")}


def _made(values: Values) -> Provider:
    return Acme(values)


ACME = Kind(
    "acme",
    _("Acme Pay"),
    (
        Value("mode", _("Mode"), choices={"live": _("Live"), "play": _("Playing")}, default="play"),
        Value("server", _("Server")),
        Value("secret", _("Secret"), secret=True),
        Value("hook", _("Webhook secret"), secret=True, required=False),
    ),
    _wrong,
    _made,
    lambda values: values["mode"] == "play",
    binding=("server",),
)


@pytest.fixture(autouse=True)
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind with everything that a kind can have."""
    monkeypatch.setattr(configured, "kinds", lambda _services: {"acme": ACME, "console": CONSOLE})
    configured._made.cache_clear()  # as a new process


def values(desk: Desk) -> Mapping[str, str]:
    """What a worker would make the provider with, of what a manager entered."""
    with desk.ctx() as ctx:
        found = configured.provider_of(ctx, "acme")
        assert isinstance(found, Acme)
        assert found.values[HINTS].endswith("/support/pay/hints/acme")
        return {name: value for name, value in found.values.items() if name != HINTS}


def test_a_provider_is_set_up_checked_ordered_and_removed(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is wrong said at its field, and every step in the history without a secret."""
    mia = Manager(app)
    assert "Set up: Acme Pay" in mia.page(THERE).text
    said = errors(mia.send(ONE, _FORM, acme_server="http://x"))
    assert "Enter a server with https://." in said
    assert "Enter something here." in said
    assert "Choose one of these." in errors(mia.send(ONE, _FORM, acme_mode="x", acme_secret="s"))
    typed = {"acme_server": "https://a.example", "acme_secret": "open sesame"}
    assert mia.send(ONE, _FORM, **typed).status_code == 303
    assert values(desk) == {"mode": "play", "server": "https://a.example", "secret": "open sesame"}
    assert "http://127.0.0.1:5000/support/pay/hints/acme" in mia.page(ONE).text
    assert "open sesame" not in mia.client.get(ONE).text
    assert "Test payments" in mia.page(THERE).text

    for answer, sentence in (
        ("", "The connection works."),
        ("No such account.", "No such account."),
        ("silent", "doesn't answer in time"),
    ):
        monkeypatch.setattr(Acme, "answers", answer)
        mia.press(ONE, f"{ONE}/check")
        assert sentence in mia.page(ONE).text
    mia.send(f"{THERE}/console", _FORM)
    assert mia.press(THERE, f"{THERE}/console/move", to="up").status_code == 303
    with desk.ctx() as ctx:
        assert [row.kind for row in queries.providers(ctx.session)] == ["console", "acme"]
    assert mia.send(ONE, _FORM, active=None).status_code == 303
    assert "switched off" in mia.page(THERE).text
    assert mia.press(ONE, f"{ONE}/remove").status_code == 303
    lines = [each for each in told(desk, "provider") if each[1] == "provider:acme"]
    assert [kind for kind, _, _ in lines] == ["added", "changed", "removed"]
    assert lines[0][2]["after"]["acme_secret"] == HIDDEN
    assert "open sesame" not in str(lines)
    with desk.ctx() as ctx:
        # before a request has told of them, what these fields are called was kept
        ctx.services.capabilities.__dict__.pop("things", None)
        telling = Telling(ctx)
        assert telling.label("provider", "acme_mode") == "Mode"
        ctx.services.capabilities.__dict__.pop("things", None)
    assert desk.broken() == {}


def test_a_secret_belongs_to_its_server(app: Flask, desk: Desk) -> None:
    """It is entered again for another one; one that cannot be opened is reported and asked for again."""
    mia = Manager(app)
    mia.send(ONE, _FORM, acme_server="https://a.example", acme_secret="one", acme_hook="two")
    assert mia.send(ONE, _FORM, acme_mode="live").status_code == 303
    assert values(desk) == {"mode": "live", "server": "https://a.example", "secret": "one", "hook": "two"}
    assert "Enter this again" in errors(mia.send(ONE, _FORM, acme_server="https://b.example"))
    assert mia.send(ONE, _FORM, acme_server="https://b.example", acme_secret="three").status_code == 303
    assert values(desk) == {"mode": "live", "server": "https://b.example", "secret": "three"}
    with desk.ctx() as ctx:
        row = queries.provider(ctx.session, "acme")
        assert row
        broken = {**row.sealed, "secret": row.sealed["secret"][:-8] + "AAAAAAA="}
    said = "can't be read any more"
    with desk.app.app_context(), mount_of(app).database.engine.begin() as connection:
        connection.execute(
            queries.PaymentProvider.__table__.update().values(sealed=broken)  # type: ignore[attr-defined]
        )
    mia.press(ONE, f"{ONE}/check")
    assert said in mia.page(ONE).text
    assert said in errors(mia.send(ONE, _FORM, acme_mode="play"))
    assert "secrets of providers of payments can be opened" in desk.broken()
    assert mia.send(ONE, _FORM, acme_secret="four").status_code == 303
    assert "secrets of providers of payments can be opened" not in desk.broken()
    assert sign_in(app, "ada").get(ONE).status_code == 403


def test_a_file_has_no_secrets_and_what_it_brings_waits_for_them(app: Flask, desk: Desk) -> None:
    """Written, loaded elsewhere, and not offered before the secret was entered by hand."""
    mia = Manager(app)
    mia.send(ONE, _FORM, acme_server="https://a.example", acme_secret="open sesame")
    with desk.ctx(desk.mia) as ctx:
        text = file.dump(ctx)
        assert "open sesame" not in text
        assert file.plan(ctx, text).differences == []
        moved = text.replace("https://a.example", "https://b.example")
        plan = file.plan(ctx, moved)
        assert [one.name for one in plan.differences] == ["acme"]
        assert [str(note) for note in plan.notes] == ["Enter the secrets of Acme Pay once it is loaded."]
        with pytest.raises(Exception, match="https"):
            file.plan(ctx, text.replace("https://a.example", "ftp://a.example"))
        loading.load_at_once(ctx, moved, "Moved.")
        assert configured.offered(ctx, Money(100, "USD")) == []
        assert configured.provider_of(ctx, "acme") is None
    assert "a secret is missing" in mia.page(THERE).text
    assert mia.send(ONE, _FORM, acme_secret="four").status_code == 303
    assert values(desk) == {"mode": "play", "server": "https://b.example", "secret": "four"}


def test_a_provider_stays_while_payments_with_it_are_under_way(app: Flask, desk: Desk) -> None:
    """No form and no file removes it or moves it elsewhere: what is paid meanwhile would be lost."""
    mia = Manager(app)
    mia.send(ONE, _FORM, acme_server="https://a.example", acme_secret="open sesame")
    code = desk.order()
    with desk.ctx() as ctx:
        begun_payment(ctx, tickets.lock(ctx.session, code)).provider = "acme"
    said = "Payments with it are under way."
    moved = mia.send(ONE, _FORM, acme_server="https://b.example", acme_secret="open sesame")
    assert (moved.status_code, said in moved.text) == (422, True)
    with desk.ctx(desk.mia) as ctx:
        text = file.dump(ctx)
        begin, end = text.index("[[provider]]"), text.index("https://a.example")
        rest = text[text.index("\n\n", end) :] if "\n\n" in text[end:] else ""
        for changed in (text.replace("https://a.example", "https://b.example"), text[:begin] + rest):
            with pytest.raises(Exception, match=said):
                file.plan(ctx, changed)
        assert file.plan(ctx, text).differences == []
