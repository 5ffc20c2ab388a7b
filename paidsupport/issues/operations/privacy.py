"""Keeps personal data out of issues: everything typed into one is checked here (T3, N5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from paidsupport.issues.hooks import CALLERS, PUBLIC_PAGES
from paidsupport.issues.operations import history
from paidsupport.issues.queries import words as issue_words
from paidsupport.issues.queries.contents import KEPT, marks_kept
from paidsupport.issues.queries.families import tickets_around
from paidsupport.issues.tables import Issue, IssueNote
from paidsupport.kernel import fields, phones
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.text import shorten
from paidsupport.privacy.personal import recognition as personal
from paidsupport.privacy.personal.recognition import Kind, Known, Span
from paidsupport.privacy.personal.text import fold, host_of
from paidsupport.tickets.tables import Ticket

#: At most this many of the findings are named in one sentence.
_NAMED = 3
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Recognised:
    """Something personal in texts, once however often it occurs; `mark` is its name in forms and events."""

    mark: str
    kind: Kind
    text: str

    @property
    def may_stay(self) -> bool:
        """Whether a person can decide to keep it: anything but passwords and keys."""
        return self.kind is not Kind.PASSWORD


class Reader:
    """Checks texts for personal data, knowing the customers of some tickets: two queries."""

    def __init__(self, ctx: Context, tickets: Iterable[Ticket]) -> None:
        self._ctx = ctx
        self.known = _known(ctx, [ticket for ticket in tickets if ticket.erased_at is None])
        self._colleagues: set[str] | None = None
        self._pages: set[str] | None = None

    def spans(self, text: str) -> list[Span]:
        """Find what is personal in `text`.

        Names of staff do not count, nor do pages on sites that the desk points customers to, unless they
        belong to a customer. These are only looked up when there is something to compare.
        """
        ours = {Kind.NAME: self._is_ours, Kind.HOST: self._is_documentation}
        found = personal.find(text, self.known)
        return [span for span in found if span.kind not in ours or not ours[span.kind](span)]

    def recognised(self, *texts: str) -> list[Recognised]:
        """Everything personal in `texts`, each once, in order."""
        found: dict[str, Recognised] = {}
        for text in texts:
            for span in self.spans(text):
                found.setdefault(self.mark(span), Recognised(self.mark(span), span.kind, span.text))
        return list(found.values())

    def identified(self, *texts: str) -> list[Recognised]:
        """The personal data in `texts` that identifies one of these customers: never a single word."""
        known = self.known
        whole = {" ".join(fold(name).split()) for name in (*known.names, *known.organisations, *known.emails)}
        hosts = {host for typed in known.hosts if (host := host_of(typed))}
        return [
            each
            for each in self.recognised(*texts)
            if " ".join(fold(each.text).split()) in whole
            or (each.kind is Kind.HOST and host_of(each.text) in hosts)
            or (each.kind is Kind.PHONE and any(phones.is_same(each.text, number) for number in known.phones))
        ]

    def mark(self, span: Span) -> str:
        """The keyed hash that stands for a finding, without revealing what it is."""
        return self._ctx.services.links.digest("personal", span.key)

    def cut(self, text: str, kept: Collection[str] = ()) -> str:
        """`text` without anything personal, except what is `kept`."""
        return personal.cut(text, [span for span in self.spans(text) if self.mark(span) not in kept])

    def _is_documentation(self, span: Span) -> bool:
        if self._pages is None:
            pages = self._ctx.services.hooks.gather(PUBLIC_PAGES, self._ctx.session)
            self._pages = {host_of(url) for url in pages}
            self._pages -= {host_of(url) for url in self.known.hosts}
        return host_of(span.text) in self._pages

    def _is_ours(self, span: Span) -> bool:
        if self._colleagues is None:
            rows = [person.name for person in people.everybody(self._ctx.session)]
            theirs = {word for name in self.known.names for word in fold(name).split()}
            self._colleagues = {word for name in rows for word in fold(name).split()} - theirs
        return set(fold(span.text).removesuffix("'s").split()) <= self._colleagues


def refuse_personal(
    ctx: Context,
    about: Issue | Iterable[Ticket],
    text: str,
    field: str,
    *,
    issue: Issue | None = None,
    kept: Collection[str] = (),
) -> None:
    """Refuse a text for an issue that contains personal data. An empty text needs no queries.

    Args:
        ctx: The author.
        about: The issue, whose followers' names are looked for, or the tickets that will follow it.
        text: The text.
        field: The field for the error.
        issue: The issue on which findings were kept before.
        kept: The marks of findings that the author has just decided to keep.

    Raises:
        InvalidInputError: At `field`, with what was found.
    """
    if not text.strip():
        return
    tickets: list[Ticket] = []
    if isinstance(about, Issue):
        issue = about
    else:
        tickets = list(about)
    if issue is not None:
        tickets += tickets_around(ctx.session, issue)
    reader = Reader(ctx, tickets)
    found = [each for each in reader.recognised(text) if each.mark not in kept]
    if found and issue is not None:
        allowed = marks_kept(ctx.session, issue)
        found = [each for each in found if each.mark not in allowed]
    if found:
        raise InvalidInputError({field: [_refusal(found)]})


def refuse_customers(ctx: Context, issue: Issue, text: str, field: str) -> None:
    """Like `refuse_personal`, for a tag or a release: only the name of a follower is refused."""
    if text.strip():
        found = Reader(ctx, tickets_around(ctx.session, issue)).identified(text)
        if found := [each for each in found if each.mark not in marks_kept(ctx.session, issue)]:
            raise InvalidInputError({field: [_refusal(found)]})


def keep(ctx: Context, code: str, typed: str, reason: str, *, key: str) -> Issue:
    """Keep a finding on an issue, for a reason that all its readers can see.

    Raises:
        NotFoundError: There is no such issue for this person.
        InvalidInputError: By field (`typed`, `reason`).
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("issue-keep", code, typed, reason)) as change:
        issue = change.record
        if change.repeated:
            return issue
        found = Reader(ctx, tickets_around(ctx.session, issue)).recognised(typed)
        if not found:
            raise InvalidInputError(
                {"typed": [_("Nothing in this text is flagged as personal. You can enter it as it is.")]}
            )
        if secret := [each for each in found if not each.may_stay]:
            raise InvalidInputError(
                {
                    "typed": [
                        _(
                            "Remove the password “%(text)s”: it can't be kept.",
                            text=shorten(secret[0].text, _SHOWN),
                        )
                    ]
                }
            )
        reasons = {each.mark: reason for each in found}
        note_kept(ctx, change, found, reasons, field="reason")
    return issue


def note_kept(
    ctx: Context,
    change: Change[Context, Issue],
    found: Iterable[Recognised],
    reasons: Mapping[str, str],
    *,
    field: str = "",
) -> None:
    """Record what of `found` is kept, by hash, and why, in words, as a `change` of the issue.

    Raises:
        InvalidInputError: A reason is missing, or is personal itself: at `field`, or at `why-` and the mark.
    """
    issue = change.record
    staying = [each for each in found if each.mark in reasons]
    if not staying:
        return
    told = {each.mark: _reason(reasons[each.mark], each, field) for each in staying}
    marks = list(told)
    for each in staying:
        refuse_personal(ctx, issue, told[each.mark], field or f"why-{each.mark}", kept=marks)
    data = {"kept": marks, "kinds": sorted({each.kind.value for each in staying})}
    change.tell(KEPT, data)
    lines: dict[tuple[str, str], None] = {(each.kind.value, told[each.mark]): None for each in staying}
    body = "\n".join(f"{kind}: {why}" for kind, why in lines)
    add_note(ctx, issue, "kept", body)


def add_note(ctx: Context, issue: Issue, kind: str, body: str, about: str = "") -> IssueNote:
    """Add a note that was already checked, and index it. The caller holds the issue's lock."""
    note = IssueNote(
        issue_id=issue.id,
        kind=kind,
        about=about,
        author_id=ctx.by.id,
        author_name=ctx.by.name,
        body=body,
        at=ctx.now,
    )
    ctx.session.add(note)
    ctx.session.flush()
    issue_words.index(ctx.session, issue.id, body)
    return note


def check_reasons(found: Iterable[Recognised], reasons: Mapping[str, str]) -> dict[str, list[str]]:
    """Find faults in the reasons for keeping findings, by field, before anything is done."""
    problems: dict[str, list[str]] = {}
    for each in found:
        if each.mark in reasons:
            try:
                _reason(reasons[each.mark], each, "")
            except InvalidInputError as error:
                problems |= error.problems
    return problems


def _reason(typed: str, kept: Recognised, field: str) -> str:
    field = field or f"why-{kept.mark}"
    shown = shorten(kept.text, _SHOWN)
    if not kept.may_stay:
        raise InvalidInputError({field: [_("Remove the password “%(text)s”: it can't be kept.", text=shown)]})
    return fields.one_line(field, typed, required=_("Enter a reason for keeping “%(text)s”.", text=shown))


def _refusal(found: Sequence[Recognised]) -> str:
    named = ", ".join(f"“{shorten(each.text, _SHOWN)}” ({each.kind})" for each in found[:_NAMED])
    more = "…" if len(found) > _NAMED else ""
    return _(
        "Remove the personal data: %(found)s%(more)s."
        " If you need it, put it into a private note on the ticket.",
        found=named,
        more=more,
    )


def _known(ctx: Context, tickets: Sequence[Ticket]) -> Known:
    """What the desk knows about the customers of these tickets."""
    settings = ctx.services.settings
    ours = urlsplit(settings.base_url).hostname or ""
    public = (ours, *(host.strip() for host in settings.public_hosts.split(",")))
    if not tickets:
        return Known(public_hosts=tuple(filter(None, public)))
    callers = ctx.services.hooks.gather(CALLERS, ctx.session, [each.id for each in tickets])
    return Known(
        names=_some(ticket.customer_name for ticket in tickets),
        organisations=_some(caller.organisation for caller in callers),
        emails=_some(ticket.customer_email for ticket in tickets),
        phones=_some(caller.phone for caller in callers),
        hosts=_some(ticket.host_url for ticket in tickets),
        accounts=(),
        public_hosts=tuple(filter(None, public)),
    )


def _some(texts: Iterable[str]) -> tuple[str, ...]:
    # a customer who gave no name is called “(unknown)”
    return tuple(dict.fromkeys(text for text in texts if text and not text.startswith("(")))
