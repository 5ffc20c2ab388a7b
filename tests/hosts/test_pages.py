"""The desk inside the hosts: its pages in their layout, orders and claims through the browser's eyes."""

import re
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from werkzeug.middleware.proxy_fix import ProxyFix

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.manage.staff.operations import invitations
from paidsupport.testing import mount_of, take_over, work
from tests.hosts.cases import BLOG, NONCE_PORTAL, PORTAL, SHOP
from tests.hosts.grounds import Ground, grounds
from tests.hosts.visits import claim, form_in, hidden, hire, open_desk, order

pytestmark = pytest.mark.row("P1")


@grounds()
def test_customers_order_and_people_claim(ground: Ground) -> None:
    """A visitor orders, a user of the host's who works at the desk takes it, all in the host's layout."""
    case, app = ground.case, ground.ready()
    open_desk(app)
    visitor, worker = app.test_client(), app.test_client()
    code = order(visitor, case.prefix)
    hire(app, case.sign_in(worker))
    assert claim(worker, case.prefix, code).status_code == 303
    page = worker.get(f"{case.prefix}/desk/tickets/{code}")
    assert page.status_code == 200
    assert "Jane Doe" in page.text
    assert visitor.get(f"{case.prefix}/desk/tickets/{code}").status_code in {302, 404}
    for path in ("/", "/order/installation", "/verify"):
        assert case.layout in visitor.get(case.prefix + path).text
    for path in ("/desk/", f"/desk/tickets/{code}", "/desk/profile"):
        assert case.layout in worker.get(case.prefix + path).text


@grounds(kinds=("sqlite",))
def test_whoever_is_signed_in_at_the_host_is_known(ground: Ground) -> None:
    """The host's user finds name and orders again; a user who is not of the desk finds no desk."""
    case, app = ground.case, ground.ready()
    open_desk(app)
    hire(app, "another", "Mia")
    client = app.test_client()
    case.sign_in(client)
    name = form_in(client.get(f"{case.prefix}/order/installation").text, "email").select_one("[name=name]")
    assert name
    assert name["value"] == "Ada"
    code = order(client, case.prefix)
    assert code in client.get(f"{case.prefix}/").text
    assert code not in app.test_client().get(f"{case.prefix}/").text
    assert client.get(f"{case.prefix}/desk/").status_code == 404


@grounds(SHOP, BLOG, kinds=("sqlite",))
def test_strangers_at_the_desk_are_sent_to_the_host_s_log_in(ground: Ground) -> None:
    """Flask-Login's way where the host has it; without it there is nothing to be found."""
    answer = ground.ready().test_client().get(f"{ground.case.prefix}/desk/")
    if ground.case is SHOP:
        assert answer.status_code == 302
        assert answer.location.startswith("/login?next=")
    else:
        assert answer.status_code == 404


@pytest.mark.row("P10")
@grounds(kinds=("sqlite",))
def test_who_opens_an_invitation_before_signing_in_learns_what_to_do(ground: Ground) -> None:
    """They are led to the sign-in and back, or told to sign in and to open the link again."""
    case, app = ground.case, ground.ready()
    take_over(app)
    mount, by = mount_of(app), Actor("operator", "the operator")
    with app.app_context(), mount.database.writing() as session:
        ctx = Context(mount.services, session, by, mount.clock())
        invitations.invite(ctx, "ada@example.org", "developer", key=new_key())
    (mail,) = work(app)
    body = mail.get_body(("plain",))
    assert body
    (link,) = re.findall(r"http\S+/desk/join/\S+", body.get_content())
    path, client = urlsplit(link).path, app.test_client()
    answer = client.get(path)
    if case is SHOP:
        assert answer.location.startswith("/login?next=")
    else:
        assert (answer.status_code, case.layout in answer.text) == (403, True)
        assert "Sign in there, then open the link again." in answer.text
    case.sign_in(client)
    page = client.get(path).text
    assert "invites you to work here as a developer." in page
    form = form_in(page, "name")
    assert client.post(path, data={**hidden(form), "name": "Ada"}).status_code == 303
    assert client.get(f"{case.prefix}/desk/").status_code == 200


@pytest.mark.row("P10")
@grounds(SHOP, kinds=("sqlite",))
def test_a_login_manager_without_a_page_leads_nowhere(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flask-Login would answer “unauthorized” and nothing else."""
    app = ground.ready()
    # the manager belongs to the module of the site: other tests have the same one
    monkeypatch.setattr(app.login_manager, "login_view", None)  # type: ignore[attr-defined]  # set by Flask-Login
    answer = app.test_client().get("/support/desk/join/x")
    assert (answer.status_code, "open the link again" in answer.text) == (403, True)


@grounds(PORTAL, NONCE_PORTAL, kinds=("sqlite",))
def test_pages_keep_the_host_s_strict_policy(ground: Ground) -> None:
    """One policy, the host's; nothing inline, nothing from elsewhere: under it, style and forms work."""
    case, app = ground.case, ground.ready()
    open_desk(app)
    client = app.test_client()
    hire(app, case.sign_in(client))
    code = order(client, case.prefix)
    for path in ("/", "/order/installation", "/verify", "/desk/", f"/desk/tickets/{code}", "/t/unknown"):
        answer = client.get(case.prefix + path)
        policies = answer.headers.getlist("Content-Security-Policy")
        nonce = re.findall(r'nonce="([^"]+)"', answer.text)
        assert policies == [str(app.config["PORTAL_CSP"]).format(nonce=nonce[0])]
        assert len(set(nonce)) == 1
        page = BeautifulSoup(answer.text, "html.parser")
        assert not page.select("style, [style], script:not([src])")
        attributes = {name for tag in page.find_all() for name in tag.attrs}
        assert not {name for name in attributes if name.startswith(("on", "hx-on"))}
        for tag in page.select("script, link[rel=stylesheet], img"):
            source = str(tag.get("src") or tag.get("href"))
            assert source.startswith(("/static/", f"{case.prefix}/static/"))
            loaded = client.get(source)
            assert loaded.status_code == 200
            loaded.close()


@grounds(PORTAL, kinds=("sqlite",))
def test_errors_stay_the_host_s_own_except_on_our_pages(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host answers unknown addresses and mistakes of ours; what we refuse, we refuse in our words."""
    client = ground.ready().test_client()
    assert client.get("/unknown").json == {"error": 404, "path": "/unknown"}
    assert client.get("/help/desk/un/known").json == {"error": 404, "path": "/help/desk/un/known"}
    ours = client.get("/help/desk/t/unknown")
    assert ours.status_code == 404
    assert "There is nothing here" in ours.text
    monkeypatch.setattr("paidsupport.catalogue.queries.services", lambda _: 1 // 0)
    assert client.get("/help/desk/").json == {"error": 500, "path": "/help/desk/"}


@grounds(PORTAL, kinds=("sqlite",))
def test_two_desks_in_one_process_do_not_mix(ground: Ground) -> None:
    """Two applications, prefixes and databases, one `PaidSupport`: each has its own people and tickets."""
    apps = [ground.ready(), ground.ready({"PAIDSUPPORT_URL_PREFIX": "/hilfe", "PAIDSUPPORT_NAME": "Hilfe"})]
    prefixes = ["/help/desk", "/hilfe"]
    clients = [app.test_client() for app in apps]
    for app in apps:
        open_desk(app)
    hire(apps[0], "ada")
    hire(apps[1], "mia", "Mia")
    codes: list[list[str]] = [[], []]
    for number in (0, 1, 1, 0, 1):
        codes[number].append(order(clients[number], prefixes[number]))
    for client in clients:
        client.environ_base["HTTP_REMOTE_USER"] = "ada"
    page = clients[0].get("/help/desk/desk/").text
    assert all(code in page for code in codes[0])
    assert not any(code in page for code in codes[1])
    assert "/hilfe" not in page
    assert clients[1].get("/hilfe/desk/").status_code == 404
    assert clients[1].get("/help/desk/").status_code == 404
    assert claim(clients[0], "/help/desk", codes[0][0]).status_code == 303
    hire(apps[1], "ada", "Berta")
    with apps[0].app_context():
        page = clients[1].get("/hilfe/desk/").text
    assert all(code in page for code in codes[1])
    assert "Berta" in page
    assert "/help/desk/" not in page


@grounds(SHOP, PORTAL, kinds=("sqlite",))
def test_letters_do_not_depend_on_the_host_s_jinja(ground: Ground) -> None:
    """A host that trims blocks and forbids undefined names gets the same emails, line for line."""
    case, app = ground.case, ground.ready()
    open_desk(app)
    take_over(app)
    worker = app.test_client()
    hire(app, case.sign_in(worker))
    code = order(worker, case.prefix)
    claim(worker, case.prefix, code)
    form = form_in(worker.get(f"{case.prefix}/desk/tickets/{code}/write").text, "body")
    draft = form.select_one("textarea")
    assert draft
    lines = draft.text.splitlines()
    assert f"I'm Ada, and I've taken your order. Your confirmation code is {code}." in lines
    assert lines[lines.index("You've confirmed:") - 1] == ""
    price = next(line for line in lines if line.startswith("Price: "))
    assert lines[lines.index(price) - 1] == ""
    (mail,) = work(app)
    text = mail.get_body(("plain",))
    assert isinstance(text, EmailMessage)
    assert "\n-- \nConfirmation code: " in text.get_content()


@grounds(BLOG)
def test_notices_are_shown_once_and_the_host_s_are_its_own(ground: Ground) -> None:
    """A layout that shows flashed messages does not repeat ours, and we use none of its up."""
    app = ground.ready()
    open_desk(app)
    client = app.test_client()
    hire(app, ground.case.sign_in(client))
    code = order(client, "/support")
    claimed = claim(client, "/support", code)
    assert client.get(claimed.location).text.count("Ticket claimed. Write to the customer next.") == 1
    assert "Ticket claimed. Write to the customer next." not in client.get(claimed.location).text

    app = ground.ready({"PAIDSUPPORT_LAYOUT": "paidsupport/_page.html"})
    client = app.test_client()
    ground.case.sign_in(client)
    client.get("/support/")
    assert "You are in." in client.get("/").text


@grounds(SHOP, kinds=("sqlite",))
def test_behind_a_proxy_that_takes_a_prefix_off_every_address_has_it(ground: Ground) -> None:
    """Links, forms, scripts and polls of customers and of the desk, and where strangers are sent."""
    app = ground.ready()
    open_desk(app)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    client = app.test_client()
    hire(app, ground.case.sign_in(client))
    client.environ_base["HTTP_X_FORWARDED_PREFIX"] = "/shop"
    seen = set()
    for path in ("/", "/order/installation", "/verify", "/desk/", "/desk/profile", "/desk/outbox"):
        page = BeautifulSoup(client.get(f"/support{path}").text, "html.parser")
        for tag in page.select(".ps-root *, link, script"):
            for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
                if str(tag.get(name, "")).startswith("/"):
                    assert str(tag[name]).startswith("/shop/"), tag
                    seen.add(name)
    assert {"href", "src", "action"} <= seen
    stranger = app.test_client().get("/support/desk/", headers={"X-Forwarded-Prefix": "/shop"})
    assert stranger.location.startswith("/shop/login")
