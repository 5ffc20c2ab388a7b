"""What GitHub and Forgejo have alike: numbered issues with labels, milestones and comments (P17).

Issues are open or closed. Neither can keep an issue or a comment from those who see the repository, and
neither refuses a change of what somebody else has changed: `set` is asked right after a look.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, ClassVar
from urllib.parse import quote

from paidsupport.connect.outgoing import Answer
from paidsupport.connect.trackers.asking import Desk
from paidsupport.connect.trackers.protocol import (
    Abilities,
    Change,
    Fields,
    GoneError,
    Note,
    Outgoing,
    Stage,
    There,
)
from paidsupport.connect.trackers.reading import (
    Seen,
    begin,
    changes,
    id_of,
    mapping,
    moment,
    nameless,
    number,
    paged,
    reading_since,
    reference_in,
    rows,
    signed,
    text,
)
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

#: Open and closed is all that they tell apart; what shipped stands in the milestone.
ABILITIES = Abilities(stages=frozenset({Stage.NEW, Stage.CLOSED}), one_release=True)

NO_MILESTONE = storable(
    _("The tracker has no milestone %(name)s. Add it there, or let the desk add missing ones.")
)
NOT_WHOLE = storable(_("The tracker's answer lacks what was asked for. Check its address."))
_NO_ISSUES = storable(_("The repository has no issues. Turn them on there."))
_PUBLIC = storable(_("It's private, and everybody who sees the repository would see it there."))
_NO_ISSUE = storable(_("That's no issue there any more."))

PAGE = 100
#: The longest title and label that they take.
LONGEST, LONGEST_LABEL = 250, 50
#: What is read again: a list that is read page by page takes its time, and times are whole seconds.
OVERLAP = timedelta(minutes=2)

#: The labels of priorities; a normal one has none.
_PRIORITY = "priority: "
_PRIORITIES = {1: "urgent", 2: "high", 4: "low"}
PRIORITY_LABELS = tuple(_PRIORITY + name for name in _PRIORITIES.values())
_NORMAL = 3
#: The labels of kinds, as new repositories have them.
_KINDS = {"bug": "bug", "feature": "enhancement", "documentation": "documentation"}


def labels_for(issue: Outgoing) -> list[str]:
    """The labels of a new issue: its kind, its priority and its tags."""
    wanted = [_KINDS.get(issue.kind, ""), *priority_labels(issue.priority), *issue.tags]
    return list(dict.fromkeys(label for each in wanted if (label := each.strip()[:LONGEST_LABEL])))


def priority_labels(priority: int) -> list[str]:
    """The label of a priority; none if it is normal."""
    return [_PRIORITY + _PRIORITIES[priority]] if priority in _PRIORITIES else []


def is_priority(label: str) -> bool:
    """Whether a label says how urgent an issue is."""
    return label.lower() in PRIORITY_LABELS


def priority_of(labels: Iterable[str]) -> int:
    """The priority that labels say, the most urgent one if they disagree."""
    said = {label.lower() for label in labels}
    found = [priority for priority, name in _PRIORITIES.items() if _PRIORITY + name in said]
    return min(found, default=_NORMAL)


class Forge(ABC):
    """One repository, as the account of the token.

    Args:
        desk: Asks its API.
        page: Where people see it: the address without what programs call.
        repository: `owner/name`.
        adds_milestones: Whether it may add milestones that issues are planned for.
    """

    abilities = ABILITIES
    #: What its API calls the size of a page and the account that filed an issue, and what else a list says.
    size: ClassVar[str]
    author: ClassVar[str]
    more: ClassVar[Mapping[str, str]] = {}
    #: By what field it knows a milestone.
    milestone_id: ClassVar[str]
    #: What takes the milestone away.
    no_milestone: ClassVar[int | None]

    def __init__(self, desk: Desk, page: str, repository: str, *, adds_milestones: bool) -> None:
        self._desk, self._adds = desk, adds_milestones
        self._repository = f"/repos/{quote(repository)}"
        self._page = f"{page}/{quote(repository)}/issues"
        self._lock = Lock()
        self._me: tuple[int, str] | None = None

    def check(self) -> str:
        """Whether the token is accepted, and the repository has issues."""
        self._me = None
        self._account()
        found = mapping(self._desk.get(self._repository).content)
        return str(_NO_ISSUES) if found.get("has_issues") is False else ""

    def file(self, issue: Outgoing) -> There | None:
        """File it with our reference at the end of its text, by which it is found again."""
        if issue.private:
            raise NotSentError(_PUBLIC, permanent=True)
        content = {
            "title": issue.summary[:LONGEST],
            "body": signed(issue.details, issue.reference),
            "labels": self.named(labels_for(issue)),
        }
        found = mapping(self._desk.send("POST", f"{self._repository}/issues", content).content)
        if not id_of(found, "number"):
            raise UnclearError(NOT_WHOLE)
        return self._there(found)

    def find(self, reference: str) -> There | None:
        """The issue of our own with this reference, from its newest: indexes for searching lag behind."""
        _id, name = self._account()
        for each in self._issues({self.author: name}):
            if self._is_ours(each) and reference_in(text(each, "body")) == reference:
                return self.look(id_of(each, "number"))
        return None

    def look(self, id_: str) -> There:
        """One issue with its comments."""
        found = self._issue(id_)
        comments = number(found.get("comments"))
        notes = paged(self._desk, f"{self._at(id_)}/comments", {self.size: PAGE}) if comments else ()
        return self._there(found, [self._note(each) for each in notes if id_of(each)])

    def note(self, id_: str, text: str, *, private: bool) -> str:
        """Add a comment, which everybody sees; returns its id."""
        if private:
            raise NotSentError(_PUBLIC, permanent=True)
        found = mapping(self._desk.send("POST", f"{self._at(id_)}/comments", {"body": text}).content)
        if not id_of(found):
            raise UnclearError(NOT_WHOLE)
        return id_of(found)

    def set(self, id_: str, fields: Fields, version: str) -> There:  # noqa: ARG002  # it has none
        """Change an issue; labels of others stay."""
        content: dict[str, Any] = {}
        if fields.stage is not None:
            content |= self.state(fields)
        if fields.release is not None:
            content["milestone"] = self._milestone(fields.release) if fields.release else self.no_milestone
        labels = None
        if fields.priority is not None:
            labels = rows(self._issue(id_), "labels")
            labels = [each for each in labels if not is_priority(text(each, "name"))]
        self.change(self._at(id_), content, labels, priority_labels(fields.priority or 0))
        return self._there(self._issue(id_))

    def changed_since(self, watermark: Mapping[str, Any]) -> tuple[Sequence[Change], Mapping[str, Any]]:
        """Read the issues that were changed since, newest first: that order stays while they change."""
        since = reading_since(watermark, OVERLAP)
        if since is None:
            newest = next(self._issues({}), None)
            return (), begin(self._seen(newest) if newest else None)
        found = self._issues({"since": _stamp(since)})
        return changes((self._seen(each) for each in found), watermark, OVERLAP)

    @abstractmethod
    def named(self, labels: Sequence[str]) -> Sequence[str | int]:
        """Labels as a new issue names them."""

    @abstractmethod
    def state(self, fields: Fields) -> Mapping[str, Any]:
        """The fields of a change that bring its stage about."""

    @abstractmethod
    def change(
        self,
        path: str,
        content: Mapping[str, Any],
        labels: Sequence[Mapping[str, Any]] | None,
        added: Sequence[str],
    ) -> None:
        """Change an issue: fields, and labels (None: they stay) with those that are added."""

    def _issues(self, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """Issues of all states without pull requests, those that were filed last first."""
        asked = {"state": "all", self.size: PAGE, **self.more, **query}
        seen = set[str]()
        for each in paged(self._desk, f"{self._repository}/issues", asked):
            id_ = id_of(each, "number")
            # a new issue moves others on to the next page
            if id_ and id_ not in seen and not each.get("pull_request"):
                seen.add(id_)
                yield each

    def _issue(self, id_: str) -> Mapping[str, Any]:
        found = mapping(self._desk.get(self._at(id_)).content)
        if id_of(found, "number") != id_:
            raise NotSentError(NOT_WHOLE, permanent=False)
        if found.get("pull_request"):
            raise GoneError(_NO_ISSUE)
        return found

    def _milestone(self, name: str) -> int:
        path = f"{self._repository}/milestones"
        for each in paged(self._desk, path, {"state": "all", self.size: PAGE}):
            if text(each, "title") == name:
                return number(each.get(self.milestone_id))
        if not self._adds:
            raise NotSentError(filled(NO_MILESTONE, name=name), permanent=True)
        found = mapping(self._desk.send("POST", path, {"title": name}).content)
        if not id_of(found, self.milestone_id):
            raise UnclearError(NOT_WHOLE)
        return number(found[self.milestone_id])

    def _account(self) -> tuple[int, str]:
        """The id and the name of the account of the token."""
        with self._lock:
            if self._me is None:
                found = mapping(self._desk.get("/user").content)
                self._me = number(found.get("id")), text(found, "login")
            if not all(self._me):
                self._me = None
                raise NotSentError(NOT_WHOLE, permanent=False)
            return self._me

    def _at(self, id_: str) -> str:
        return f"{self._repository}/issues/{quote(id_, safe='')}"

    def _is_ours(self, row: Mapping[str, Any]) -> bool:
        return number(mapping(row.get("user")).get("id")) == self._account()[0]

    def _seen(self, row: Mapping[str, Any]) -> Seen:
        changed, created = moment(text(row, "updated_at")), moment(text(row, "created_at"))
        return Seen(id_of(row, "number"), changed, created, self._is_ours(row))

    def _there(self, row: Mapping[str, Any], notes: Sequence[Note] = ()) -> There:
        """The fields that are known, one by one: who reported something is never among them."""
        id_, body, who = id_of(row, "number"), text(row, "body"), mapping(row.get("user"))
        labels = tuple(text(each, "name") for each in rows(row, "labels"))
        closed = text(row, "state") == "closed"
        release = text(mapping(row.get("milestone")), "title")
        return There(
            id=id_,
            link=f"{self._page}/{id_}",
            version=text(row, "updated_at")[:200],
            stage=Stage.CLOSED if closed else Stage.NEW,
            ours=self._is_ours(row),
            reference=reference_in(body),
            summary=nameless(text(row, "title"), who),
            details=nameless(body, who),
            state=text(row, "state"),
            resolution=text(row, "state_reason").replace("_", " ") if closed else "",
            priority=priority_of(labels),
            release=release,
            tags=labels,
            notes=notes,
        )

    def _note(self, row: Mapping[str, Any]) -> Note:
        ours, said = self._is_ours(row), text(row, "body")
        return Note(id_of(row), said if ours else nameless(said, mapping(row.get("user"))), ours=ours)


def why(answer: Answer, content: Any) -> str:  # noqa: ANN401  # whatever JSON holds
    """What it says of a problem, with the fields that it names."""
    found = mapping(content)
    fields = [text(each, "message") or text(each, "field") for each in rows(found, "errors")]
    return ", ".join(each for each in (text(found, "message"), *fields) if each) or str(answer.status)


def _stamp(moment_: datetime) -> str:
    return moment_.strftime("%Y-%m-%dT%H:%M:%SZ")
