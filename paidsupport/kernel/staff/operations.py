"""The staff: who they are, how they are paid, and the keys of their programs."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy.exc import IntegrityError

from paidsupport.kernel.actors import PERSON_ROLES, Actor, Role
from paidsupport.kernel.configuration import history
from paidsupport.kernel.configuration.merging import merged
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    ScopeMissingError,
    existing,
)
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.languages import offered
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import mentions, queries
from paidsupport.kernel.staff.public_keys import check_public_key
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.staff.tables import ADDRESS_TAKEN, Person, Token
from paidsupport.kernel.text import one_line
from paidsupport.kernel.ways.checks import checked

#: What every token begins with, so that a leaked one is recognised by scanners.
TOKEN_PREFIX = "paidsupport_"  # noqa: S105  # a prefix, no secret
#: The most days for which a token made in the browser is valid.
MOST_DAYS = 366
#: Longest label of a token.
_LABEL = 80
#: What the fields for ways to pay begin with: `way_paypal`.
WAY = "way_"
#: How often at most the use of a token is noted.
_NOTED = timedelta(minutes=1)


class LastManagerError(ConflictError):
    """What was asked for would leave the desk without a manager."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("%(name)s is the only manager. Make a colleague a manager first.", name=name),
        )


def add(
    ctx: Context,
    *,
    host_user_id: str,
    name: str,
    email: str,
    role: str,
    payment: str | None = None,
    key: str | None = None,
    kind: str = "added",
) -> Person:
    """Let a user of the host site work at the desk, or bring their row up to date.

    Args:
        ctx: Who adds them.
        host_user_id: The id of the user at the host, as text.
        name: The name that customers and colleagues see.
        email: Where their notifications go.
        role: What they may do.
        payment: How customers pay them; None: as it is.
        key: The one-time key of the form.
        kind: What the history calls it if they did not work here before.

    Raises:
        InvalidInputError: An unknown role, or texts that cannot be kept.
        LastManagerError: They are the only manager, and would be a developer.
    """
    read = Fields()
    values = {
        "host_user_id": read.one_line("host_user_id", host_user_id, required=_("Enter the id of the user.")),
        **_read(read, {"name": name, "email": email, "role": role}),
    }
    if payment is not None:
        values["payment"] = read.many_lines("payment", payment, limit=500)
    read.done()
    with history.edit(ctx, key=key, content=("person", *values.values())) as change:
        if change.repeated:
            return existing(queries.of_host_user(ctx.session, values["host_user_id"]))
        person = queries.known_before(ctx.session, values["host_user_id"], email)
        person = person or Person(created_at=ctx.now, active=False, pay_details={}, payment="")
        before = told(person) if person.id else None
        kind = "changed" if person.active else kind
        _write(ctx, person, {**values, "active": True})
        if not history.tell(change, kind, f"person:{person.id}", person.name, before, told(person)):
            change.nothing_new()
    return person


def change(
    ctx: Context, person_id: int, typed: Mapping[str, str], seen: Mapping[str, Any], *, key: str
) -> Person:
    """Change a person's name, address and role, and how customers pay them.

    Args:
        ctx: The manager who does it.
        person_id: Whose.
        typed: The fields as they were sent.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such person.
        InvalidInputError: What was typed cannot be kept.
        ChangedMeanwhileError: A colleague changed the same field to something else.
        LastManagerError: They are the only manager, and would be a developer.
    """
    read = Fields()
    values = {**_read(read, typed), **_details(ctx, read, typed)}
    read.done()
    with history.edit(ctx, key=key, content=("person", person_id, *values.values())) as edit:
        person = find(ctx, person_id)
        if edit.repeated:
            return person
        before = told(person)
        _write(ctx, person, merged({name: before.get(name, "") for name in values}, seen, values))
        if not history.tell(edit, "changed", f"person:{person.id}", person.name, before, told(person)):
            edit.nothing_new()
    return person


def remove(ctx: Context, email: str) -> Person:
    """Remove a member of staff; their work stays, their tokens are revoked.

    Nothing is given to them from now on; what they hold is for the caller to pass on.

    Raises:
        NotFoundError: There is no such person.
        LastManagerError: They are the only manager.
    """
    with history.edit(ctx) as edit:
        person = hold(ctx, queries.by_address(ctx.session, email).id)
        disable(ctx, edit, person)
    return person


def disable(ctx: Context, edit: Change[Context, Configuration], person: Person) -> None:
    """Let a person work at the desk no more, and their programs neither.

    Args:
        ctx: Who does it.
        edit: The change of the configuration under way, which holds its lock.
        person: Read under that lock, by `hold`.

    Raises:
        LastManagerError: They are the only manager.
    """
    _refuse_without_manager(ctx, person, {"active": False})
    person.active = False
    history.tell(edit, "disabled", f"person:{person.id}", person.name)
    for token in queries.valid_tokens(ctx.session, person, ctx.now):
        _revoke(ctx, edit, person, token)
    ctx.session.flush()


def enable(ctx: Context, person_id: int, *, key: str) -> Person:
    """Let a person who was disabled work at the desk again, in their role. Raises NotFoundError."""
    with history.edit(ctx, key=key, content=("enable", person_id)) as edit:
        person = find(ctx, person_id)
        if edit.repeated:
            return person
        if person.active:
            edit.nothing_new()
            return person
        _write(ctx, person, {"active": True})
        history.tell(edit, "enabled", f"person:{person.id}", person.name)
    return person


def find(ctx: Context, person_id: int) -> Person:
    """A person, present or former, whatever the session knew of them before. Raises NotFoundError."""
    return existing(ctx.session.get(Person, person_id, populate_existing=True))


def hold(ctx: Context, person_id: int) -> Person:
    """As `find`; until the transaction ends, nothing is given to them (see `queries.stays`).

    What refers to them is written meanwhile as always: the lock is the one that a change of the row takes.
    """
    lock = {"key_share": True}
    return existing(ctx.session.get(Person, person_id, populate_existing=True, with_for_update=lock))


def told(person: Person) -> dict[str, Any]:
    """What the history of the configuration says of a person."""
    return {
        "name": person.name,
        "email": person.email,
        "role": str(person.role),
        **{f"{WAY}{name}": detail for name, detail in sorted(person.pay_details.items())},
        "payment": person.payment,
        "user": person.host_user_id,
        "active": person.active,
    }


def _read(read: Fields, typed: Mapping[str, str]) -> dict[str, str]:
    """Name, address and role as they are kept, and how customers pay them if that was sent."""
    role = typed["role"]
    if role not in set(PERSON_ROLES):
        read.refuse("role", _("A role is one of: %(roles)s.", roles=", ".join(PERSON_ROLES)))
    values = {
        "name": read.one_line("name", typed["name"], required=_("Enter the name.")),
        "email": read.one_line("email", typed["email"]),
        "role": role,
    }
    if "payment" in typed:
        values["payment"] = read.one_line("payment", typed["payment"], limit=500)
    return values


def _write(ctx: Context, person: Person, values: Mapping[str, Any]) -> None:
    """Write columns of a person, under the lock of the configuration."""
    _refuse_without_manager(ctx, person, values)
    _fill_in(person, values)
    for name, value in values.items():
        if not name.startswith(WAY):
            setattr(person, name, value)
    ctx.session.add(person)
    _refuse_taken_address(ctx, person)


def _details(ctx: Context, read: Fields, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed for ways to pay, by field, as it is kept; for ways that there are no more, nothing."""
    ways = {f"{WAY}{way.name}": way for way in ctx.services.present.ways}
    return {
        name: read.read(name, text, partial(checked, ways[name].check))
        for name, text in typed.items()
        if name in ways
    }


def _fill_in(person: Person, values: Mapping[str, Any]) -> None:
    """Change details for ways to pay; those that are not named stay, for ways that are not offered now."""
    filled = dict(person.pay_details)
    filled |= {name.removeprefix(WAY): text for name, text in values.items() if name.startswith(WAY)}
    kept = {name: text for name, text in sorted(filled.items()) if text}
    if kept != person.pay_details:
        person.pay_details = kept


def _refuse_without_manager(ctx: Context, person: Person, values: Mapping[str, Any]) -> None:
    """Refuse to leave the desk without a manager, under the lock. Raises LastManagerError."""
    manages = values.get("active", person.active) and values.get("role", person.role) == Role.MANAGER
    if not manages and queries.managers(ctx.session) == [person.id]:
        raise LastManagerError(person.name)


def in_charge(active: Collection[Person]) -> list[Person]:
    """The managers among all `active` people; without one, all of them."""
    return [person for person in active if person.role == Role.MANAGER] or list(active)


def mentioned(ctx: Context, text: str) -> list[int]:
    """The ids of the staff who are called by name in a note, as “@Ben”; each once."""
    if "@" not in text:
        return []
    found = mentions.find(text, [(row.id, row.name) for row in queries.everybody(ctx.session)])
    return sorted({mention.person_id for mention in found})


def set_profile(  # each is a part of the form
    ctx: Context,
    *,
    email: str,
    payment: str,
    details: Mapping[str, str] = MappingProxyType({}),
    public_key: str | None = None,
    language: str | None = None,
) -> Person:
    """Change where a person's notices go, how customers pay them and let them in, and their language.

    Args:
        ctx: Who does it, of themselves.
        email: Where their notifications go.
        payment: How customers pay them, besides the ways of the desk.
        details: What they fill in for ways to pay, by field: `way_paypal`. What is not named stays.
        public_key: None: theirs stays.
        language: None: theirs stays.

    Raises:
        InvalidInputError: By field.
    """
    with history.edit(ctx) as edit:
        # read under the lock: a manager may be changing other details of theirs
        person = existing(ctx.session.get(Person, ctx.by.id, populate_existing=True) if ctx.by.id else None)
        read, before = Fields(), {"email": person.email}
        person.email = read.one_line("email", email)
        person.payment = read.one_line("payment", payment, limit=500)
        _fill_in(person, _details(ctx, read, details))
        if public_key is not None:
            person.public_key = read.read("public_key", public_key, check_public_key)
        if language is not None:
            # one that is not spoken any more is as good as none
            person.language = language if language in offered(ctx.services.settings.languages) else ""
        read.done()
        _refuse_taken_address(ctx, person)
        # their address is what managers set up as well; the rest is their own
        after = {"email": person.email}
        if not history.tell(edit, "changed", f"person:{person.id}", person.name, before, after):
            edit.nothing_new()
    return person


def new_token(ctx: Context, email: str, label: str, days: int, scope: str = Scope.READ) -> str:
    """A key to the JSON API for a person, as `make_token`.

    Raises NotFoundError, and InvalidInputError (field `scope`) for a scope that is none or not for them.
    """
    with history.edit(ctx) as edit:
        person = queries.by_address(ctx.session, email)
        _refuse_scope(person, scope)
        return _new_token(ctx, edit, person, one_line(label), days, scope)


def make_token(ctx: Context, *, label: str, days: int, scope: str, key: str) -> str:
    """A key to the JSON API for who acts; shown once, only its digest is kept.

    Args:
        ctx: Whose token it is.
        label: What it is for.
        days: How long it is valid.
        scope: How far it reaches.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: A label, a number of days or a scope that cannot be taken.
        ConflictError: The form was sent before: what it made is not shown again.
    """
    person = existing(ctx.session.get(Person, ctx.by.id) if ctx.by.id else None)
    read = Fields()
    label = read.one_line("label", label, required=_("Enter what the token is for."), limit=_LABEL)
    if not 0 < days <= MOST_DAYS:
        read.refuse("days", _("Choose one of these."))
    with read.collecting():
        _refuse_scope(person, scope)
    read.done()
    with history.edit(ctx, key=key, content=("token", label, days, scope)) as edit:
        if edit.repeated:
            raise ConflictError(_("This token was created already. It's shown only once."))
        return _new_token(ctx, edit, person, label, days, scope)


def revoke_token(ctx: Context, token_id: int, *, key: str) -> Token:
    """Make a token void: one's own, or for managers anyone's. Done twice it is done once.

    Raises NotFoundError: there is none, or it is a colleague's.
    """
    with history.edit(ctx, key=key, content=("revoke", token_id)) as edit:
        token = existing(ctx.session.get(Token, token_id, populate_existing=True))
        if token.person_id != ctx.by.id and not ctx.by.is_manager:
            raise NotFoundError
        if not edit.repeated and token.revoked_at is not None:
            edit.nothing_new()
        elif not edit.repeated:
            _revoke(ctx, edit, ctx.session.get_one(Person, token.person_id), token)
    return token


def revoke_tokens(ctx: Context, email: str) -> int:
    """Make every token of a person void; returns how many there were. Raises NotFoundError."""
    with history.edit(ctx) as edit:
        person = queries.by_address(ctx.session, email)
        tokens = queries.valid_tokens(ctx.session, person, ctx.now)
        for token in tokens:
            _revoke(ctx, edit, person, token)
        if not tokens:
            edit.nothing_new()
    return len(tokens)


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who comes in with a token.

    Attributes:
        actor: The person, as far as the scope lets them act.
        token_id: The token.
        to_note: Whether its use is to be noted: the last one that was lies some time back.
    """

    actor: Actor
    token_id: int
    to_note: bool


def admitted(ctx: Context, secret: str, needed: Scope = Scope.READ) -> Admitted | None:
    """Who comes in with this token, as far as its scope lets them act; None if it is not valid.

    Whatever is done with a token that is not for managing is done as by a developer.
    Raises ScopeMissingError if it does not reach as far as `needed`.
    """
    row = queries.owner_of_token(ctx.session, _digest(secret), ctx.now)
    if row is None:
        return None
    scope, role = Scope(row.scope), Role(row.role)
    if not scope.includes(needed):
        raise ScopeMissingError(needed)
    acts = needed is not Scope.READ and not scope.includes(Scope.MANAGE)
    held_back = acts and role is Role.MANAGER
    actor = Actor("person", row.name, row.id, Role.DEVELOPER if acts else role, held_back)
    return Admitted(actor, row.token_id, _is_stale(row.last_used_at, ctx.now))


def note_use(ctx: Context, token_id: int) -> None:
    """Note that a token was used just now, unless another request has."""
    token = ctx.session.get(Token, token_id, with_for_update=True, populate_existing=True)
    if token and _is_stale(token.last_used_at, ctx.now):
        token.last_used_at = ctx.now


def _is_stale(used: datetime | None, now: datetime) -> bool:
    return used is None or used <= now - _NOTED


def _new_token(  # each is a column
    ctx: Context, edit: Change[Context, Configuration], person: Person, label: str, days: int, scope: str
) -> str:
    secret = TOKEN_PREFIX + secrets.token_urlsafe(24)
    until = ctx.now + timedelta(days=days)
    ctx.session.add(
        Token(
            person_id=person.id,
            label=label,
            scope=scope,
            digest=_digest(secret),
            created_at=ctx.now,
            expires_at=until,
        )
    )
    made = {"scope": str(scope), "valid until": until.date().isoformat()}
    history.tell(edit, "token-made", f"person:{person.id}", person.name, None, made, word=label)
    return secret


def _revoke(ctx: Context, edit: Change[Context, Configuration], person: Person, token: Token) -> None:
    token.revoked_at = ctx.now
    history.tell(edit, "token-revoked", f"person:{person.id}", person.name, word=token.label)


def _refuse_scope(person: Person, scope: str) -> None:
    """Raises InvalidInputError (field `scope`) for a scope that is none or not for this person."""
    if scope not in set(Scope):
        raise InvalidInputError({"scope": [f"Choose a scope: {', '.join(Scope)}."]})
    if scope == Scope.MANAGE and person.role != Role.MANAGER:
        raise InvalidInputError({"scope": [f"{person.name} is not a manager. Use the scope “write”."]})


def _refuse_taken_address(ctx: Context, person: Person) -> None:
    """Raises InvalidInputError (field `email`) if another member of staff has the address of `person`."""
    other = queries.other_with_address(ctx.session, person)
    if other is not None:
        sentence = _(
            "%(name)s (user %(id)s) has this address. Each member of staff needs one of their own.",
            name=other.name,
            id=other.host_user_id,
        )
        raise InvalidInputError({"email": [sentence]})
    try:
        with ctx.session.begin_nested():
            ctx.session.flush()
    except IntegrityError as error:
        # another request took it at this moment
        if ADDRESS_TAKEN in str(error.orig) or "paidsupport_person.address" in str(error.orig):
            raise InvalidInputError(
                {"email": [_("Enter another address. A colleague has this one.")]}
            ) from None
        raise


def _digest(secret: str) -> str:
    # 192 random bits need no slow hash
    return hashlib.sha256(secret.encode()).hexdigest()
