"""Phone calls: recorded during the call as a request, a lead, or a note to management (T6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from paidsupport.catalogue.rules.terms import Terms
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
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import TEXT_LIMIT, is_visible, many_lines, one_line, shorten
from paidsupport.kernel.words import words
from paidsupport.privacy.redaction import looks_like_credential
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.operations import history, transitions
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.queries.tickets import by_codes
from paidsupport.tickets.tables import Ticket

#: The kinds of customer, for the form.
CALLERS = {
    "user": _("User"),
    "merchant": _("Merchant"),
    "bank": _("Bank"),
    "other": _("Other, or not known"),
}
#: What a call can become, for the form.
PURPOSES = {
    "support": _("Request: a question or a bug"),
    "sales": _("Sales lead: they want to buy something"),
    "management": _("Note to managers: only they can decide"),
}
#: The guide beside the form, and the text if there is none.
GUIDE = "first-call"
GUIDANCE = _("""\
- **Listen.** Let them finish, and write down what they say.
- **Repeat it in your own words.** Is that what they mean?
- You can point to the **documentation**.
- **Promise nothing:** no fix and no date, unless a manager has approved it.
- **If in doubt,** pass it on to the managers.
""")
_NO_PASSWORDS = _(
    "Remove passwords and keys. All staff can read this. The customer enters them on their private page"
    " when the owner of the ticket asks for them."
)
_NO_LEADS = _(
    "Choose “Request”. The catalogue has no service for leads, but a request can be passed on to sales."
)
#: Characters left in an annotation for the caller and the time.
_HEADING = 1_000
#: Words of this length are worth searching for.
_TELLING = 3
_OLDEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it was typed; `called_at` in the desk's time zone: `2026-11-24 14:05`."""

    name: str = ""
    caller: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""
    subject: str = ""
    notes: str = ""
    called_at: str = ""
    purpose: str = "support"
    #: Whether the person who took the call claims the ticket.
    take: bool = False
    #: Whether the caller gets their code by email, if their address is known.
    confirm: bool = True

    @property
    def is_confirmed(self) -> bool:
        """Whether the code is emailed; never for a note to management."""
        return bool(self.confirm and self.email.strip()) and self.purpose != "management"


@dataclass(frozen=True, slots=True)
class _Tidy:
    """A call whose fields were checked."""

    texts: dict[str, str]
    called_at: datetime


def record(ctx: Context, call: Call, key: str) -> Ticket:
    """Turn a call into a ticket: a request, a lead, or a note that all managers get an email about.

    The caller has checked the syntax of the email address, which may be empty. A repeated key returns the
    same ticket.

    Raises:
        InvalidInputError: By field as in `Call`.
        KeyReusedError: The form was sent with other content.
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
    """Record a call on a ticket about the same matter, as an annotation; returns that ticket.

    A repeated key records it once.

    Raises:
        InvalidInputError: By field as in `Call`; `same` for the ticket.
        KeyReusedError: The form was sent with other content.
        VaultClosedError: The text cannot be compared with secrets now.
    """
    problems: dict[str, list[str]] = {}
    tidy = _tidied(ctx, call, problems, {"name": _REQUIRED["name"]})
    if not is_visible(call.subject + call.notes):
        problems["notes"] = [_("Enter what they said.")]
    known = tidy_code(code) or ""
    same = by_codes(ctx.session, known).get(known)
    if same is None:
        problems["same"] = [_("Check the code: there's no such ticket.")]
    elif same.erased_at is not None:
        problems["same"] = [_("Record the call as a new ticket. The customer's data on this one was erased.")]
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
    """Earlier tickets of the caller, by what has been typed so far; see `calls.queries.earlier`."""
    address = email.strip()[: addresses.LIMIT]
    groups = [_telling(words(text)) for text in (address, name, organisation)]
    telling = [group for group in groups if any(len(word) >= _TELLING for word in group)]
    return store.earlier(ctx.session, address, phones.compared(phone[: phones.LIMIT]), telling)


def guidance(session: Session) -> str:
    """How to lead a first call, in Markdown: the guide called `first-call`, or a built-in text."""
    return body_of(session, GUIDE) or GUIDANCE


def _telling(group: list[str]) -> list[str]:
    """Leave out a last word that has only just been started."""
    return group[:-1] if len(group) > 1 and len(group[-1]) < _TELLING else group


def _examined(ctx: Context, call: Call) -> tuple[_Tidy, Terms]:
    """A call that can become a ticket, and the service for it. Raises InvalidInputError."""
    problems: dict[str, list[str]] = {}
    tidy = _tidied(ctx, call, problems, _REQUIRED)
    if call.caller not in CALLERS:
        problems["caller"] = [_("Choose a kind of customer, or “Other” if you don't know.")]
    if not call.email.strip() and not call.phone.strip():
        problems["phone"] = [_("Enter a phone number or an email address, so that we can reply.")]
    service = _service(ctx, call.purpose, problems)
    if problems or service is None:
        raise InvalidInputError(problems)
    return tidy, service


def _open(ctx: Context, service: Terms, call: Call, tidy: _Tidy, change: Change[Context, Ticket]) -> None:
    texts = tidy.texts
    inquiry = Inquiry(
        channel="phone",
        purpose=call.purpose,
        subject=texts["subject"],
        # notes to management are not for the customer, who can read the details on their page
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


def _service(ctx: Context, purpose: str, problems: dict[str, list[str]]) -> Terms | None:
    """The service that takes calls for `purpose`; if there is none, the reason is added to `problems`."""
    if purpose not in PURPOSES:
        problems["purpose"] = [_("Choose where the call goes.")]
        return None
    service = requests.service_for(ctx, purpose)
    if service is None:
        problems["purpose"] = [_("Requests aren't set up: the catalogue has no service for them.")]
    elif purpose == "sales" and service.workflow != "sales":
        problems["purpose"] = [_NO_LEADS]
    elif purpose == "management" and not ctx.by.is_manager and not _managers(ctx):
        problems["purpose"] = [_("Choose “Request”. There's no manager yet.")]
    return service


def _managers(ctx: Context) -> Sequence[int]:
    """Every manager except the one who took the call."""
    return [id_ for id_ in managers(ctx.session) if id_ != ctx.by.id]


_REQUIRED: dict[str, str] = {
    "name": _("Enter the caller's name."),
    "subject": _("Enter in a few words what it is about."),
}


def _tidied(ctx: Context, call: Call, problems: dict[str, list[str]], required: dict[str, str]) -> _Tidy:
    """A call as it is stored; problems are added to `problems`, by field."""
    fields = Fields(problems)
    texts = {
        field: fields.read(field, getattr(call, field), tidy, required=required.get(field, ""))
        for field, tidy in _TIDY.items()
    }
    for field in ("subject", "notes"):
        if looks_like_credential(texts[field]):
            fields.refuse(field, _NO_PASSWORDS)
    if "=?" in texts["email"]:
        # mail programs would decode it, and line breaks with it
        problems["email"] = [_("Enter an email address without “=?”.")]
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
    """The time of the call; usually the minute in which the form was opened, which it starts with."""
    try:
        moment = datetime.fromisoformat(typed.strip())
        moment = moment.replace(tzinfo=moment.tzinfo or ctx.services.hours.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        problems["called_at"] = [_("Enter the date and time, like 2026-11-24 14:05.")]
        return ctx.now
    if moment > ctx.now:
        problems["called_at"] = [_("Enter a time in the past.")]
    elif ctx.now - moment > _OLDEST:
        problems["called_at"] = [_("Check the year: this is more than a year ago.")]
    return moment


def _told(ctx: Context, tidy: _Tidy) -> str:
    """Who called and when, in one line."""
    who = [tidy.texts[field] for field in ("name", "organisation", "email", "phone") if tidy.texts[field]]
    when = f"{ctx.services.hours.local(tidy.called_at):%Y-%m-%d %H:%M %Z}"
    said = _("Phone call with %(who)s on %(when)s", who=shorten(", ".join(who), _HEADING // 2), when=when)
    # in the language of the person who writes it
    return str(translate(said))
