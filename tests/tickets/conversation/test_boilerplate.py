"""Messages to start from: shared or personal, filled in for a ticket (G20)."""

from __future__ import annotations

import pytest

from paidsupport.catalogue import queries as catalogue
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.configuration.merging import ChangedMeanwhileError
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import boilerplate
from tests.catalogue.rows import told
from tests.people import Desk

pytestmark = pytest.mark.row("G20")


def keep(desk: Desk, by: Actor, title: str, body: str = "Text.", *, shared: bool = False) -> int:
    """Write a new one."""
    with desk.ctx(by) as ctx:
        return boilerplate.keep(ctx, None, title=title, body=body, shared=shared).id


def titles(desk: Desk, by: Actor) -> list[str]:
    """What this person can start from."""
    with desk.ctx(by) as ctx:
        return [row.title for row in catalogue.boilerplate(ctx.session, ctx.by.id)]


def test_personal_texts_are_seen_changed_and_deleted_by_their_owner_only(desk: Desk) -> None:
    """Shared ones by all staff."""
    shared, own = keep(desk, desk.ada, "A shared one", shared=True), keep(desk, desk.ada, "My own")
    assert {"A shared one", "My own"} <= set(titles(desk, desk.ada))
    assert "My own" not in titles(desk, desk.ben)
    for act in (
        lambda ctx: boilerplate.find(ctx, own),
        lambda ctx: boilerplate.drop(ctx, own),
        lambda ctx: boilerplate.keep(ctx, own, title="Mine now", body="x", shared=True),
    ):
        with pytest.raises(NotFoundError), desk.ctx(desk.ben) as ctx:
            act(ctx)
    with desk.ctx(desk.ben) as ctx:
        boilerplate.keep(ctx, shared, title="A better one", body="x", shared=True)
        boilerplate.drop(ctx, shared)
    assert "A better one" not in titles(desk, desk.ada)


def test_a_text_is_filled_in_for_its_ticket_and_nothing_in_it_is_run(desk: Desk) -> None:
    """What the customer typed as their name means nothing."""
    code = desk.order(name="{payment} {{ 7*7 }}")
    text = keep(desk, desk.ada, "T", "{customer}: {code} {service} {price} {developer} {payment} {% raw %}")
    with desk.ctx(desk.ada) as ctx:
        filled = boilerplate.filled(ctx, tickets.lock(ctx.session, code), text)
    assert filled == (
        f"{{payment}} {{{{ 7*7 }}}}: {code} Installation USD 45.00 Ada PayPal: ada@example.org {{% raw %}}"
    )


def test_a_form_sent_twice_keeps_one_text(desk: Desk) -> None:
    """The same title and text of the same owner is the same."""
    assert keep(desk, desk.ada, "Twice") == keep(desk, desk.ada, "Twice")
    assert keep(desk, desk.ben, "Twice") != keep(desk, desk.ada, "Twice")


@pytest.mark.parametrize(
    ("title", "body", "field"),
    [
        ("", "x", "title"),
        ("a\nb", "x", "title"),
        ("T", " ", "body"),
        ("T", "{custmer}", "body"),
        ("T", "a\x00b", "body"),
        ("x" * 201, "x", "title"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(lite_desk: Desk, title: str, body: str, field: str) -> None:
    """A title, a text, and no placeholder that does not exist."""
    with pytest.raises(InvalidInputError) as refused:
        keep(lite_desk, lite_desk.ada, title, body)
    assert set(refused.value.problems) == {field}


@pytest.mark.row("P10")
def test_changes_of_shared_texts_are_told_and_merged(desk: Desk) -> None:
    """Those of personal ones are nobody's business; two people change one field by field."""
    own, before = keep(desk, desk.ada, "My own"), len(told(desk, "reply"))
    with desk.ctx(desk.ada) as ctx:
        boilerplate.drop(ctx, own)
    assert len(told(desk, "reply")) == before
    with desk.ctx(desk.mia) as ctx:
        german = {"de": {"title": "Grenzen", "body": "Bis {price}."}}
        made = [
            boilerplate.keep(
                ctx, None, title="Limits", body="Up to {price}.", shared=True, languages=german, key="k"
            ).id
            for _twice in range(2)
        ]
        seen = boilerplate.values_of(boilerplate.find(ctx, made[0]))
    assert made[0] == made[1]
    with desk.ctx(desk.ada) as ctx:
        boilerplate.keep(ctx, made[0], title="All limits", body="Up to {price}.", shared=True, seen=seen)
    with desk.ctx(desk.ben) as ctx:
        row = boilerplate.keep(ctx, made[0], title="Limits", body="Below {price}.", shared=False, seen=seen)
        assert (row.title, row.body, row.owner_id) == ("All limits", "Below {price}.", None)
        assert row.translations == german
    with pytest.raises(ChangedMeanwhileError), desk.ctx(desk.mia) as ctx:
        boilerplate.keep(ctx, made[0], title="Limits", body="Above {price}.", shared=True, seen=seen)
    for _twice in range(2):
        with desk.ctx(desk.mia) as ctx:
            boilerplate.drop(ctx, made[0], key="d")
    lines = told(desk, "reply")[before:]
    assert [(kind, about) for kind, about, _ in lines] == [
        (kind, f"reply:{made[0]}") for kind in ("added", "changed", "changed", "removed")
    ]
    assert lines[1][2]["before"] == {"title": "Limits"}
    assert lines[-1][2]["before"]["body_de"] == "Bis {price}."
    assert desk.broken() == {}
