"""A host that has made no key for the vault: it is told so, and nobody is offered what cannot be done."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial

import pytest

from paidsupport.testing import mount_of, take_over, work
from tests.hosts.cases import SHOP
from tests.hosts.grounds import Ground, grounds
from tests.hosts.visits import claim, hire, open_desk, order, run
from tests.tickets.ordering.ordering import words

pytestmark = pytest.mark.row("P1")


@grounds(SHOP, kinds=("sqlite",))
def test_a_missing_key_is_said_at_the_start_and_by_the_doctor(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    """Once in the log, with the command that makes a key; the doctor warns and fails nothing."""
    ground.ready()  # the first one is copied for all others, and has said it then
    caplog.clear()
    with caplog.at_level(logging.WARNING, "paidsupport.vault"):
        app = ground.ready()
    (record,) = caplog.records
    assert "flask paidsupport vault new-key" in record.getMessage()
    done = app.test_cli_runner().invoke(args=["paidsupport", "doctor"])
    assert done.exit_code == 0, done.output
    assert "customers cannot share logins" in done.stderr
    caplog.clear()
    key = run(app, "paidsupport", "vault", "new-key").strip()
    keyed = ground.ready({"PAIDSUPPORT_VAULT_KEYS": key})
    assert not caplog.records
    doctor = partial(keyed.test_cli_runner().invoke, args=["paidsupport", "doctor"])
    assert doctor().stderr == "Warning: No worker has run yet, so no emails are sent. Start one.\n"
    run(keyed, "paidsupport", "worker", "--once")
    assert doctor().stderr == ""
    mount_of(keyed).clock = lambda: datetime.now(UTC) + timedelta(minutes=7)
    assert (
        doctor().stderr
        == "Warning: No worker has been seen for 7 minutes, so no emails are sent. Start one.\n"
    )


@grounds(SHOP, kinds=("sqlite",))
def test_without_a_key_no_page_offers_to_give_access(ground: Ground) -> None:
    """Neither the customer's page nor the desk's; the page behind an old address says what to do instead."""
    app = ground.ready()
    open_desk(app)
    take_over(app)
    visitor, worker = app.test_client(), app.test_client()
    code = order(visitor, "/support")
    hire(app, ground.case.sign_in(worker))
    assert claim(worker, "/support", code).status_code == 303
    (email,) = work(app)
    text = email.get_body(("plain",))
    assert isinstance(text, EmailMessage)
    path = re.findall(r"/support/t/\S+", text.get_content())[0]
    page = visitor.get(path).text
    assert "Share a login" not in page
    assert "Your logins" not in page
    closed = visitor.get(f"{path}/access").text
    assert "You can't share a login here. Ask Ada" in words(closed)
    assert "<textarea" not in closed
    assert "come back later" not in closed
    assert "vault" not in worker.get(f"/support/desk/tickets/{code}").text.lower()
    key = run(app, "paidsupport", "vault", "new-key").strip()
    mount = mount_of(app)
    object.__setattr__(mount.settings, "vault_keys", key)  # frozen
    mount.__dict__.pop("services")
    assert "Share a login" in visitor.get(path).text
