"""The vault: one owner, one view, one log line; and nothing left of what was destroyed (G15, G16, N2)."""

from __future__ import annotations

import logging
import re
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import make_url, select, text, update

from paidsupport.kernel import keyring
from paidsupport.kernel.actors import CLOCK, CUSTOMER, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    ShownBeforeError,
    TransitionRefusedError,
    VaultClosedError,
)
from paidsupport.kernel.files import Upload
from paidsupport.kernel.keyring import Keyring
from paidsupport.kernel.links import Links
from paidsupport.kernel.mount import Mount
from paidsupport.kernel.staff import operations as people
from paidsupport.privacy import redaction
from paidsupport.privacy.redaction import MASK
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence, files
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.conversation.tables import File, Message
from paidsupport.tickets.operations.history import TICKETS
from paidsupport.tickets.tables import Event, Ticket
from paidsupport.tickets.vault.operations import credentials as vault
from paidsupport.tickets.vault.operations import quotes, sealing
from paidsupport.tickets.vault.operations.credentials import Credential
from paidsupport.tickets.vault.operations.quotes import refuse_quotes
from paidsupport.tickets.vault.tables import Look, Secret
from tests.people import Desk
from tests.postgres import Postgres, find_bindir
from tests.sites import VAULT_KEY, site

pytestmark = pytest.mark.row("G15")

PASSWORD = "correct Horse/battery+staple"
#: One that no other test ever writes: they share a server, and so its log.
UNWRITTEN = "walrus Teapot/gravel+lantern"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5RzZsmLCyrxGAJOlHyQ9jmsAR7qWpRKJEKIrxjfqGa ada@laptop"


@pytest.fixture
def code(desk: Desk) -> str:
    """A ticket that Ada works on."""
    return desk.in_progress(desk.ada)


@pytest.fixture
def lite_code(lite_desk: Desk) -> str:
    """The same where the database makes no difference."""
    return lite_desk.in_progress(lite_desk.ada)


def secret_of(desk: Desk, reference: str) -> Secret:
    """The row as it is now."""
    with desk.ctx() as ctx:
        return ctx.session.scalars(select(Secret).where(Secret.reference == reference)).one()


def data_of(desk: Desk, kind: str) -> list[dict[str, object]]:
    """What history keeps about events of a kind."""
    with desk.ctx() as ctx:
        wanted = select(Event).where(Event.kind == kind).order_by(Event.id)
        return [event.data for event in ctx.session.scalars(wanted)]


def reconfigured(desk: Desk, setting: str) -> Mount:
    """The desk as if it had been started with other master keys."""
    mount = mount_of(desk.app)
    mount.__dict__["services"] = replace(mount.services, vault=Keyring(setting))
    return mount


@contextmanager
def failing(desk: Desk, by: Actor) -> Iterator[Context]:
    """A context that fails after all that was done in it."""
    with suppress(RuntimeError), desk.ctx(by) as ctx:
        yield ctx
        raise RuntimeError


class TestKeyring:
    """The master keys."""

    def test_the_first_key_seals_and_all_of_them_open(self) -> None:
        """What was sealed under a key opens as long as that key is anywhere in the setting."""
        old, new = keyring.new_key(), keyring.new_key()
        sealed = Keyring(old).seal(b"k" * 32, b"about")
        both = Keyring(f"{new}, {old}")
        assert both.first == Keyring(new).first != Keyring(old).first
        assert both.open(Keyring(old).first, sealed, b"about") == b"k" * 32
        with pytest.raises(VaultClosedError, match="vault"):
            Keyring(new).open(Keyring(old).first, sealed, b"about")

    @pytest.mark.parametrize(
        "setting",
        ["", " , ", "short", VAULT_KEY[:-1], VAULT_KEY + "AAAA", "ä" * 43, f"{VAULT_KEY},x", "!" * 43],
    )
    def test_a_wrong_setting_opens_and_seals_nothing(self, setting: str) -> None:
        """Not even the right one of two keys is used; the fault says what to do and tells no key."""
        keys = Keyring(setting)
        assert keys.fault
        assert VAULT_KEY not in keys.fault
        assert not keys.knows(Keyring(VAULT_KEY).first)
        with pytest.raises(VaultClosedError):
            keys.seal(b"k" * 32, b"about")
        with pytest.raises(VaultClosedError):
            keys.open(Keyring(VAULT_KEY).first, b"", b"about")

    def test_no_key_is_in_what_is_printed(self, lite_app: Flask) -> None:
        """Neither of the ring, nor of the services, nor of the settings."""
        mount = mount_of(lite_app)
        with lite_app.app_context():
            shown = f"{mount.services!r} {mount.settings!r} {Keyring(VAULT_KEY)!r} {mount!r}"
        assert VAULT_KEY not in shown
        assert Keyring(VAULT_KEY).first in shown

    @pytest.mark.parametrize("changed", ["key", "about", "content", "nonce", "cut"])
    def test_what_was_changed_does_not_open(self, changed: str) -> None:
        """Every bit counts: of the key, of what it is about, of the nonce and of the content."""
        key, about = b"k" * 32, b"about"
        sealed = keyring.seal(key, b"content", about)
        assert keyring.open_sealed(key, sealed, about) == b"content"
        sealed = {
            "content": sealed[:-1] + bytes([sealed[-1] ^ 1]),
            "nonce": bytes([sealed[0] ^ 1]) + sealed[1:],
            "cut": sealed[:5],
        }.get(changed, sealed)
        with pytest.raises(VaultClosedError):
            keyring.open_sealed(
                b"x" * 32 if changed == "key" else key, sealed, b"" if changed == "about" else about
            )

    def test_no_two_sealings_are_alike(self) -> None:
        """The same password twice is not recognised as the same."""
        assert keyring.seal(b"k" * 32, b"x", b"a") != keyring.seal(b"k" * 32, b"x", b"a")


class TestGiving:
    """What the customer gives."""

    def test_it_is_sealed_told_and_written_down(self, desk: Desk, code: str) -> None:
        """The row holds no plaintext, the owner has a notice that quotes nothing, history a line."""
        desk.work()
        reference = desk.give(code, PASSWORD, label="SSH on gallery.example.com", account="jane")
        row = secret_of(desk, reference)
        assert (row.kind, row.label, row.account) == ("password", "SSH on gallery.example.com", "jane")
        assert row.sealed
        assert PASSWORD.encode() not in row.sealed
        assert row.key_id == Keyring(VAULT_KEY).first
        (mail,) = desk.work()
        assert mail["To"].addresses[0].username == "ada"
        for private in (PASSWORD, "gallery.example.com", "jane"):
            assert private not in mail.as_string()
        assert data_of(desk, "secret-given") == [
            {"reference": reference, "kind": "password", "key_id": row.key_id}
        ]
        assert desk.broken() == {}

    def test_only_while_somebody_holds_the_ticket(self, desk: Desk) -> None:
        """Before a claim and after the end, nothing is kept."""
        code = desk.order()
        with pytest.raises(TransitionRefusedError, match="No developer has your order"):
            desk.give(code, PASSWORD)
        ended = desk.in_progress(desk.ada)
        desk.finish(ended, desk.ada)
        with pytest.raises(TransitionRefusedError, match="No developer has your order"):
            desk.give(ended, PASSWORD)
        assert desk.given(code) == desk.given(ended) == []

    @pytest.mark.parametrize(
        ("field", "changed"),
        [
            ("kind", {"kind": "key"}),
            ("kind", {"kind": ""}),
            ("label", {"label": " "}),
            ("label", {"label": "a\nb"}),
            ("label", {"label": "password: hunter2"}),
            ("label", {"label": f"SSH {PASSWORD}"}),
            ("label", {"label": "x" * 201}),
            ("account", {"account": "a\u202eb"}),
            ("account", {"account": PASSWORD}),
            ("account", {"kind": "account", "account": ""}),
            ("secret", {"secret": ""}),
            ("secret", {"secret": " \n "}),
            ("secret", {"secret": "x" * 4001}),
            ("secret", {"secret": "a\0b"}),
        ],
    )
    def test_a_bad_offer_is_refused_at_its_field(
        self, lite_desk: Desk, lite_code: str, field: str, changed: dict[str, str]
    ) -> None:
        """Nothing is kept, and no sentence quotes what was typed."""
        credential = replace(Credential("password", "SSH", "jane", PASSWORD), **changed)
        with pytest.raises(InvalidInputError) as refused, lite_desk.ctx(CUSTOMER) as ctx:
            vault.give(ctx, tickets.lock(ctx.session, lite_code), credential, key=new_key())
        assert set(refused.value.problems) == {field}
        assert PASSWORD not in str(refused.value)
        assert lite_desk.given(lite_code) == []

    @pytest.mark.parametrize(
        "secret", ["x", "ü" * 4000, "-----BEGIN\r\nabc\r\n-----END", " leading", "\"'\\"]
    )
    def test_what_was_given_comes_back_as_it_was(self, lite_desk: Desk, lite_code: str, secret: str) -> None:
        """Whatever its length and emails; only line ends are made uniform."""
        reference = lite_desk.give(lite_code, secret)
        assert lite_desk.look(lite_code, reference, lite_desk.ada) == secret.replace("\r\n", "\n")

    def test_a_form_sent_twice_gives_once(self, desk: Desk, code: str) -> None:
        """The same key with another password is refused."""
        key = new_key()

        def send(secret: str) -> str:
            with desk.ctx(CUSTOMER) as ctx:
                credential = Credential("password", "SSH", "jane", secret)
                return vault.give(ctx, tickets.lock(ctx.session, code), credential, key=key).reference

        assert send(PASSWORD) == send(PASSWORD)
        with pytest.raises(KeyReusedError):
            send("another")
        assert len(desk.given(code)) == 1

    def test_no_hash_of_it_can_be_guessed(self, lite_desk: Desk, lite_code: str) -> None:
        """What recognises a repeated form is keyed: a copy of the database does not confirm a guess."""
        lite_desk.give(lite_code, PASSWORD)
        with lite_desk.ctx() as ctx:
            event = ctx.session.scalars(select(Event).where(Event.kind == "secret-given")).one()
            assert event.fingerprint == ctx.services.links.digest(
                "vault", "password", "SSH", "jane", PASSWORD
            )
            assert event.fingerprint != Links(["other"]).digest("vault", "password", "SSH", "jane", PASSWORD)

    def test_there_is_an_end_to_it(self, lite_desk: Desk, lite_code: str) -> None:
        """Twenty at once; a destroyed one makes room."""
        references = [lite_desk.give(lite_code, f"{PASSWORD} {number}") for number in range(vault.MOST_KEPT)]
        with pytest.raises(TransitionRefusedError, match="20"):
            lite_desk.give(lite_code, PASSWORD)
        lite_desk.take_back(lite_code, references[0])
        lite_desk.give(lite_code, PASSWORD)

    def test_a_public_key_is_noted_and_seals_nothing(self, desk: Desk, code: str) -> None:
        """If it is the one the owner has now; the form that showed another is refused."""
        for shown in ("", PUBLIC_KEY):
            with pytest.raises(TransitionRefusedError, match="changed"), desk.ctx(CUSTOMER) as ctx:
                vault.trust_key(ctx, tickets.lock(ctx.session, code), shown, key=new_key())
        with desk.ctx(desk.ada) as ctx:
            people.set_profile(ctx, email="ada@example.org", payment="x", public_key=PUBLIC_KEY)
        with desk.ctx(CUSTOMER) as ctx:
            row = vault.trust_key(ctx, tickets.lock(ctx.session, code), PUBLIC_KEY, key=new_key())
        assert (row.kind, row.public_key, row.sealed, row.key_reference) == ("key", PUBLIC_KEY, None, None)
        with pytest.raises(NotFoundError):
            desk.look(code, row.reference, desk.ada)
        assert desk.destroy(code, row.reference, desk.ada).destroyed_at == desk.clock.now
        assert desk.broken() == {}


class TestLooking:
    """One owner, one view, one log line."""

    @pytest.mark.row("N2")
    def test_the_owner_sees_it_and_a_line_tells_of_it(self, desk: Desk, code: str) -> None:
        """Who, when, why, under which claim; history has no word of it but that it happened."""
        reference = desk.give(code, PASSWORD)
        assert desk.look(code, reference, desk.ada, reason="To upload the album.") == PASSWORD
        (look,) = desk.given(code)[0].looks
        assert (look.person_name, look.reason, look.claim_number, look.at) == (
            "Ada",
            "To upload the album.",
            1,
            desk.clock.now,
        )
        assert data_of(desk, "secret-looked") == [
            {"reference": reference, "kind": "password", "key_id": Keyring(VAULT_KEY).first}
        ]
        assert desk.broken() == {}

    def test_nobody_else_sees_it(self, desk: Desk, code: str) -> None:
        """Not a colleague, not a manager, not the customer, not the clock; and no line is written."""
        reference = desk.give(code, PASSWORD)
        for other in (desk.ben, desk.mia, CUSTOMER, CLOCK, Actor("visitor", "x", 4711)):
            with pytest.raises(TransitionRefusedError, match="Only the owner of this ticket can view"):
                desk.look(code, reference, other)
        assert desk.given(code)[0].looks == []

    @pytest.mark.parametrize("ending", ["release", "hand-over", "lapse", "abandon"])
    def test_it_goes_with_the_claim(self, desk: Desk, code: str, ending: str) -> None:
        """An owner who released, handed over, lost or ended it sees nothing; the new owner does."""
        reference = desk.give(code, PASSWORD)
        if ending == "lapse":
            desk.clock.forward(days=20)
            desk.work()
        else:
            more: dict[str, Any] = {"colleague": desk.ben.id} if ending == "hand-over" else {}
            more |= {"reason": "backed-out"} if ending == "abandon" else {}
            desk.transition(code, ending, desk.ada, note="So.", **more)
        with pytest.raises(TransitionRefusedError):
            desk.look(code, reference, desk.ada)
        if ending == "abandon":
            return
        if ending != "hand-over":
            desk.claim(code, desk.ben)
        assert desk.look(code, reference, desk.ben) == PASSWORD
        assert [look.person_name for look in desk.given(code)[0].looks] == ["Ben"]

    def test_an_old_page_shows_nothing_under_a_new_claim(self, desk: Desk, code: str) -> None:
        """The claim that the page showed is compared, though the person is the same."""
        reference = desk.give(code, PASSWORD)
        desk.transition(code, "release", desk.ada, note="So.")
        desk.claim(code, desk.ada)
        with pytest.raises(TransitionRefusedError, match="You lost the claim"):
            desk.look(code, reference, desk.ada, claim=1)
        assert desk.given(code)[0].looks == []

    def test_a_repeated_key_never_shows_again(self, desk: Desk, code: str) -> None:
        """Going back, loading anew, sending again: one line, one plaintext; nor for another secret."""
        first, second = desk.give(code, PASSWORD), desk.give(code, "another one")
        key = new_key()
        desk.look(code, first, desk.ada, key=key)
        for reference in (first, second):
            with pytest.raises(ShownBeforeError):
                desk.look(code, reference, desk.ada, key=key, reason="Again.")
        assert sum(len(given.looks) for given in desk.given(code)) == 1

    @pytest.mark.parametrize("reason", ["", "  ", "\u200b", "a\nb", "password: x", PASSWORD, "x" * 201])
    def test_a_reason_is_required_and_gives_nothing_away(
        self, lite_desk: Desk, lite_code: str, reason: str
    ) -> None:
        """The customer reads it."""
        reference = lite_desk.give(lite_code, PASSWORD)
        with pytest.raises(InvalidInputError) as refused:
            lite_desk.look(lite_code, reference, lite_desk.ada, reason=reason)
        assert set(refused.value.problems) == {"reason"}
        assert PASSWORD not in str(refused.value)
        assert lite_desk.given(lite_code)[0].looks == []

    @pytest.mark.row("N2")
    def test_as_many_lines_as_looks_at_once(self, desk: Desk, code: str) -> None:
        """Two windows, one moment: both see it, and both are told of."""
        reference, at_once = desk.give(code, PASSWORD), 4
        barrier = threading.Barrier(at_once)

        def click(number: int) -> str:
            barrier.wait(120)
            return desk.look(code, reference, desk.ada, reason=f"Window {number}.")

        with ThreadPoolExecutor(at_once) as pool:
            assert list(pool.map(click, range(at_once))) == [PASSWORD] * at_once
        assert len(desk.given(code)[0].looks) == at_once
        assert desk.happened(code).count("secret-looked") == at_once
        assert desk.broken() == {}

    def test_one_form_sent_twice_at_once_shows_once(self, desk: Desk, code: str) -> None:
        """Of two equal requests one is refused, however close together they come."""
        reference, key = desk.give(code, PASSWORD), new_key()
        barrier = threading.Barrier(2)

        def click(_number: int) -> str:
            barrier.wait(120)
            try:
                return desk.look(code, reference, desk.ada, key=key)
            except ShownBeforeError:
                return ""

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(click, range(2))) == ["", PASSWORD]
        assert len(desk.given(code)[0].looks) == 1

    def test_another_tickets_secret_is_not_found(self, desk: Desk, code: str) -> None:
        """Also for one who owns both."""
        reference = desk.give(code, PASSWORD)
        other = desk.in_progress(desk.ada)
        for act in (desk.look, desk.destroy):
            with pytest.raises(NotFoundError):
                act(other, reference, desk.ada)
        with pytest.raises(NotFoundError):
            desk.take_back(other, reference)

    def test_moved_bytes_open_nothing(self, lite_desk: Desk, lite_code: str) -> None:
        """A person who can write to the database cannot make one secret appear as another."""
        first, second = lite_desk.give(lite_code, PASSWORD), lite_desk.give(lite_code, "mine")
        row = secret_of(lite_desk, first)
        with lite_desk.ctx() as ctx:
            ctx.session.execute(
                update(Secret)
                .where(Secret.reference == second)
                .values(sealed=row.sealed, key_reference=row.key_reference)
            )
        with pytest.raises(VaultClosedError):
            lite_desk.look(lite_code, second, lite_desk.ada)


@pytest.mark.row("G16")
class TestDestroying:
    """Gone is gone."""

    @pytest.mark.parametrize("who", ["customer", "owner", "manager"])
    def test_the_row_and_the_data_key_are_emptied(self, desk: Desk, code: str, who: str) -> None:
        """By the customer, by the owner, by a manager; twice does nothing more."""
        reference = desk.give(code, PASSWORD)
        data_key = secret_of(desk, reference).key_reference
        assert data_key
        by = {"owner": desk.ada, "manager": desk.mia}.get(who)
        for _ in range(2):
            row = desk.destroy(code, reference, by) if by else desk.take_back(code, reference)
        assert (row.sealed, row.key_reference, row.destroyed_at) == (None, None, desk.clock.now)
        assert row.destroyed_by == (by.name if by else "the customer")
        with desk.ctx() as ctx, pytest.raises(NotFoundError):
            ctx.services.files.open(data_key)
        with pytest.raises(TransitionRefusedError, match="has been deleted"):
            desk.look(code, reference, desk.ada)
        assert desk.happened(code).count("secret-destroyed") == 1
        assert desk.broken() == {}

    def test_a_colleague_cannot(self, desk: Desk, code: str) -> None:
        """Who neither holds the ticket nor manages destroys nothing."""
        reference = desk.give(code, PASSWORD)
        with pytest.raises(TransitionRefusedError, match="Only the owner"):
            desk.destroy(code, reference, desk.ben)
        assert desk.look(code, reference, desk.ada) == PASSWORD

    def test_what_is_refused_destroys_nothing(
        self, desk: Desk, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The data key goes last: a transaction that fails, or is rolled back, leaves it where it is."""
        reference = desk.give(code, PASSWORD)
        with failing(desk, desk.ada) as ctx:
            vault.destroy(ctx, code, reference, key=new_key())
        with desk.ctx(desk.ada) as ctx:
            vault.destroy(ctx, code, reference, key=new_key())
            ctx.session.rollback()  # as a form does whose operation was refused; then the request commits
        with monkeypatch.context() as patched:
            patched.setattr("paidsupport.tickets.operations.history.TICKETS.change", _refuse)
            with pytest.raises(RuntimeError):
                desk.destroy(code, reference, desk.ada)
        assert desk.look(code, reference, desk.ada) == PASSWORD

    def test_a_commit_that_fails_afterwards_shows_nothing_to_anybody(self, desk: Desk, code: str) -> None:
        """Then the key is gone already: it cannot be opened, says so, and can still be destroyed."""
        reference = desk.give(code, PASSWORD)
        data_key = secret_of(desk, reference).key_reference
        assert data_key
        mount_of(desk.app).services.files.drop(data_key)
        with pytest.raises(VaultClosedError, match="vault is closed") as refused:
            desk.look(code, reference, desk.ada)
        assert "Delete that login" in refused.value.repair
        assert desk.given(code)[0].looks == []
        assert set(desk.broken()) == {"data keys exist"}
        desk.destroy(code, reference, desk.ada)
        assert desk.broken() == {}

    def test_all_of_a_ticket_at_once(self, desk: Desk, code: str) -> None:
        """For moves that end the work: they write the columns that go with the history."""
        with desk.ctx(desk.ada) as ctx:
            ticket = tickets.lock(ctx.session, code)
            before = TICKETS.head(ticket)
            vault.destroy_all(ctx, ticket)
            assert TICKETS.head(ticket) == before
        keys = [secret_of(desk, desk.give(code, f"{PASSWORD} {number}")).key_reference for number in range(3)]
        with desk.ctx(desk.ada) as ctx:
            ticket = tickets.lock(ctx.session, code)
            assert len(vault.kept(ctx, ticket)) == 3
            vault.destroy_all(ctx, ticket)
            tickets.change(ctx.session, ticket, **TICKETS.head(ticket))
            assert vault.kept(ctx, ticket) == []
            for key in keys:
                ctx.services.files.open(str(key)).close()
        with desk.ctx() as ctx:
            for key in keys:
                with pytest.raises(NotFoundError):
                    ctx.services.files.open(str(key))
        assert desk.broken() == {}

    def test_the_customer_notes_that_it_is_changed(self, desk: Desk, code: str) -> None:
        """Once, and only when it is not in use any more."""
        reference = desk.give(code, PASSWORD)

        def note(key: str) -> Secret:
            with desk.ctx(CUSTOMER) as ctx:
                return vault.change_noted(ctx, tickets.lock(ctx.session, code), reference, key=key)

        with pytest.raises(TransitionRefusedError, match="still in use"):
            note(new_key())
        desk.destroy(code, reference, desk.ada)
        key = new_key()
        assert [note(each).changed_at for each in (key, key, new_key())] == [desk.clock.now] * 3
        assert desk.happened(code).count("secret-changed") == 1


def _refuse(*_: object, **__: object) -> None:
    raise RuntimeError


@pytest.mark.row("G16")
class TestBytes:
    """What a thief of disks finds."""

    def test_on_sqlite_nothing_is_left(self, lite_desk: Desk, lite_code: str, tmp_path: Path) -> None:
        """Neither in the file, nor in its log, nor among the files; and an older copy opens nothing."""
        desk = lite_desk
        path = Path(str(make_url(desk.app.config["SQLALCHEMY_DATABASE_URI"]).database))
        reference = desk.give(lite_code, UNWRITTEN)
        assert desk.look(lite_code, reference, desk.ada) == UNWRITTEN
        copy = tmp_path / "copy.sqlite3"
        with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(copy)) as target:
            live.backup(target)
        stolen = secret_of(desk, reference)
        _nothing_readable([path, copy, *path.parent.glob(f"{path.name}-*"), *(tmp_path / "files").rglob("*")])
        envelope = _envelope(desk, stolen)
        desk.take_back(lite_code, reference)
        _nothing_readable([path, *path.parent.glob(f"{path.name}-*"), *(tmp_path / "files").rglob("*")])
        _copy_opens_only_with_its_data_key(desk, lite_code, stolen, envelope)
        assert envelope not in b"".join(
            p.read_bytes() for p in (tmp_path / "files").rglob("*") if p.is_file()
        )
        assert sealed_in(copy) == stolen.sealed

    def test_the_log_of_sqlite_is_cut_while_a_server_runs(self, lite_desk: Desk, lite_code: str) -> None:
        """The sealed bytes leave with the commit that destroys them; a reader delays that to the next one."""
        desk = lite_desk
        path = Path(str(make_url(desk.app.config["SQLALCHEMY_DATABASE_URI"]).database))
        with closing(sqlite3.connect(path)) as server:
            server.execute("PRAGMA journal_mode = WAL").fetchall()
            gone, delayed = (desk.give(lite_code, UNWRITTEN) for _ in range(2))
            sealed = [secret_of(desk, reference).sealed or b"" for reference in (gone, delayed)]
            desk.take_back(lite_code, gone)
            files = [path, *path.parent.glob(f"{path.name}-*")]
            assert len(files) > 1  # the server keeps the log in use
            assert [content in b"".join(p.read_bytes() for p in files) for content in sealed] == [False, True]
            server.execute("BEGIN")
            server.execute("SELECT count(*) FROM paidsupport_secret").fetchall()
            desk.take_back(lite_code, delayed)
            server.execute("COMMIT")
            desk.order()
            assert sealed[1] not in b"".join(p.read_bytes() for p in files)

    @pytest.mark.postgres
    def test_on_postgresql_nothing_is_left(self, pg_desk: Desk, postgres: Postgres, tmp_path: Path) -> None:
        """Neither in a dump, nor in the files of tables, nor in the log that is written ahead."""
        desk = pg_desk
        code = desk.in_progress(desk.ada)
        reference = desk.give(code, UNWRITTEN)
        assert desk.look(code, reference, desk.ada) == UNWRITTEN
        stolen, envelope = secret_of(desk, reference), _envelope(desk, secret_of(desk, reference))
        url = make_url(desk.app.config["SQLALCHEMY_DATABASE_URI"])
        before = _dump(url.database or "", str(url.query["host"]))
        assert stolen.sealed
        assert stolen.sealed.hex() in before.decode()
        desk.destroy(code, reference, desk.ada)
        with desk.ctx() as ctx:
            ctx.session.execute(text("SELECT pg_switch_wal()"))
            ctx.session.commit()
            ctx.session.execute(text("CHECKPOINT"))
        for content in (before, _dump(url.database or "", str(url.query["host"]))):
            assert UNWRITTEN.encode() not in content
        folders = [postgres.folder / "data" / name for name in ("base", "pg_wal")]
        _nothing_readable([p for folder in folders for p in folder.rglob("*")])
        left = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
        assert [path for path in left if "journal" not in path.parts] == []
        _copy_opens_only_with_its_data_key(desk, code, stolen, envelope)


def sealed_in(path: Path) -> bytes:
    """What a copy of the database still has."""
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute("SELECT sealed FROM paidsupport_secret").fetchone()
        return bytes(found)


def _dump(database: str, host: str) -> bytes:
    bindir = find_bindir()
    assert bindir
    command = [str(bindir / "pg_dump"), "-U", "ps", "-h", host, database]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _nothing_readable(paths: list[Path]) -> None:
    found = [path for path in paths if path.is_file()]
    assert found
    for path in found:
        content = path.read_bytes()
        for dress in (UNWRITTEN, UNWRITTEN[3:12]):
            assert dress.encode() not in content, path
            assert dress.encode("utf-16-le") not in content, path


def _envelope(desk: Desk, row: Secret) -> bytes:
    with desk.ctx() as ctx, ctx.services.files.open(str(row.key_reference)) as content:
        return content.read()


def _copy_opens_only_with_its_data_key(desk: Desk, code: str, stolen: Secret, envelope: bytes) -> None:
    """With a copy of the row and the master key, only the file that is gone would have opened it."""
    ticket = desk.ticket(code)
    assert stolen.sealed
    about = f"paidsupport.vault.1:{ticket.reference}:{stolen.reference}".encode()
    master = keyring._decoded(VAULT_KEY)
    assert master
    with desk.ctx() as ctx, pytest.raises(VaultClosedError):
        sealing.opened(ctx.services, ticket.reference, sealing.of(stolen))
    for key in (master, bytes(32), stolen.sealed[:32]):
        with pytest.raises(VaultClosedError):
            keyring.open_sealed(key, stolen.sealed, about)
    data_key = keyring.open_sealed(master, envelope, about)
    assert keyring.open_sealed(data_key, stolen.sealed, about).decode() == UNWRITTEN


class TestFiles:
    """The data keys among the files."""

    def test_the_sweep_leaves_them_alone(self, desk: Desk, code: str) -> None:
        """Those that a secret names; what a failed transaction left goes."""
        reference = desk.give(code, PASSWORD)
        with failing(desk, CUSTOMER) as ctx:
            credential = Credential("password", "SSH", "jane", PASSWORD)
            lost = vault.give(ctx, tickets.lock(ctx.session, code), credential, key=new_key()).key_reference
        desk.clock.now = desk.clock.now.replace(year=2200)
        with desk.ctx(CLOCK) as ctx:
            assert files.sweep(ctx, ctx.now) == 1
            with pytest.raises(NotFoundError):
                ctx.services.files.open(str(lost))
        desk.clock.now = desk.clock.now.replace(year=2034)
        assert desk.look(code, reference, desk.ada) == PASSWORD


class TestClosed:
    """Without its key, or with a wrong one, nothing is kept or shown, and the rest works."""

    @pytest.mark.parametrize("setting", ["", "nonsense", keyring.new_key()], ids=["none", "bad", "another"])
    def test_nothing_is_stored_shown_or_sent(self, desk: Desk, code: str, setting: str) -> None:
        """Giving, looking, cutting and writing are refused with words; claims, orders and messages go on."""
        reference = desk.give(code, PASSWORD)
        desk.receive(code, "password: hunter2!x")
        mount = mount_of(desk.app)
        open_services = mount.services
        reconfigured(desk, setting)
        for act in (
            lambda: desk.give(code, "another"),
            lambda: desk.look(code, reference, desk.ada),
            lambda: desk.write(code, desk.ada, "How are you?"),
            lambda: desk.annotate(code, desk.ada, "Hm."),
            lambda: cut(desk, code, 2, desk.ada),
        ):
            with pytest.raises(VaultClosedError) as refused:
                act()
            assert "PAIDSUPPORT_VAULT_KEYS" in refused.value.repair
            assert "PAIDSUPPORT" not in str(refused.value)
        other = desk.order()
        desk.claim(other, desk.ben)
        desk.write(other, desk.ben)
        desk.receive(code, "Hello?")
        assert desk.given(code)[0].looks == []
        assert len(desk.given(code)) == 1
        desk.destroy(code, reference, desk.ada)
        desk.write(code, desk.ada, "How are you?")
        mount.__dict__["services"] = open_services
        desk.give(code, PASSWORD)

    def test_the_log_says_so_once_when_the_house_is_made(
        self, lite_desk: Desk, lite_code: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """With what to do; an empty vault without a key is no fault."""
        caplog.set_level(logging.INFO)

        def said(setting: str) -> list[str]:
            caplog.clear()
            uri = lite_desk.app.config["SQLALCHEMY_DATABASE_URI"]
            for app in site(uri, Path(), prepare=False, PAIDSUPPORT_VAULT_KEYS=setting):
                with app.app_context():
                    assert mount_of(app).services is mount_of(app).services
            return [record.message for record in caplog.records if "vault is closed" in record.message]

        assert said("") == said(VAULT_KEY) == []
        assert len(said("nonsense")) == 1
        lite_desk.give(lite_code, PASSWORD)
        assert said(VAULT_KEY) == []
        for setting in ("", "nonsense", keyring.new_key()):
            (line,) = said(setting)
            assert "PAIDSUPPORT_VAULT_KEYS" in line


def cut(desk: Desk, code: str, number: int, by: Actor, key: str = "") -> Message:
    """Move what looks like a login out of a message."""
    with desk.ctx(by) as ctx:
        return vault.cut(ctx, code, number, key=key or new_key())


def run(desk: Desk, *arguments: str) -> tuple[int, str]:
    """A command; its exit code and what it printed."""
    done = desk.app.test_cli_runner().invoke(args=["paidsupport", "vault", *arguments])
    return done.exit_code, done.output


class TestCommands:
    """`flask paidsupport vault …`."""

    def test_a_new_key_is_one_that_works(self, lite_desk: Desk) -> None:
        """And another one each time."""
        keys = [run(lite_desk, "new-key")[1].strip() for _ in range(2)]
        assert keys[0] != keys[1]
        assert not Keyring(",".join(keys)).fault

    def test_rotation_needs_the_old_key_once_more_and_never_again(self, desk: Desk, code: str) -> None:
        """Afterwards the new key alone opens everything, and no old data key is left."""
        reference = desk.give(code, PASSWORD)
        old = secret_of(desk, reference).key_reference
        new = keyring.new_key()
        reconfigured(desk, f"{new},{VAULT_KEY}")
        exit_code, printed = run(desk, "rotate")
        assert exit_code == 0, printed
        assert printed.startswith("Logins moved to the first master key: 1.")
        assert run(desk, "rotate")[1].startswith("Logins moved to the first master key: 0.")
        reconfigured(desk, new)
        assert desk.look(code, reference, desk.ada) == PASSWORD
        assert secret_of(desk, reference).key_id == Keyring(new).first
        with desk.ctx() as ctx, pytest.raises(NotFoundError):
            ctx.services.files.open(str(old))
        assert desk.broken() == {}

    def test_an_interrupted_rotation_loses_nothing(self, desk: Desk, code: str) -> None:
        """Whether it stops before its commit or after it, it can be done again."""
        references = [desk.give(code, f"{PASSWORD} {number}") for number in range(2)]
        reconfigured(desk, f"{keyring.new_key()},{VAULT_KEY}")
        with desk.ctx(CLOCK) as ctx:
            ids = sealing.under_old_keys(ctx)
        with failing(desk, CLOCK) as ctx:
            sealing.reseal(ctx, ids[0])
        with desk.ctx(CLOCK) as ctx:
            sealing.reseal(ctx, ids[0])  # and the old file stays
        assert desk.look(code, references[0], desk.ada) == f"{PASSWORD} 0"
        assert run(desk, "rotate")[1].startswith("Logins moved to the first master key: 1.")
        assert desk.look(code, references[1], desk.ada) == f"{PASSWORD} 1"

    def test_status_counts_and_names_what_is_wrong(self, desk: Desk, code: str) -> None:
        """By key id and ticket; unknown keys and lost data keys exit with 1."""
        assert run(desk, "status")[0] == 0
        reference = desk.give(code, PASSWORD)
        exit_code, printed = run(desk, "status")
        assert exit_code == 0
        assert f"{Keyring(VAULT_KEY).first}: 1 stored, on {code}" in printed
        assert PASSWORD not in printed
        for setting in (keyring.new_key(), "", "nonsense"):
            open_services = mount_of(desk.app).services
            reconfigured(desk, setting)
            exit_code, printed = run(desk, "status")
            assert exit_code == 1
            assert f"UNKNOWN {Keyring(VAULT_KEY).first}" in printed
            assert "PAIDSUPPORT_VAULT_KEYS" in printed
            mount_of(desk.app).__dict__["services"] = open_services
        mount_of(desk.app).services.files.drop(str(secret_of(desk, reference).key_reference))
        exit_code, printed = run(desk, "status")
        assert exit_code == 1
        assert "data key of a login is gone" in printed


#: How somebody might write it down.
DRESSES: dict[str, Callable[[str], str]] = {
    "as it is": lambda secret: f"I used {secret} to log in.",
    "in a quoted mail": lambda secret: f"You wrote:\n> {secret[:9]}\n> {secret[9:]}",
    "in an address": lambda secret: (
        f"sftp://jane:{secret.replace('/', '%2F').replace(' ', '%20')}@example.com"
    ),
}


class TestQuotes:
    """No password leaves."""

    @pytest.mark.parametrize("dress", DRESSES)
    def test_no_letter_and_no_note_gives_it_away(self, desk: Desk, code: str, dress: str) -> None:
        """Neither to the customer nor to colleagues: the line is named, the secret is not."""
        desk.give(code, PASSWORD)
        said = f"Hello,\n\n{DRESSES[dress](PASSWORD)}"
        for field, act in (
            ("body", lambda: desk.write(code, desk.ada, said)),
            ("body", lambda: desk.annotate(code, desk.ben, said)),
            ("note", lambda: desk.transition(code, "release", desk.ada, note=said)),
        ):
            with pytest.raises(InvalidInputError) as refused:
                act()
            (sentence,) = refused.value.problems[field]
            assert MASK in sentence
            assert re.search(r"Line [34]", sentence)
            for piece in (PASSWORD, PASSWORD[:9], PASSWORD[9:]):
                assert piece not in sentence
        assert desk.happened(code).count("message-out") == 1
        assert desk.ticket(code).state == "in-progress"
        desk.write(code, desk.ada, "I logged in.")

    def test_a_preview_says_so_already(self, lite_desk: Desk, lite_code: str) -> None:
        """Before anything is sent."""
        lite_desk.give(lite_code, PASSWORD)
        with lite_desk.ctx(lite_desk.ada) as ctx:
            ticket = tickets.lock(ctx.session, lite_code)
            draft = Draft(PASSWORD, ticket.claim_number, ticket.thread, new_key())
            with pytest.raises(InvalidInputError):
                correspondence.preview(ctx, lite_code, draft)

    @pytest.mark.parametrize(
        ("name", "content", "where"),
        [
            ("plan.txt", f"a\nb\n{PASSWORD}".encode(), "in line 3"),
            ("plan.csv", f"a;{PASSWORD}".encode("utf-16"), "in line 1"),
            ("latin.txt", f"\xe4\n{PASSWORD}".encode("latin-1"), "in line 2"),
            ("photo.jpg", b"\xff\xd8\0\0" + PASSWORD.encode() + b"\0", "holds a login"),
        ],
    )
    def test_files_are_read_as_well(
        self, lite_desk: Desk, lite_code: str, name: str, content: bytes, where: str
    ) -> None:
        """Texts in any of the usual codings, and the plain bytes of everything else."""
        lite_desk.give(lite_code, PASSWORD)
        with pytest.raises(InvalidInputError) as refused:
            lite_desk.annotate(
                lite_code, lite_desk.ada, "See.", uploads=[Upload(name, len(content), BytesIO(content))]
            )
        (sentence,) = refused.value.problems["files"]
        assert name in sentence
        assert where in sentence
        assert PASSWORD not in sentence
        harmless = BytesIO(b"nothing in it")
        lite_desk.annotate(lite_code, lite_desk.ada, "See.", uploads=[Upload("a.txt", 13, harmless)])
        with lite_desk.ctx() as ctx:
            file = ctx.session.scalars(select(File)).one()
            with ctx.services.files.open(file.storage_key) as kept:
                assert kept.read() == b"nothing in it"

    def test_nor_what_the_customer_wrote_into_a_message(self, desk: Desk, code: str) -> None:
        """Though it is in no vault."""
        desk.receive(code, "The login is jane, password: tulip-Field-9.")
        for said in ("I used tulip-Field-9 as you said", "tulip-Field-9."):
            with pytest.raises(InvalidInputError):
                desk.write(code, desk.ada, said)
        desk.write(code, desk.ada, "Please do not write passwords here.")

    def test_what_is_destroyed_is_forgotten(self, desk: Desk, code: str) -> None:
        """Comparing is impossible once the secret no longer exists anywhere."""
        reference = desk.give(code, PASSWORD)
        desk.take_back(code, reference)
        desk.write(code, desk.ada, f"Was it {PASSWORD}?")

    def test_it_costs_one_query_and_none_for_nothing(self, desk: Desk, code: str) -> None:
        """On a ticket without secrets; customers and the clock are not asked at all."""
        with desk.ctx(desk.ada) as ctx:
            ticket = tickets.lock(ctx.session, code)
            with desk.statements() as seen:
                refuse_quotes(ctx, ticket, " \n")
            assert seen == []
            with desk.statements() as seen:
                refuse_quotes(ctx, ticket, "Hello.")
            assert len(seen) == 1
            with desk.statements() as seen:
                quotes.refuse_quotes(replace(ctx, by=CUSTOMER), ticket, "Hello.")
                quotes.refuse_quotes(replace(ctx, by=CLOCK), ticket, "Hello.")
            assert seen == []

    def test_it_is_no_look(self, desk: Desk, code: str) -> None:
        """Comparing shows nothing to anyone."""
        desk.give(code, PASSWORD)
        desk.write(code, desk.ada, "Hello.")
        assert desk.given(code)[0].looks == []


class TestMessages:
    """Passwords that customers write where they do not belong."""

    SAID = "Hello,\nuser jane, password: tulip-Field-9\nand the key ghp_abcdefghijklmnopqrstuvwxyz0123\nBye"

    def test_they_are_masked_wherever_they_are_read(self, desk: Desk, code: str) -> None:
        """In the row as it is read, in the index, in mails and in history."""
        desk.receive(code, self.SAID)
        with desk.ctx() as ctx:
            message = ctx.session.scalars(select(Message).where(Message.direction == "in")).one()
            assert message.holds_login
            assert message.body == f"Hello,\nuser jane, password: {MASK}\nand the key {MASK}\nBye"
            assert "tulip-Field-9" in message.raw
            assert search.newest_hits(ctx.session, ["tulip"], 9) == []
            assert len(search.newest_hits(ctx.session, ["bye"], 9)) == 1
            events = ctx.session.scalars(select(Event)).all()
            assert "tulip" not in str([event.data for event in events])
        assert all("tulip" not in mail.as_string() for mail in desk.work())

    def test_reading_masks_nothing(self, desk: Desk, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A hostile text costs its time once, when it arrives; the pages of both sides show what was kept."""
        desk.receive(code, self.SAID)
        monkeypatch.setattr(redaction, "_credentials", None)
        with desk.ctx() as ctx:
            message = ctx.session.scalars(select(Message).where(Message.direction == "in")).one()
            assert message.holds_login
            assert message.body == f"Hello,\nuser jane, password: {MASK}\nand the key {MASK}\nBye"

    def test_they_are_moved_into_the_vault(self, desk: Desk, code: str) -> None:
        """One click of the owner or a manager: sealed, cut out of the row, told in history."""
        desk.receive(code, self.SAID)
        with pytest.raises(TransitionRefusedError, match="Only the owner"):
            cut(desk, code, 2, desk.ben)
        key = new_key()
        message = cut(desk, code, 2, desk.mia, key)
        assert cut(desk, code, 2, desk.mia, key).raw == message.raw
        assert message.raw == (
            "Hello,\nuser jane, password: [moved to the vault]\nand the key [moved to the vault]\nBye"
        )
        assert not message.holds_login
        ((given),) = desk.given(code)
        assert given.secret.kind == "message"
        said = desk.look(code, given.secret.reference, desk.ada)
        assert said == "tulip-Field-9\nghp_abcdefghijklmnopqrstuvwxyz0123"
        for quoted in said.splitlines():
            with pytest.raises(InvalidInputError):
                desk.write(code, desk.ada, f"I used {quoted}")
        with pytest.raises(TransitionRefusedError, match="nothing in this message"):
            cut(desk, code, 2, desk.ada)
        (told,) = data_of(desk, "message-cut")
        assert told["message"] == 2
        assert desk.broken() == {}

    def test_on_an_ended_ticket_they_are_only_cut_out(self, desk: Desk, code: str) -> None:
        """Nothing is kept after the end."""
        desk.finish(code, desk.ada)
        desk.receive(code, self.SAID)
        assert "[cut out]" in cut(desk, code, 3, desk.ada).raw
        assert desk.given(code) == []
        assert desk.broken() == {}

    @pytest.mark.parametrize("number", [0, 1, 99])
    def test_only_messages_of_the_customer(self, lite_desk: Desk, lite_code: str, number: int) -> None:
        """Ours are not touched, others are not there."""
        with pytest.raises(NotFoundError):
            cut(lite_desk, lite_code, number, lite_desk.ada)


def test_no_log_and_no_row_tells_it(
    lite_desk: Desk, lite_code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With everything logged that there is, statements and their parameters too."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    try:
        reference = lite_desk.give(lite_code, PASSWORD)
        lite_desk.look(lite_code, reference, lite_desk.ada)
        with pytest.raises(InvalidInputError):
            lite_desk.write(lite_code, lite_desk.ada, PASSWORD)
        lite_desk.take_back(lite_code, reference)
    finally:
        logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    assert PASSWORD not in caplog.text
    with lite_desk.ctx() as ctx:
        for table in (Event, Look, Ticket, Secret):
            for row in ctx.session.execute(select(table.__table__)):
                assert PASSWORD not in str(row)
