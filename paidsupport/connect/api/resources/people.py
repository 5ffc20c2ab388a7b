"""People: who works at the desk, who is on duty or away, and whom a token belongs to."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from flask import g
from pydantic import Field

from paidsupport.connect.api.declaring import delete, get, patch, post
from paidsupport.connect.api.models import Answer, Moment, Sent
from paidsupport.connect.api.resources._common import PersonRef, refs
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.roster import operations as duty
from paidsupport.kernel.staff.roster.operations import NewAbsence, NewShift, clock
from paidsupport.kernel.staff.roster.tables import Absence, Shift
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.staff.tables import Token
from paidsupport.kernel.text import whole_number

TAG = "Staff"


class TokenTold(Answer):
    """A token, without what it is sent as: nobody can see that again."""

    id: int
    label: str
    scope: Annotated[str, Field(description="`read`, `write` or `manage`.")]
    created_at: Moment
    expires_at: Moment
    last_used_at: Annotated[Moment | None, Field(description="Noted once a minute at most.")]


class Me(Answer):
    """Who acts, and how far."""

    id: int
    name: str
    email: str
    role: Annotated[str, Field(description="`developer` or `manager`.")]
    token: TokenTold


class ProfileSent(Sent):
    """What a person says of themselves; what is left out stays."""

    email: Annotated[str | None, Field(description="Where their notifications go.")] = None
    payment: Annotated[str | None, Field(description="How customers pay them besides.")] = None
    ways: dict[str, str] = Field(default_factory=dict, description="Details by way to pay.")
    public_key: Annotated[str | None, Field(description="The line of a public SSH key.")] = None
    language: Annotated[str | None, Field(description="The tag of one of the desk's languages.")] = None


class ProfileTold(Answer):
    """What a person says of themselves."""

    email: str
    payment: str
    ways: Annotated[dict[str, str], Field(validation_alias="pay_details")]
    public_key: str
    language: str


class PersonTold(Answer):
    """A member of staff."""

    id: int
    name: str
    role: str


class ShiftTold(Answer):
    """A stretch of duty, every week or once, by the clock of the desk."""

    id: int
    person: PersonRef | None
    weekday: Annotated[int | None, Field(description="0 is Monday; null: once, on `day`.")]
    day: date | None
    starts: Annotated[str, Field(description="Like `09:00`.")]
    ends: str
    position: Annotated[int, Field(description="The order of those on duty together; 1 is told first.")]


class AbsenceTold(Answer):
    """Days on which a person is away, the first and the last included."""

    id: int
    person: PersonRef | None
    first_day: date
    last_day: date
    substitute: PersonRef | None


class RosterTold(Answer):
    """Who is on duty and who is away, today or later."""

    on_duty: Annotated[list[PersonRef], Field(description="Now, in the order in which they are told.")]
    managers: list[PersonRef]
    shifts: list[ShiftTold]
    absences: list[AbsenceTold]


class ShiftSent(Sent):
    """A shift."""

    person: Annotated[str, Field(description="The id of a member of staff.")]
    weekdays: Annotated[
        list[str], Field(max_length=7, description="`0` is Monday; empty: once, on `day`.")
    ] = Field(default_factory=list)
    day: Annotated[str, Field(description="A day like `2034-03-14`.")] = ""
    starts: Annotated[str, Field(description="Like `09:00`.")]
    ends: Annotated[str, Field(description="Like `17:00`; `24:00` is midnight.")]
    position: Annotated[str, Field(description="`1` to `9`.")] = "1"


class AbsenceSent(Sent):
    """Days away."""

    absent: Annotated[str, Field(description="The id of who is away.")]
    first_day: Annotated[str, Field(description="A day like `2034-03-14`.")]
    last_day: Annotated[str, Field(description="Empty: only the first day.")] = ""
    substitute: Annotated[str, Field(description="The id of who stands in, if anyone does.")] = ""


@get("/me")
def get_me(ctx: Context) -> Me:
    """Get whom the token belongs to, its scope and its expiry."""
    person = people.find(ctx, ctx.by.id or 0)
    token = ctx.session.get_one(Token, g.paidsupport_token)
    return Me(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        token=TokenTold.model_validate(token),
    )


@patch("/me")
def change_my_profile(ctx: Context, body: ProfileSent, key: str) -> ProfileTold:
    """Change where this person's notifications go, how customers pay them, their key and language."""
    del key
    person = people.find(ctx, ctx.by.id or 0)
    done = people.set_profile(
        ctx,
        email=person.email if body.email is None else body.email,
        payment=person.payment if body.payment is None else body.payment,
        details={f"{people.WAY}{name}": text for name, text in body.ways.items()},
        public_key=body.public_key,
        language=body.language,
    )
    return ProfileTold.model_validate(done)


@get("/me/tokens")
def list_my_tokens(ctx: Context) -> list[TokenTold]:
    """List the tokens of this person that can still be used, the newest first.

    New ones are made in the browser or by the command line, never by a token.
    """
    rows = staff.tokens_of(ctx.session, ctx.by.id or 0, ctx.now)
    return [TokenTold.model_validate(row) for row in rows]


@delete("/me/tokens/<token>")
def revoke_my_token(ctx: Context, token: str, key: str) -> None:
    """Make one of these tokens void, also the one that is sent."""
    number = existing(whole_number(token))
    existing(ctx.by.id == existing(ctx.session.get(Token, number)).person_id or None)
    people.revoke_token(ctx, number, key=key)


@get("/staff")
def list_staff(ctx: Context) -> list[PersonTold]:
    """List who works at the desk, by name."""
    return [PersonTold.model_validate(person) for person in staff.everybody(ctx.session)]


@get("/roster")
def get_roster(ctx: Context) -> RosterTold:
    """Get who is on duty now, all shifts, and who is away today or later."""
    now, all_, ref = duty.duty_at(ctx, ctx.now), duty.overview(ctx), refs(ctx)
    return RosterTold(
        on_duty=[PersonRef.model_validate(person) for person in now.people],
        managers=[PersonRef.model_validate(person) for person in now.managers],
        shifts=[_shift(row, ref(row.person_id)) for row in (*all_.week, *all_.extra)],
        absences=[_absence(row, ref(row.person_id), ref(row.substitute_id)) for row in all_.absences],
    )


@post("/roster/shifts", scope=Scope.MANAGE, status=201)
def add_shift(ctx: Context, body: ShiftSent, key: str) -> list[ShiftTold]:
    """Put a shift on the roster: one line for each weekday."""
    typed = NewShift(body.person, body.weekdays, body.day, body.starts, body.ends, body.position)
    made, ref = duty.add_shift(ctx, typed, key=key), refs(ctx)
    return [_shift(row, ref(row.person_id)) for row in made]


@delete("/roster/shifts/<shift>", scope=Scope.MANAGE)
def remove_shift(ctx: Context, shift: str, key: str) -> None:
    """Take a shift off the roster."""
    duty.remove_shift(ctx, existing(whole_number(shift)), key=key)


@post("/roster/absences", scope=Scope.MANAGE, status=201)
def add_absence(ctx: Context, body: AbsenceSent, key: str) -> AbsenceTold:
    """Record days on which a person is away, and who stands in."""
    typed = NewAbsence(body.absent, body.first_day, body.last_day, body.substitute)
    made, ref = duty.add_absence(ctx, typed, key=key), refs(ctx)
    return _absence(made, ref(made.person_id), ref(made.substitute_id))


@delete("/roster/absences/<absence>", scope=Scope.MANAGE)
def remove_absence(ctx: Context, absence: str, key: str) -> None:
    """Take an absence off the roster."""
    duty.remove_absence(ctx, existing(whole_number(absence)), key=key)


def _shift(row: Shift, person: PersonRef | None) -> ShiftTold:
    return ShiftTold(
        id=row.id,
        person=person,
        weekday=row.weekday,
        day=row.day,
        starts=clock(row.starts),
        ends=clock(row.ends),
        position=row.position,
    )


def _absence(row: Absence, person: PersonRef | None, substitute: PersonRef | None) -> AbsenceTold:
    return AbsenceTold(
        id=row.id,
        person=person,
        first_day=row.first_day,
        last_day=row.last_day,
        substitute=substitute,
    )
