"""Who works at the desk, and the tokens of their programs."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from paidsupport.kernel.actors import Role
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.tables import Person, Token
from paidsupport.tickets.queries import present as queries_present
from tests.people import Desk


def test_a_user_of_the_host_becomes_a_person_and_is_kept_up_to_date(desk: Desk) -> None:
    """One row per user, whatever kind of id the host has; adding again changes it."""
    values = {"host_user_id": "7f3c-uuid", "email": "cem@example.org", "role": "developer"}
    with desk.ctx() as ctx:
        first = people.add(ctx, name="Cem", **values).id
        assert people.add(ctx, name="Cem Demir", **values | {"role": "manager"}).id == first
        present = queries_present.by_host_user(ctx.session, "7f3c-uuid")
        assert present
        actor = present.actor
        assert (actor.name, actor.role, actor.is_manager) == ("Cem Demir", Role.MANAGER, True)
        assert queries_present.by_host_user(ctx.session, "7f3c") is None
        assert [person.name for person in staff.everybody(ctx.session)] == [
            "Ada",
            "Ben",
            "Cem Demir",
            "Mia",
        ]


@pytest.mark.parametrize(
    "changed", [{"role": "king"}, {"name": "a\nb"}, {"email": "a\r\nBcc: x"}, {"payment": "x" * 501}], ids=str
)
def test_what_cannot_be_kept_is_refused(lite_desk: Desk, changed: dict[str, str]) -> None:
    """Unknown roles, and texts that would break a mail."""
    values = {"host_user_id": "9", "name": "X", "email": "x@example.org", "role": "developer"} | changed
    with pytest.raises(InvalidInputError), lite_desk.ctx() as ctx:
        people.add(ctx, **values)


def test_a_profile_says_where_notices_go_and_how_to_pay(desk: Desk) -> None:
    """Its owner changes it; faults stand at their fields."""
    with desk.ctx(desk.ada) as ctx:
        people.set_profile(ctx, email="a@example.org", payment="PayPal: a")
    with desk.ctx() as ctx:
        person = ctx.session.get(Person, desk.ada.id)
        assert person
        assert (person.email, person.payment) == ("a@example.org", "PayPal: a")
    with pytest.raises(InvalidInputError) as refused, desk.ctx(desk.ada) as ctx:
        people.set_profile(ctx, email="a\nb", payment="x" * 501)
    assert set(refused.value.problems) == {"email", "payment"}
    with pytest.raises(NotFoundError), desk.ctx() as ctx:
        people.set_profile(ctx, email="", payment="")


def test_a_token_opens_for_its_person_until_it_ends(desk: Desk) -> None:
    """Only its digest is kept; expired, revoked and wrong ones, and those of who has left, open nothing."""
    with desk.ctx() as ctx:
        secret = people.new_token(ctx, "ada@example.org", "laptop", days=30)
        other = people.new_token(ctx, "ada@example.org", "phone", days=30)
    assert secret.startswith(people.TOKEN_PREFIX)

    def opens(typed: str) -> bool:
        with desk.ctx() as ctx:
            found = people.admitted(ctx, typed)
            return found is not None and found.actor == desk.ada

    assert opens(secret)
    assert not opens(secret[:-1])
    assert not opens("")
    with desk.ctx() as ctx, set_aside(ctx.session):
        kept = ctx.session.scalars(select(Token.digest)).all()
        assert not {secret, other} & set(kept)
        ctx.session.execute(update(Token).where(Token.label == "phone").values(revoked_at=ctx.now))
    assert not opens(other)
    desk.clock.forward(days=30)
    assert not opens(secret)
    desk.clock.forward(days=-1)
    assert opens(secret)
    with desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(update(Person).values(active=False))
    assert not opens(secret)


def test_there_is_no_token_for_strangers(lite_desk: Desk) -> None:
    """The sentence names the address."""
    with pytest.raises(NotFoundError, match=r"nobody@example\.org"), lite_desk.ctx() as ctx:
        people.new_token(ctx, "nobody@example.org", "x", days=1)


def test_an_address_is_one_persons_alone(desk: Desk) -> None:
    """In any spelling, in the database too; who left and comes back as another user has their row again."""
    values = {"host_user_id": "71", "name": "Bea", "role": "developer"}
    for taken in ("ben@example.org", "BEN@EXAMPLE.ORG."):
        with pytest.raises(InvalidInputError, match="Ben") as refused, desk.ctx() as ctx:
            people.add(ctx, **values, email=taken)
        assert set(refused.value.problems) == {"email"}
        with pytest.raises(InvalidInputError, match="Ben"), desk.ctx(desk.ada) as ctx:
            people.set_profile(ctx, email=taken, payment="")
    with pytest.raises(IntegrityError), desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(update(Person).where(Person.id == desk.ada.id).values(address="ben@example.org"))
    with desk.ctx() as ctx:
        bea = people.add(ctx, **values, email="bea@bücher.example").id
    with desk.ctx() as ctx:
        assert people.remove(ctx, "BEA@xn--bcher-kva.example").id == bea
        assert people.add(ctx, **values | {"host_user_id": "72"}, email="Bea@bücher.example").id == bea
        assert queries_present.by_host_user(ctx.session, "71") is None
        with pytest.raises(NotFoundError):
            people.remove(ctx, "bea@bucher.example")


def test_commands_know_people_by_their_address_however_it_is_spelled(lite_desk: Desk) -> None:
    """Tokens are made and revoked for exactly one person."""
    with lite_desk.ctx() as ctx:
        secret = people.new_token(ctx, "ADA@example.org.", "test", days=1)
        found = people.admitted(ctx, secret)
        assert found
        assert found.actor.name == "Ada"
        assert people.revoke_tokens(ctx, " Ada@EXAMPLE.org") == 1
