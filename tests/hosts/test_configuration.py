"""What a host may get wrong, and in which order it may set things up."""

from html import unescape
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from paidsupport import PaidSupport
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.mount import current
from paidsupport.testing import mount_of
from tests.hosts.cases import BLOG, PORTAL, SHOP
from tests.hosts.grounds import Ground, grounds
from tests.hosts.visits import claim, form_in, hidden, hire, open_desk, order, press_claim, run, send_order
from tests.sites import VAULT_KEY

pytestmark = pytest.mark.row("P1")


def test_mounting_twice_is_refused() -> None:
    """The second `init_app` says that the first was enough."""
    app = Flask("host")
    support = PaidSupport(app)
    with pytest.raises(
        ConfigurationError, match=r"already mounted in this application\. Call init_app only once"
    ):
        support.init_app(app)
    with pytest.raises(ConfigurationError, match="already mounted"):
        PaidSupport(app)


def test_forgetting_to_mount_is_said() -> None:
    """Without `init_app` there is no desk to ask for."""
    PaidSupport()
    with Flask("host").app_context(), pytest.raises(ConfigurationError, match="forget to call init_app"):
        current()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "PAIDSUPPORT_LAYOUTS",
            "x.html",
            r"setting PAIDSUPPORT_LAYOUTS\. Did you mean PAIDSUPPORT_LAYOUT\?$",
        ),
        ("PAIDSUPPORT_CALIM_HUORS", 2, r"Did you mean PAIDSUPPORT_CLAIM_HOURS\?$"),
        ("PAIDSUPPORT_XYZZY", 2, r"Unknown setting PAIDSUPPORT_XYZZY\. No setting has a similar name"),
        ("PAIDSUPPORT_CLAIM_HOURS", "48", "PAIDSUPPORT_CLAIM_HOURS must be a whole number, not '48'"),
        ("PAIDSUPPORT_CLAIM_HOURS", True, "PAIDSUPPORT_CLAIM_HOURS must be a whole number, not True"),
        ("PAIDSUPPORT_CLAIM_HOURS", 0, "PAIDSUPPORT_CLAIM_HOURS must be at least 1, not 0"),
        ("PAIDSUPPORT_URL_PREFIX", "support", "PAIDSUPPORT_URL_PREFIX must begin with /, not 'support'"),
        ("PAIDSUPPORT_HTMX", "cdn", "PAIDSUPPORT_HTMX must be one of bundled, host, none"),
        (
            "PAIDSUPPORT_TIME_ZONE",
            "Berlin",
            "PAIDSUPPORT_TIME_ZONE must be a zone like “Europe/Berlin”, not 'Berlin'",
        ),
        (
            "PAIDSUPPORT_WORKING_HOURS",
            "9 to 5",
            "PAIDSUPPORT_WORKING_HOURS: “9 to 5” is not like “Mon-Fri 09:00",
        ),
        ("PAIDSUPPORT_TONE_RULES", "/nowhere/rules.toml", "TONE_RULES: /nowhere/rules.toml cannot be read"),
        ("PAIDSUPPORT_TONE_RULES", __file__, "PAIDSUPPORT_TONE_RULES: .*: it is no TOML"),
        (
            "PAIDSUPPORT_HOLIDAYS",
            "DE-XX",
            "PAIDSUPPORT_HOLIDAYS must be a country.*does not have subdivision XX",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start(key: str, value: object, said: str) -> None:
    """The message names the setting and what would be right; nothing is mounted halfway."""
    app = Flask("host")
    app.config[key] = value
    with pytest.raises(ConfigurationError, match=said):
        PaidSupport(app)
    assert not app.blueprints
    assert not app.extensions


def test_two_databases_at_once_are_refused() -> None:
    """`db` and `engine` exclude each other."""
    with pytest.raises(ConfigurationError, match="either db or engine"):
        PaidSupport(db=SQLAlchemy(), engine=lambda: SQLAlchemy().engine)


@grounds(BLOG)
def test_without_a_secret_key_the_first_page_says_so(ground: Ground) -> None:
    """Mounting works, for the key may be set later; using it without one names SECRET_KEY."""
    app = ground.host({"SECRET_KEY": None, "TESTING": True})
    run(app, "paidsupport", "db", "upgrade")
    with pytest.raises(ConfigurationError, match=r"SECRET_KEY\. Set one"):
        app.test_client().get("/support/")
    app.config["SECRET_KEY"] = "later"
    assert app.test_client().get("/support/").status_code == 200


@grounds(SHOP, kinds=("sqlite",))
@pytest.mark.parametrize("desk_first", [True, False], ids=["desk first", "desk last"])
def test_the_order_of_set_up_is_free(ground: Ground, *, desk_first: bool) -> None:
    """Before or after Flask-SQLAlchemy, Flask-Login and CSRFProtect: a queue left open all day works."""
    app = ground.ready(desk_first=desk_first)
    open_desk(app)
    client = app.test_client()
    with time_machine.travel("2034-03-14T09:00:00Z", tick=False) as clock:
        hire(app, ground.case.sign_in(client))
        code = order(client, "/support")
        page = client.get("/support/desk/").text
        clock.shift(8 * 3600)
        assert press_claim(client, page, code).status_code == 303


@grounds(SHOP, kinds=("sqlite",))
@pytest.mark.parametrize("desk_first", [True, False], ids=["desk first", "desk last"])
def test_forms_without_a_token_are_refused_in_our_words(ground: Ground, *, desk_first: bool) -> None:
    """We check our own forms, with what was typed kept; the host's protection still guards the host's."""
    app = ground.ready(desk_first=desk_first)
    open_desk(app)
    client = app.test_client()
    answer = send_order(client, "/support", csrf_token="forged", details="All of my text")
    assert answer.status_code == 422
    assert "All of my text" in answer.text
    assert client.post("/items", data={"title": "forged"}).status_code == 400


@grounds(SHOP, PORTAL, kinds=("sqlite",))
def test_without_a_csrf_protection_of_the_host_ours_is_on(ground: Ground) -> None:
    """CSRFProtect guards a site's other forms; ours are guarded with it, before it, and without it."""
    app = ground.ready()
    open_desk(app)
    assert send_order(app.test_client(), ground.case.prefix, csrf_token="").status_code == 422


@grounds(SHOP, kinds=("sqlite",))
def test_a_host_s_tests_may_switch_csrf_off(ground: Ground) -> None:
    """With WTF_CSRF_ENABLED off, pages render without tokens and forms are taken without."""
    app = ground.ready({"WTF_CSRF_ENABLED": False, "TESTING": True})
    open_desk(app)
    client = app.test_client()
    assert "csrf_token" not in client.get("/support/order/installation").text
    code = order(client, "/support")
    client.post("/login", data={"email": "ada@example.org"})
    hire(app, "1")
    assert claim(client, "/support", code).status_code == 303


@grounds(SHOP, kinds=("sqlite",))
def test_a_host_may_name_its_csrf_field_otherwise(ground: Ground) -> None:
    """Our forms use the name that the host has given to the field of the token."""
    app = ground.ready({"WTF_CSRF_FIELD_NAME": "_token"})
    open_desk(app)
    client = app.test_client()
    form = form_in(client.get("/support/order/installation").text, "email")
    assert "_token" in hidden(form)
    order(client, "/support")


def test_an_extension_may_come_after_the_desk(tmp_path: Path) -> None:
    """Flask-Login and CSRFProtect, added last, are used; a site without them has visitors and no log-in."""
    app = Flask("host", instance_path=str(tmp_path))
    app.config["SECRET_KEY"] = "a secret"
    PaidSupport(app)
    run(app, "paidsupport", "db", "upgrade")
    LoginManager(app).user_loader(lambda _: None)
    CSRFProtect(app)
    client = app.test_client()
    assert client.get("/support/").status_code == 200
    assert client.get("/support/desk/").status_code == 401
    app.extensions["paidsupport"].database.engine.dispose()


def test_a_desk_may_be_all_there_is(tmp_path: Path) -> None:
    """With an empty prefix the desk is the whole site; its embedded database lies in the instance folder."""
    app = Flask("host", instance_path=str(tmp_path / "made" / "when needed"))
    app.config.update(SECRET_KEY="a secret", PAIDSUPPORT_URL_PREFIX="/")
    PaidSupport(app)
    run(app, "paidsupport", "db", "upgrade")
    open_desk(app)
    order(app.test_client(), "")
    assert (tmp_path / "made/when needed/paidsupport.sqlite3").is_file()
    app.extensions["paidsupport"].database.engine.dispose()


@pytest.mark.parametrize("tail", ["", "/"])
def test_slashes_at_the_end_of_addresses_make_no_difference(tail: str) -> None:
    """Prefix and base address are joined with paths; one slash is enough."""
    app = Flask("host")
    app.config.update(PAIDSUPPORT_URL_PREFIX=f"/ask{tail}", PAIDSUPPORT_BASE_URL=f"https://example.org{tail}")
    PaidSupport(app)
    settings = app.extensions["paidsupport"].settings
    assert (settings.url_prefix, settings.base_url) == ("/ask", "https://example.org")
    assert not [rule for rule in app.url_map.iter_rules() if "//" in rule.rule]


@grounds(BLOG)
def test_a_missing_layout_is_found_before_the_first_page(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    """By `db check`, which fails, by the doctor, which warns, and in the log."""
    app = ground.ready({"PAIDSUPPORT_LAYOUT": "blog/bass.html"})
    runner, said = app.test_cli_runner(), "PAIDSUPPORT_LAYOUT: this site has no template 'blog/bass.html'"
    checked = runner.invoke(args=["paidsupport", "db", "check"])
    assert checked.exit_code == 1
    assert said in checked.output
    assert said in runner.invoke(args=["paidsupport", "doctor"]).stderr
    assert said in caplog.text
    complete = ground.ready()
    assert "LAYOUT" not in run(complete, "paidsupport", "db", "check")


@grounds(BLOG, kinds=("sqlite",))
@pytest.mark.parametrize(
    ("config", "warned"),
    [
        ({"PAIDSUPPORT_MAIL_URL": "smtp://127.0.0.1:25"}, True),
        (
            {"PAIDSUPPORT_MAIL_URL": "smtp://127.0.0.1:25", "PAIDSUPPORT_BASE_URL": "https://example.org"},
            False,
        ),
        ({}, False),
    ],
)
def test_links_in_emails_that_lead_to_this_machine_are_told(
    ground: Ground, caplog: pytest.LogCaptureFixture, config: dict[str, str], *, warned: bool
) -> None:
    """By the doctor and in the log, once emails leave for a mail server."""
    app = ground.ready(config)
    said = "Set PAIDSUPPORT_BASE_URL to the address of the site."
    assert (said in app.test_cli_runner().invoke(args=["paidsupport", "doctor"]).stderr) is warned
    assert (said in caplog.text) is warned


@grounds(BLOG, SHOP, kinds=("sqlite",))
def test_a_host_that_cannot_tell_who_is_fresh_shows_no_credentials(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    """Without Flask-Login and without `fresh`: said to staff, by the doctor and in the log."""
    app = ground.ready({"PAIDSUPPORT_VAULT_KEYS": VAULT_KEY})
    client = app.test_client()
    hire(app, ground.case.sign_in(client))
    open_desk(app)
    look = f"/support/desk/tickets/{order(client, '/support')}/access/nothing/look"
    knows, said = ground.case is SHOP, "this site can't tell when a person signed in"
    answer = client.get(look)
    assert (answer.status_code, said in unescape(answer.text)) == ((404, False) if knows else (403, True))
    done = app.test_cli_runner().invoke(args=["paidsupport", "doctor"])
    assert done.exit_code == 0
    assert (said in done.stderr) is (said in caplog.text) is not knows
    mount_of(app).fresh = lambda: True
    assert client.get(look).status_code == 404
    assert said not in app.test_cli_runner().invoke(args=["paidsupport", "doctor"]).stderr
