"""Looking after the staff by programs of managers: inviting, roles, disabling (P10, P12)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from paidsupport.connect.api.declaring import delete, get, patch, post
from paidsupport.connect.api.models import Answer, Moment, Sent
from paidsupport.connect.api.resources._common import managers_only
from paidsupport.connect.api.resources.people import TokenTold
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.operations import WAY
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import whole_number
from paidsupport.manage.staff import queries
from paidsupport.manage.staff.operations import invitations, leaving

TAG = "Set up: staff"

_ROLE = "`developer` or `manager`."
Role = Annotated[str, Field(description=_ROLE)]


class StaffTold(Answer):
    """Who works here, or did."""

    id: int
    host_user_id: Annotated[str, Field(description="The id of the user in the site.")]
    name: str
    email: str
    role: Role
    active: Annotated[bool, Field(description="Whether they work here now.")]


class StaffRow(StaffTold):
    """Who works here, or did, with what they hold."""

    tickets: Annotated[int, Field(description="How many tickets they hold.")]
    issues: Annotated[int, Field(description="How many open issues are assigned to them.")]
    last_at_work: Annotated[Moment | None, Field(description="As far as recent histories say.")]


class InvitationTold(Answer):
    """An invitation that was neither accepted nor withdrawn; its link is only in its email."""

    id: int
    email: str
    role: Role
    invited_by: str
    invited_at: Moment
    expires_at: Moment
    state: Annotated[str, Field(description="What became of its email.")]


class DutiesTold(Answer):
    """What a person holds and is asked for, which has to go to colleagues before they leave."""

    tickets: list[str]
    issues: list[str]
    submitted: Annotated[list[str], Field(description="Issues under review, which stay theirs.")]
    reviews: list[str]
    organisations: list[str]
    shifts: int
    substitutions: int


class StaffWhole(StaffTold):
    """A person with how customers pay them, their tokens and their duties."""

    payment: str
    ways: Annotated[dict[str, str], Field(description="What they filled in, by way to pay.")]
    tokens: list[TokenTold]
    duties: DutiesTold


class Invite(Sent):
    """Whom to invite."""

    email: str
    role: Role


class PersonAdded(Sent):
    """A user of the site who shall work here."""

    host_user_id: Annotated[str, Field(min_length=1, max_length=200)]
    name: str
    email: str
    role: Role


class PersonChanged(Sent):
    """What to change; what is left out stays."""

    name: str | None = None
    email: str | None = None
    role: Annotated[str | None, Field(description=_ROLE)] = None
    payment: Annotated[str | None, Field(description="How customers pay them besides.")] = None
    ways: dict[str, str] = Field(default_factory=dict, description="Details by way to pay.")


class Leaving(Sent):
    """Who gets what the person holds."""

    tickets: Annotated[str, Field(description="The id of a colleague, or `release`.")] = ""
    issues: Annotated[str, Field(description="The id of a colleague.")] = ""


@get("/setup/staff")
def list_staff_records(ctx: Context) -> list[StaffRow]:
    """List who works here and who did, with what they hold. For managers."""
    managers_only(ctx)
    held, issues = queries.claims(ctx.session), queries.issues(ctx.session)
    seen = queries.last_at_work(ctx.session)
    return [
        StaffRow(
            **_plain(person),
            tickets=held.get(person.id, 0),
            issues=issues.get(person.id, 0),
            last_at_work=seen.get(person.id),
        )
        for person in (*staff.everybody(ctx.session), *staff.former(ctx.session))
    ]


@get("/setup/staff/<person>")
def get_staff_record(ctx: Context, person: str) -> StaffWhole:
    """Get a person with how customers pay them, their tokens and what they hold. For managers."""
    managers_only(ctx)
    found = _find(ctx, person)
    held = leaving.duties(ctx, found)
    return StaffWhole(
        **_plain(found),
        payment=found.payment,
        ways=dict(found.pay_details),
        tokens=[TokenTold.model_validate(row) for row in staff.tokens_of(ctx.session, found.id, ctx.now)],
        duties=DutiesTold(
            tickets=[row.code for row in held.tickets],
            issues=[row.code for row in held.issues],
            submitted=[row.code for row in held.submitted],
            reviews=[row.code for row in held.reviews],
            organisations=[row.name for row in held.organisations],
            shifts=len(held.shifts),
            substitutions=len(held.substitutions),
        ),
    )


@post("/setup/staff", scope=Scope.MANAGE, status=201)
def add_person(ctx: Context, body: PersonAdded, key: str) -> StaffTold:
    """Let a user of the site work here, by their id there."""
    made = people.add(
        ctx, host_user_id=body.host_user_id, name=body.name, email=body.email, role=body.role, key=key
    )
    return StaffTold.model_validate(made)


@patch("/setup/staff/<person>", scope=Scope.MANAGE)
def change_person(ctx: Context, person: str, body: PersonChanged, key: str) -> StaffTold:
    """Change a person's name, address or role, or how customers pay them."""
    found = _find(ctx, person)
    before = people.told(found)
    said = body.model_dump(exclude={"ways"}, exclude_none=True)
    typed = {**{name: str(before[name]) for name in ("name", "email", "role")}, **said}
    typed |= {f"{WAY}{name}": text for name, text in body.ways.items()}
    return StaffTold.model_validate(people.change(ctx, found.id, typed, before, key=key))


@post("/setup/staff/<person>/enable", scope=Scope.MANAGE)
def enable_person(ctx: Context, person: str, key: str) -> StaffTold:
    """Let a person who was disabled work here again."""
    return StaffTold.model_validate(people.enable(ctx, _number(person), key=key))


@post("/setup/staff/<person>/disable", scope=Scope.MANAGE)
def disable_person(ctx: Context, person: str, body: Leaving, key: str) -> StaffTold:
    """Hand over what a person holds, and let them work here no more; their tokens are void."""
    done = leaving.leave(ctx, _number(person), tickets=body.tickets, issues=body.issues, key=key)
    return StaffTold.model_validate(done)


@delete("/setup/staff/<person>/tokens/<token>", scope=Scope.MANAGE)
def revoke_token(ctx: Context, person: str, token: str, key: str) -> None:
    """Make a token of any person void."""
    _find(ctx, person)
    people.revoke_token(ctx, _number(token), key=key)


@get("/setup/invitations")
def list_invitations(ctx: Context) -> list[InvitationTold]:
    """List the invitations that were neither accepted nor withdrawn, the newest first. For managers."""
    managers_only(ctx)
    return [InvitationTold.model_validate(row) for row in queries.open_invitations(ctx.session)]


@post("/setup/invitations", scope=Scope.MANAGE, status=201)
def invite_person(ctx: Context, body: Invite, key: str) -> InvitationTold:
    """Invite a person by email."""
    return InvitationTold.model_validate(invitations.invite(ctx, body.email, body.role, key=key))


@post("/setup/invitations/<invitation>/again", scope=Scope.MANAGE)
def send_invitation_again(ctx: Context, invitation: str, key: str) -> InvitationTold:
    """Send an invitation once more; earlier links are void."""
    return InvitationTold.model_validate(invitations.send_again(ctx, _number(invitation), key=key))


@delete("/setup/invitations/<invitation>", scope=Scope.MANAGE)
def withdraw_invitation(ctx: Context, invitation: str, key: str) -> None:
    """Take an invitation back: its link opens nothing any more."""
    invitations.withdraw(ctx, _number(invitation), key=key)


def _number(part: str) -> int:
    return existing(whole_number(part))


def _find(ctx: Context, part: str) -> Person:
    return people.find(ctx, _number(part))


def _plain(person: Person) -> dict[str, Any]:
    return StaffTold.model_validate(person).model_dump()
