"""The staff: who they are, how they are paid, and the keys of their programs."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from paidsupport.kernel import fields
from paidsupport.kernel.actors import PERSON_ROLES, Actor, Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, ScopeMissingError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.languages import offered
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import mentions, queries
from paidsupport.kernel.staff.public_keys import check_public_key
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.staff.tables import ADDRESS_TAKEN, Person, Token
from paidsupport.kernel.text import one_line

#: What every token begins with, so that a leaked one is recognised by scanners.
TOKEN_PREFIX = "paidsupport_"  # noqa: S105  # a prefix, no secret


def add(ctx: Context, *, host_user_id: str, name: str, email: str, role: str, payment: str = "") -> Person:
    """Let a user of the host site work at the desk, or bring their row up to date.

    Raises InvalidInputError for an unknown role and for texts that cannot be kept.
    """
    if role not in set(PERSON_ROLES):
        raise InvalidInputError({"role": [f"A role is one of {', '.join(PERSON_ROLES)}."]})
    person = queries.known_before(ctx.session, host_user_id, email) or Person(created_at=ctx.now)
    person.host_user_id = host_user_id
    person.name = fields.one_line("name", name)
    person.email = fields.one_line("email", email)
    person.payment = fields.many_lines("payment", payment, limit=500)
    person.role = role
    person.active = True
    ctx.session.add(person)
    _refuse_taken_address(ctx, person)
    return person


def remove(ctx: Context, email: str) -> Person:
    """Remove a member of staff; their work stays. Raises NotFoundError.

    Their tokens end at once, their claims lapse in their time, or a manager releases them.
    """
    person = queries.by_address(ctx.session, email)
    person.active = False
    return person


def in_charge(active: Collection[Person]) -> list[Person]:
    """The managers among all `active` people; without one, all of them."""
    return [person for person in active if person.role == Role.MANAGER] or list(active)


def mentioned(ctx: Context, text: str) -> list[int]:
    """The ids of the staff who are called by name in a note, as “@Ben”; each once."""
    if "@" not in text:
        return []
    found = mentions.find(text, [(row.id, row.name) for row in queries.everybody(ctx.session)])
    return sorted({mention.person_id for mention in found})


def set_profile(
    ctx: Context, *, email: str, payment: str, public_key: str | None = None, language: str | None = None
) -> Person:
    """Change where a person's notices go, how customers pay them and let them in, and their language.

    Without a `public_key` or a `language`, theirs stays. Raises InvalidInputError.
    """
    person = existing(ctx.session.get(Person, ctx.by.id) if ctx.by.id else None)
    read = Fields()
    person.email = read.one_line("email", email)
    person.payment = read.one_line("payment", payment, limit=500)
    if public_key is not None:
        person.public_key = read.read("public_key", public_key, check_public_key)
    if language is not None:
        # one that is not spoken any more is as good as none
        person.language = language if language in offered(ctx.services.settings.languages) else ""
    read.done()
    _refuse_taken_address(ctx, person)
    return person


def new_token(ctx: Context, email: str, label: str, days: int, scope: str = Scope.READ) -> str:
    """A key to the JSON API for a person; shown once, only its digest is kept.

    Raises NotFoundError, and InvalidInputError (field `scope`) for a scope that is none or not for them.
    """
    person = queries.by_address(ctx.session, email)
    if scope not in set(Scope):
        raise InvalidInputError({"scope": [f"Choose a scope: {', '.join(Scope)}."]})
    if scope == Scope.MANAGE and person.role != Role.MANAGER:
        raise InvalidInputError({"scope": [f"{person.name} is not a manager. Use the scope “write”."]})
    secret = TOKEN_PREFIX + secrets.token_urlsafe(24)
    row = Token(
        person_id=person.id,
        label=one_line(label),
        scope=scope,
        digest=_digest(secret),
        created_at=ctx.now,
        expires_at=ctx.now + timedelta(days=days),
    )
    ctx.session.add(row)
    return secret


def revoke_tokens(ctx: Context, email: str) -> int:
    """Make every token of a person void; returns how many there were. Raises NotFoundError."""
    person = queries.by_address(ctx.session, email)
    tokens = queries.valid_tokens(ctx.session, person, ctx.now)
    for token in tokens:
        token.revoked_at = ctx.now
    return len(tokens)


def by_token(ctx: Context, secret: str, needed: Scope = Scope.READ) -> Actor | None:
    """The person whose valid token this is, as far as its scope lets them act.

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
    return Actor("person", row.name, row.id, Role.DEVELOPER if acts else role, held_back)


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
