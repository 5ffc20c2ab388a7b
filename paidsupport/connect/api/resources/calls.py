"""Phone calls, and the roster: who is on duty, who is away, and who stands in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from paidsupport.connect.api.declaring import delete, get, post
from paidsupport.connect.api.models import Answer, Moment, Page, Sent
from paidsupport.connect.api.resources._ticket_models import TicketShort
from paidsupport.connect.api.resources.tickets import short
from paidsupport.intake.calls import operations as calls
from paidsupport.intake.calls.operations import Call
from paidsupport.kernel import addresses, fields
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.staff.roster import operations as duty
from paidsupport.kernel.staff.roster.operations import NewAbsence, NewShift, clock
from paidsupport.kernel.staff.roster.tables import Absence, Shift
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.text import whole_number
from paidsupport.tickets.queries.tickets import by_code

TAG = "Calls and duty"


class Caller(Sent):
    """Who calls; what is not known stays empty."""

    name: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""


class CallOnTicket(Caller):
    """A call about a matter that has a ticket."""

    subject: Annotated[str, Field(description="In a few words.")] = ""
    notes: Annotated[str, Field(description="What they say.")] = ""
    called_at: Annotated[
        str, Field(description="Like `2026-11-24 14:05` in the desk's time zone; empty: now.")
    ] = ""


class NewCall(CallOnTicket):
    """A call about something new."""

    caller: Annotated[str, Field(description="`user`, `merchant`, `bank` or `other`.")]
    purpose: Annotated[
        str,
        Field(description="`support`: a request; `sales`: a lead; `management`: a note to all managers."),
    ] = "support"
    take: Annotated[bool, Field(description="Whether the person of the token claims the ticket.")] = False
    confirm: Annotated[
        bool, Field(description="Whether the caller gets the code by email; never for a note to managers.")
    ] = True


class EarlierTicket(Answer):
    """A ticket that may be the caller's."""

    code: str
    summary: str
    service: str
    customer: str
    state: str
    part: str
    owner: str | None
    submitted_at: Moment
    because: Annotated[str, Field(description="Why it is shown: `email`, `phone` or `words`.")]


class Guidance(Answer):
    """How to lead a first call."""

    text: Annotated[str, Field(description="In Markdown.")]


class OnDuty(Answer):
    """A person who is told at this moment."""

    id: int
    name: str


class ShiftLine(Answer):
    """A time of duty: on a weekday, or once on a day."""

    id: int
    person: OnDuty
    weekday: Annotated[int | None, Field(description="0 is Monday.")]
    day: date | None
    starts: Annotated[str, Field(description="Like `09:00`, in the desk's time zone.")]
    ends: str
    position: Annotated[int, Field(description="Of the people on duty, 1 is told first.")]


class AbsenceLine(Answer):
    """Days on which a person is away, first and last included."""

    id: int
    person: OnDuty
    first_day: date
    last_day: date
    substitute: OnDuty | None


class Roster(Answer):
    """The roster as far as it still matters."""

    on_duty: Annotated[list[OnDuty], Field(description="Who is told now, one after the other.")]
    managers: Annotated[list[OnDuty], Field(description="Who is told after them, all at once.")]
    open: Annotated[bool, Field(description="Whether the desk works at this moment.")]
    zone: Annotated[str, Field(description="The desk's time zone.")]
    shifts: list[ShiftLine]
    absences: list[AbsenceLine]


class ShiftToAdd(Sent):
    """A time of duty: on days of every week, or once on a day."""

    person: Annotated[int, Field(ge=0, le=2**53, description="The id of a member of staff.")]
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(
        default_factory=list, description="0 is Monday."
    )
    day: Annotated[str, Field(description="Like `2026-11-24`; empty: every week.")] = ""
    starts: Annotated[str, Field(description="Like `09:00`.")]
    ends: Annotated[str, Field(description="Like `17:00`; `00:00` is midnight.")]
    position: Annotated[int, Field(ge=0, le=99, description="Of the people on duty, 1 is told first.")] = 1


class AbsenceToAdd(Sent):
    """Days on which a person is away."""

    absent: Annotated[int, Field(ge=0, le=2**53, description="The id of a member of staff.")]
    first_day: Annotated[str, Field(description="Like `2026-11-24`.")]
    last_day: Annotated[str, Field(description="Empty: only the first day.")] = ""
    substitute: Annotated[
        int | None, Field(ge=0, le=2**53, description="The id of who stands in for them.")
    ] = None


@post("/calls", status=201)
def take_call(ctx: Context, body: NewCall, key: str) -> TicketShort:
    """Record a phone call: it becomes a request, a lead, or a note to all managers."""
    return short(calls.record(ctx, _call(ctx, body), key))


@post("/tickets/<code>/calls", status=201)
def add_call(ctx: Context, code: str, body: CallOnTicket, key: str) -> TicketShort:
    """Record a phone call on a ticket about the same matter, as an annotation."""
    by_code(ctx.session, code)
    return short(calls.add(ctx, code, _call(ctx, body), key))


@post("/calls/earlier")
def find_earlier_tickets(ctx: Context, body: Caller) -> Page[EarlierTicket]:
    """Find the earlier tickets of a caller, by what is known of them, the likeliest first.

    It is a POST because names and numbers do not belong into addresses; nothing is kept.
    """
    why = {0: "email", 1: "phone", 2: "words"}
    found = calls.earlier(ctx, **body.model_dump())
    return Page[EarlierTicket](
        items=[
            EarlierTicket(
                code=row.code,
                summary=row.summary,
                service=row.service_name,
                customer=row.customer_name,
                state=row.state,
                part=row.part,
                owner=row.owner_name,
                submitted_at=row.submitted_at,
                because=why[row.why],
            )
            for row in found
        ]
    )


@get("/calls/guidance")
def get_guidance(ctx: Context) -> Guidance:
    """Get the text about how to lead a first call."""
    return Guidance(text=translate(calls.guidance(ctx.session)))


@get("/roster")
def get_roster(ctx: Context) -> Roster:
    """Get who is on duty now, and the roster."""
    found, now = duty.overview(ctx), duty.duty_at(ctx, ctx.now)
    return Roster(
        on_duty=[OnDuty(id=each.id, name=each.name) for each in now.people],
        managers=[OnDuty(id=each.id, name=each.name) for each in now.managers],
        open=ctx.services.hours.is_open(ctx.now),
        zone=str(ctx.services.hours.zone),
        shifts=[_shift(row, found.names) for row in (*found.week, *found.extra)],
        absences=[_absence(row, found.names) for row in found.absences],
    )


@post("/roster/shifts", scope=Scope.MANAGE, status=201)
def add_shift(ctx: Context, body: ShiftToAdd, key: str) -> Page[ShiftLine]:
    """Put a shift on the roster, one line for each weekday."""
    typed = NewShift(
        person=str(body.person),
        weekdays=[str(day) for day in body.weekdays],
        day=body.day,
        starts=body.starts,
        ends=body.ends,
        position=str(body.position),
    )
    names = duty.overview(ctx).names
    made = duty.add_shift(ctx, typed, key=key)
    return Page[ShiftLine](items=[_shift(row, names) for row in made])


@delete("/roster/shifts/<number>", scope=Scope.MANAGE)
def remove_shift(ctx: Context, number: str, key: str) -> None:
    """Take a shift off the roster."""
    duty.remove_shift(ctx, existing(whole_number(number)), key=key)


@post("/roster/absences", scope=Scope.MANAGE, status=201)
def add_absence(ctx: Context, body: AbsenceToAdd, key: str) -> AbsenceLine:
    """Note that a person is away, and who stands in for them."""
    typed = NewAbsence(
        absent=str(body.absent),
        first_day=body.first_day,
        last_day=body.last_day,
        substitute="" if body.substitute is None else str(body.substitute),
    )
    names = duty.overview(ctx).names
    return _absence(duty.add_absence(ctx, typed, key=key), names)


@delete("/roster/absences/<number>", scope=Scope.MANAGE)
def remove_absence(ctx: Context, number: str, key: str) -> None:
    """Take back that a person is away."""
    duty.remove_absence(ctx, existing(whole_number(number)), key=key)


def _call(ctx: Context, body: CallOnTicket) -> Call:
    """A call as the operation takes it. Raises InvalidInputError for what is no address."""
    said = body.model_dump()
    said["email"] = fields.read("email", body.email, addresses.reachable)
    said["called_at"] = body.called_at or f"{ctx.services.hours.local(ctx.now):%Y-%m-%dT%H:%M}"
    return Call(**said)


def _person(person_id: int, names: Mapping[int, str]) -> OnDuty:
    return OnDuty(id=person_id, name=names.get(person_id, ""))


def _shift(row: Shift, names: Mapping[int, str]) -> ShiftLine:
    return ShiftLine(
        id=row.id,
        person=_person(row.person_id, names),
        weekday=row.weekday,
        day=row.day,
        starts=clock(row.starts),
        ends=clock(row.ends),
        position=row.position,
    )


def _absence(row: Absence, names: Mapping[int, str]) -> AbsenceLine:
    return AbsenceLine(
        id=row.id,
        person=_person(row.person_id, names),
        first_day=row.first_day,
        last_day=row.last_day,
        substitute=_person(row.substitute_id, names) if row.substitute_id else None,
    )
