"""GitLab over its API v4: confidential issues, internal notes, lines that it takes for commands (P17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any
from urllib.parse import quote

from paidsupport.connect.connections.kinds import line_of
from paidsupport.connect.outgoing import Answer
from paidsupport.connect.trackers.asking import Desk
from paidsupport.connect.trackers.forge import (
    LONGEST,
    NO_MILESTONE,
    NOT_WHOLE,
    OVERLAP,
    PAGE,
    PRIORITY_LABELS,
    labels_for,
    priority_labels,
    priority_of,
)
from paidsupport.connect.trackers.protocol import Abilities, Change, Fields, Note, Outgoing, Stage, There
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
    signed,
    text,
)
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

#: It keeps issues and notes private; open and closed is all that it tells apart.
ABILITIES = Abilities(
    private_issue=True, private_note=True, stages=frozenset({Stage.NEW, Stage.CLOSED}), one_release=True
)
_NO_ISSUES = storable(_("The project has no issues. Turn them on there."))


class GitLab:
    """One project on a GitLab, as the account of the token.

    Args:
        desk: Asks its API.
        page: Where people see it: the address without what programs call.
        project: Its path, with the groups that it is in.
        adds_milestones: Whether it may add milestones that issues are planned for.
    """

    abilities = ABILITIES

    def __init__(self, desk: Desk, page: str, project: str, *, adds_milestones: bool) -> None:
        self._desk, self._adds, self._name = desk, adds_milestones, project
        self._page = f"{page}/{quote(project)}/-/issues"
        self._lock = Lock()
        self._known: tuple[int, int] | None = None

    def check(self) -> str:
        """Whether the token is accepted, and the project has issues."""
        self._known = None
        found = mapping(self._desk.get(f"/projects/{self._ids()[0]}").content)
        return str(_NO_ISSUES) if found.get("issues_enabled") is False else ""

    def file(self, issue: Outgoing) -> There | None:
        """File it with our reference at the end of its text, by which it is found again."""
        content = {
            "title": issue.summary[:LONGEST],
            "description": signed(_tamed(issue.details), issue.reference),
            "confidential": issue.private,
            "labels": _joined(labels_for(issue)),
        }
        found = mapping(self._desk.send("POST", self._issues, content).content)
        if not id_of(found, "iid"):
            raise UnclearError(NOT_WHOLE)
        return self._there(found)

    def find(self, reference: str) -> There | None:
        """The issue of our own with this reference, from its newest: indexes for searching lag behind."""
        for each in self._list({"author_id": self._ids()[1]}):
            if self._is_ours(each) and reference_in(text(each, "description")) == reference:
                return self.look(id_of(each, "iid"))
        return None

    def look(self, id_: str) -> There:
        """One issue with what people noted on it; what GitLab itself notes is left out."""
        found = mapping(self._desk.get(self._at(id_)).content)
        if id_of(found, "iid") != id_:
            raise NotSentError(NOT_WHOLE, permanent=False)
        asked = {"sort": "asc", "order_by": "created_at", "per_page": PAGE}
        notes = paged(self._desk, f"{self._at(id_)}/notes", asked)
        return self._there(
            found, [self._note(each) for each in notes if id_of(each) and not each.get("system")]
        )

    def note(self, id_: str, text: str, *, private: bool) -> str:
        """Add a note; returns its id."""
        content = {"body": _tamed(text), "internal": private}
        found = mapping(self._desk.send("POST", f"{self._at(id_)}/notes", content).content)
        if not id_of(found):
            raise UnclearError(NOT_WHOLE)
        return id_of(found)

    def set(self, id_: str, fields: Fields, version: str) -> There:  # noqa: ARG002  # it has none
        """Change an issue; labels of others stay."""
        content: dict[str, Any] = {}
        if fields.stage is not None:
            content["state_event"] = "close" if fields.stage is Stage.CLOSED else "reopen"
        if fields.release is not None:
            content["milestone_id"] = self._milestone(fields.release) if fields.release else 0
        if fields.priority is not None:
            wanted = priority_labels(fields.priority)
            content["remove_labels"] = _joined([each for each in PRIORITY_LABELS if each not in wanted])
            if wanted:
                content["add_labels"] = _joined(wanted)
        if fields.private is not None:
            content["confidential"] = fields.private
        found = mapping(self._desk.send("PUT", self._at(id_), content).content)
        if id_of(found, "iid") != id_:
            raise UnclearError(NOT_WHOLE)
        return self._there(found)

    def changed_since(self, watermark: Mapping[str, Any]) -> tuple[Sequence[Change], Mapping[str, Any]]:
        """Read the issues that were changed since, newest first: that order stays while they change."""
        since = reading_since(watermark, OVERLAP)
        if since is None:
            newest = next(self._list({}), None)
            return (), begin(self._seen(newest) if newest else None)
        found = self._list({"updated_after": since.strftime("%Y-%m-%dT%H:%M:%SZ")})
        return changes((self._seen(each) for each in found), watermark, OVERLAP)

    def _list(self, query: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        """Issues of all states, those that were filed last first; older releases page by numbers."""
        order = {"scope": "all", "order_by": "created_at", "sort": "desc"}
        seen = set[str]()
        for each in paged(
            self._desk, self._issues, {**order, "pagination": "keyset", "per_page": PAGE, **query}
        ):
            if (id_ := id_of(each, "iid")) and id_ not in seen:
                seen.add(id_)
                yield each

    def _milestone(self, name: str) -> int:
        path = f"/projects/{self._ids()[0]}/milestones"
        # a group's milestone serves its projects, which can have none of the same name
        asked = {"title": name, "include_ancestors": "true", "per_page": PAGE}
        for each in paged(self._desk, path, asked):
            if text(each, "title") == name:
                return number(each.get("id"))
        if not self._adds:
            raise NotSentError(filled(NO_MILESTONE, name=name), permanent=True)
        found = mapping(self._desk.send("POST", path, {"title": name}).content)
        if not id_of(found):
            raise UnclearError(NOT_WHOLE)
        return number(found["id"])

    def _ids(self) -> tuple[int, int]:
        """The ids of the project and of the account of the token."""
        with self._lock:
            if self._known is None:
                me = mapping(self._desk.get("/user").content)
                project = mapping(self._desk.get(f"/projects/{quote(self._name, safe='')}").content)
                known = number(project.get("id")), number(me.get("id"))
                if not all(known):
                    raise NotSentError(NOT_WHOLE, permanent=False)
                self._known = known
            return self._known

    @property
    def _issues(self) -> str:
        return f"/projects/{self._ids()[0]}/issues"

    def _at(self, id_: str) -> str:
        return f"{self._issues}/{quote(id_, safe='')}"

    def _is_ours(self, row: Mapping[str, Any]) -> bool:
        return number(mapping(row.get("author")).get("id")) == self._ids()[1]

    def _seen(self, row: Mapping[str, Any]) -> Seen:
        changed, created = moment(text(row, "updated_at")), moment(text(row, "created_at"))
        return Seen(id_of(row, "iid"), changed, created, self._is_ours(row))

    def _there(self, row: Mapping[str, Any], notes: Sequence[Note] = ()) -> There:
        """The fields that are known, one by one: who reported something is never among them."""
        id_, said, who = id_of(row, "iid"), row.get("labels"), mapping(row.get("author"))
        labels = tuple(each for each in said if isinstance(each, str)) if isinstance(said, list) else ()
        return There(
            id=id_,
            link=f"{self._page}/{id_}",
            version=text(row, "updated_at")[:200],
            stage=Stage.CLOSED if text(row, "state") == "closed" else Stage.NEW,
            ours=self._is_ours(row),
            reference=reference_in(text(row, "description")),
            summary=nameless(text(row, "title"), who),
            details=nameless(text(row, "description"), who),
            private=row.get("confidential") is True,
            state=text(row, "state"),
            priority=priority_of(labels),
            release=text(mapping(row.get("milestone")), "title"),
            tags=labels,
            notes=notes,
        )

    def _note(self, row: Mapping[str, Any]) -> Note:
        # releases before 15 say it in another word
        private = row.get("internal") is True or row.get("confidential") is True
        ours, said = self._is_ours(row), _untamed(text(row, "body"))
        said = said if ours else nameless(said, mapping(row.get("author")))
        return Note(id=id_of(row), text=said, private=private, ours=ours)


def gitlab(values: Values) -> GitLab:
    """The client of a connection."""
    url = values["url"].rstrip("/")
    desk = Desk(line_of(values, f"{url}/api/v4"), {"PRIVATE-TOKEN": values["token"]}, _why)
    return GitLab(desk, url, values["project"], adds_milestones=values.get("milestones") == "add")


def _why(answer: Answer, content: Any) -> str:  # noqa: ANN401  # whatever JSON holds
    """What it says of a problem: a text, or lists of texts by field."""
    found = mapping(content)
    said = found.get("message") or found.get("error")
    if isinstance(said, dict):
        said = ", ".join(f"{name}: {value}" for name, value in said.items())
    return said if isinstance(said, str) and said else str(answer.status)


def _joined(labels: Sequence[str]) -> str:
    return ",".join(each.replace(",", " ") for each in labels)


def _tamed(said: str) -> str:
    """A text of which no line is a command: `/close` at its beginning would close the issue."""
    return "\n".join(f"\\{line}" if line.startswith("/") else line for line in _lines(said))


def _untamed(said: str) -> str:
    return "\n".join(line[1:] if line.startswith("\\/") else line for line in _lines(said))


def _lines(said: str) -> Sequence[str]:
    return said.replace("\r\n", "\n").split("\n")
