"""Phone calls: noted while somebody talks, and sent on as a request, a lead, or a note to management (T6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from paidsupport.intake.calls import queries as store
from paidsupport.intake.guides.queries import body_of
from paidsupport.intake.requests import operations as requests
from paidsupport.intake.requests.operations import Inquiry
from paidsupport.issues.queries.news import managers
from paidsupport.kernel import addresses, phones
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.text import TEXT_LIMIT, is_visible, many_lines, one_line, shorten
from paidsupport.kernel.words import words
from paidsupport.privacy.redaction import looks_like_credential
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.catalogue.tables import Service
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.operations import history, transitions
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.queries.tickets import by_codes
from paidsupport.tickets.tables import Ticket

#: Kinds of customer, as a form asks for them.
CALLERS = {"user": "User", "merchant": "Merchant", "bank": "Bank", "other": "Other, or not known"}
#: Where a call goes, as a form asks for it.
PURPOSES = {
    "support": "Request: a question, or a bug that triage follows",
    "sales": "Sales lead: they want something that costs",
    "management": "Note to management: something nobody here may decide",
}
#: The guide that stands beside the form, and what stands there without it.
GUIDE = "first-call"
GUIDANCE = """\
- **Listen.** Let them finish; write down their words.
- **Repeat it in your words.** Is that what they mean?
- You may point to the **documentation**.
- **Promise nothing:** no fix, no day, unless management has approved it.
- **In doubt** pass it on to management.
"""
_NO_PASSWORDS = (
    "Leave passwords and keys out: everybody at the desk reads this. The customer puts them on their private"
    " page when whoever has the ticket asks for them."
)
_NO_LEADS = (
    "The catalogue has no service for leads (workflow “sales”, purposes “sales”). Note it as a request; it"
    " can go to sales from there."
)
#: Room in an annotation for who called, and when.
_HEADING = 1_000
#: A word this long says something about whom to look for.
_TELLING = 3
_OLDEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Call:
    """What was noted of a call, as it was typed; `called_at` by the desk's clocks: `2026-11-24 14:05`."""

    name: str = ""
    caller: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""
    subject: str = ""
    notes: str = ""
    called_at: str = ""
    purpose: str = "support"
    #: Whether whoever took the call goes on with it.
    take: bool = False
    #: Whether the caller gets their code by mail, where an address is known.
    confirm: bool = True

    @property
    def is_confirmed(self) -> bool:
        """Whether the code leaves by mail; nobody hears of a note to management that way."""
        return bool(self.confirm and self.email.strip()) and self.purpose != "management"


@dataclass(frozen=True, slots=True)
class _Tidy:
    """A call without anything that cannot be kept."""

    texts: dict[str, str]
    called_at: datetime


def record(ctx: Context, call: Call, key: str) -> Ticket:
    """Make a ticket of a call: a request, a lead, or a note that all managers get an email about.

    The e-mail address must be a valid one, or empty (the edge checks it with a library). Raises
    InvalidInputError (fields as in `Call`), KeyReusedError. A resent key gives the same ticket.
    """
    once = fingerprint("call", ctx.by.kind, ctx.by.id, key)
    content = ("record", ctx.by.id, *(getattr(call, name) for name in Call.__dataclass_fields__))
    with history.create(ctx, once=once, content=content) as change:
        if not change.repeated:
            tidy, service = _examined(ctx, call)
            with change.racing():
                _open(ctx, service, call, tidy, change)
        if change.repeated:
            return tickets.by_id(ctx.session, change.earlier_id)
    ticket = change.record
    if call.take:
        transitions.apply(ctx, ticket, "claim", version=ticket.version)
    _write_emails(ctx, ticket, call)
    return ticket


def add(ctx: Context, code: str, call: Call, key: str) -> Ticket:
    """Note a call on a ticket that is about the same matter, as an annotation; returns that ticket.

    Raises InvalidInputError (fields as in `Call`; `same` for the ticket), KeyReusedError, VaultClosedError.
    A resent key notes it once.
    """
    problems: dict[str, list[str]] = {}
    tidy = _tidied(ctx, call, problems, {"name": _REQUIRED["name"]})
    if not is_visible(call.subject + call.notes):
        problems["notes"] = ["Write down what they said."]
    known = tidy_code(code) or ""
    same = by_codes(ctx.session, known).get(known)
    if same is None:
        problems["same"] = ["There is no ticket with this code."]
    elif same.erased_at is not None:
        problems["same"] = ["Everything personal of this ticket was erased: make a new one of the call."]
    if problems:
        raise InvalidInputError(problems)
    told = (_told(ctx, tidy), tidy.texts["subject"], tidy.texts["notes"])
    said = "\n\n".join(text for text in told if text)
    try:
        return annotation.annotate(ctx, known, said, key=key)
    except InvalidInputError as error:
        raise InvalidInputError(
            {"notes": [line for lines in error.problems.values() for line in lines]}
        ) from None


def earlier(
    ctx: Context, *, name: str = "", organisation: str = "", email: str = "", phone: str = ""
) -> Sequence[Row[Any]]:
    """Earlier tickets of whoever calls, as far as it has been typed; see `calls.queries.earlier`."""
    address = email.strip()[: addresses.LIMIT]
    groups = [_telling(words(text)) for text in (address, name, organisation)]
    telling = [group for group in groups if any(len(word) >= _TELLING for word in group)]
    return store.earlier(ctx.session, address, phones.compared(phone[: phones.LIMIT]), telling)


def guidance(session: Session) -> str:
    """How to lead a first call, in Markdown: the guide called `first-call`, else our own words."""
    return body_of(session, GUIDE) or GUIDANCE


def _telling(group: list[str]) -> list[str]:
    """Without a last word that has only just been begun."""
    return group[:-1] if len(group) > 1 and len(group[-1]) < _TELLING else group


def _examined(ctx: Context, call: Call) -> tuple[_Tidy, Service]:
    """A call that can become a ticket, and the service that takes it. Raises InvalidInputError."""
    problems: dict[str, list[str]] = {}
    tidy = _tidied(ctx, call, problems, _REQUIRED)
    if call.caller not in CALLERS:
        problems["caller"] = ["Choose what kind of customer is calling; “other” if you do not know."]
    if not call.email.strip() and not call.phone.strip():
        problems["phone"] = ["Note a phone number or an e-mail address: nobody can answer otherwise."]
    service = _service(ctx, call.purpose, problems)
    if problems or service is None:
        raise InvalidInputError(problems)
    return tidy, service


def _open(ctx: Context, service: Service, call: Call, tidy: _Tidy, change: Change[Context, Ticket]) -> None:
    texts = tidy.texts
    inquiry = Inquiry(
        channel="phone",
        purpose=call.purpose,
        subject=texts["subject"],
        # what management is told is not for the customer, who reads the details on their page
        details="" if call.purpose == "management" else texts["notes"],
        name=texts["name"],
        email=texts["email"],
        caller=call.caller,
        organisation=texts["organisation"],
        phone=texts["phone"],
        called_at=tidy.called_at,
    )
    ticket = requests.open_request(ctx, service, inquiry, change)
    if texts["notes"] and not inquiry.details:
        annotation.keep(ctx, ticket, texts["notes"])


def _write_emails(ctx: Context, ticket: Ticket, call: Call) -> None:
    if call.purpose == "management":
        for person_id in _managers(ctx):
            emails.to_person(ctx, ticket, EmailKind.CALL_NOTE, person_id, taken_by=ctx.by.name)
    elif call.is_confirmed:
        submissions.confirm(ctx, ticket, called=True)


def _service(ctx: Context, purpose: str, problems: dict[str, list[str]]) -> Service | None:
    """The service that takes calls for `purpose`; why there is none is put into `problems`."""
    if purpose not in PURPOSES:
        problems["purpose"] = ["Choose where the call goes."]
        return None
    service = requests.service_for(ctx, purpose)
    if service is None:
        problems["purpose"] = ["The catalogue has no service for requests (workflow “request”)."]
    elif purpose == "sales" and service.workflow != "sales":
        problems["purpose"] = [_NO_LEADS]
    elif purpose == "management" and not ctx.by.is_manager and not _managers(ctx):
        problems["purpose"] = ["Nobody at the desk is a manager: note it as a request."]
    return service


def _managers(ctx: Context) -> Sequence[int]:
    """Every manager but whoever took the call."""
    return [id_ for id_ in managers(ctx.session) if id_ != ctx.by.id]


_REQUIRED = {
    "name": "Write down who is calling.",
    "subject": "Write down in a few words what it is about.",
}


def _tidied(ctx: Context, call: Call, problems: dict[str, list[str]], required: dict[str, str]) -> _Tidy:
    """A call as it is kept; all that is wrong with it is put into `problems`, by field."""
    fields = Fields(problems)
    texts = {
        field: fields.read(field, getattr(call, field), tidy, required=required.get(field, ""))
        for field, tidy in _TIDY.items()
    }
    for field in ("subject", "notes"):
        if looks_like_credential(texts[field]):
            fields.refuse(field, _NO_PASSWORDS)
    if "=?" in texts["email"]:
        # mail programs would decode it, and with it line ends
        problems["email"] = ["Write an e-mail address without “=?”."]
    return _Tidy(texts, _moment(ctx, call.called_at, problems))


_TIDY: dict[str, Callable[[str], str]] = {
    "name": one_line,
    "organisation": one_line,
    "email": one_line,
    "phone": phones.tidy_phone,
    "subject": one_line,
    "notes": lambda typed: many_lines(typed, TEXT_LIMIT - _HEADING),
}


def _moment(ctx: Context, typed: str, problems: dict[str, list[str]]) -> datetime:
    """When the call was. A form shows the minute it was opened in, so that is what is mostly kept."""
    try:
        moment = datetime.fromisoformat(typed.strip())
        moment = moment.replace(tzinfo=moment.tzinfo or ctx.services.hours.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        problems["called_at"] = ["Write the day and the time, for example 2026-11-24 14:05."]
        return ctx.now
    if moment > ctx.now:
        problems["called_at"] = ["This has not come yet. When was the call?"]
    elif ctx.now - moment > _OLDEST:
        problems["called_at"] = ["This is more than a year ago: is the year right?"]
    return moment


def _told(ctx: Context, tidy: _Tidy) -> str:
    """Who called and when, in one line."""
    who = [tidy.texts[field] for field in ("name", "organisation", "email", "phone") if tidy.texts[field]]
    at = ctx.services.hours.local(tidy.called_at)
    return f"Phone call with {shorten(', '.join(who), _HEADING // 2)} on {at:%Y-%m-%d %H:%M %Z}"
