"""Template filters: deadlines of tickets, and remarks on the tone of emails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from paidsupport.catalogue.rules.checklists import EvidenceKind
from paidsupport.catalogue.rules.deadlines import DeadlineKind
from paidsupport.catalogue.rules.questions import Kind
from paidsupport.kernel.i18n.languages import spoken, translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext, worded
from paidsupport.kernel.mount import current
from paidsupport.kernel.web.filters import exactly, full_moment, linked
from paidsupport.privacy.tone import Remark
from paidsupport.tickets.deadlines.rules import LABELS, how_long, time_left


def due(ticket: object) -> Markup:
    """Format the working time left until the nearest deadline of a row of the queue; marked when near.

    Kept short, since a queue has many rows: the exact moment is in the title, without the present year.
    """
    row: Any = ticket
    if not row.due_kind:
        return Markup()
    mount = current()
    now = mount.clock()
    tag = "b" if row.near_at <= now else "span"
    local = mount.services.hours.local(row.due_at)
    year = local.year != mount.services.hours.local(now).year
    moment = spoken().formats.moment(local, year=year)
    title = translate(
        _("%(deadline)s: %(moment)s", deadline=LABELS[DeadlineKind(row.due_kind)], moment=moment)
    )
    words = translate(time_left(row.due_at, now, mount.services.hours))
    return Markup(f'<{tag} title="{title}">{words}</{tag}>')  # noqa: S704  # nothing in it comes from people


def left(due_at: datetime, near_at: datetime, kind: str) -> Markup:
    """Format the working time left until a deadline as a `<time>` element, marked when near."""
    mount = current()
    now = mount.clock()
    near = ' class="ps-due"' if near_at <= now else ""
    label, moment = LABELS[DeadlineKind(kind)], full_moment(due_at)
    title = translate(_("%(deadline)s: %(moment)s", deadline=label, moment=moment))
    exact, words = exactly(due_at), translate(time_left(due_at, now, mount.services.hours))
    return Markup(f'<time{near} datetime="{exact}" title="{title}">{words}</time>')  # noqa: S704  # likewise


def answered(answer: Mapping[str, Any]) -> str:
    """The answer to a question of the service, or the evidence of an item, in the current language."""
    value = answer["value"]
    if answer["kind"] == EvidenceKind.FILE and value:
        number = int(value.split()[0])
        return str(translate(ngettext("%(num)s file", "%(num)s files", number)))
    if answer["kind"] == Kind.YES_NO and value:
        return str(translate(_("Yes") if value == "yes" else _("No")))
    if answer["kind"] == Kind.DATE and value:
        return spoken().formats.day(date.fromisoformat(value))
    made, known = value if isinstance(value, list) else [value], answer.get("choices", {})
    return ", ".join(str(translate(worded(each, known.get(each, {})))) for each in made)


def remarked(text: str, remarks: Sequence[Remark]) -> Markup:
    """Like `linked`, with the `remarks` marked in the text, each linked to its explanation."""
    at = 0
    parts: list[Markup] = []
    for number, remark in enumerate(remarks, start=1):
        marked = Markup(
            '<mark class="ps-mark" id="ps-place-{0}">{1}'
            '<a href="#ps-remark-{0}" aria-label="Remark {0}">{0}</a></mark>'
        )
        parts += [linked(text[at : remark.start]), marked.format(number, text[remark.start : remark.end])]
        at = remark.end
    return Markup("").join([*parts, linked(text[at:])])


#: The filters by their names in templates.
ALL: dict[str, Callable[..., Any]] = {
    "answered": answered,
    "due": due,
    "left": left,
    "working_time": lambda minutes, up=False: how_long(minutes, current().services.hours, up=up),
    "remarked": remarked,
}
