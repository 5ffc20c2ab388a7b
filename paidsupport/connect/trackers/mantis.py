"""MantisBT over its REST API (2.29): statuses of the site's own, bare ETags, polling, moderation (P17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

from paidsupport.connect.connections.kinds import line_of
from paidsupport.connect.outgoing import Answer, Line
from paidsupport.connect.trackers.asking import Desk, Read
from paidsupport.connect.trackers.protocol import (
    Abilities,
    Change,
    Fields,
    Note,
    Outgoing,
    Resolution,
    Stage,
    There,
)
from paidsupport.connect.trackers.reading import (
    MOST_PAGES,
    Seen,
    begin,
    changes,
    id_of,
    mapping,
    moment,
    nameless,
    number,
    reading_since,
    reference_in,
    rows,
    text,
)
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

#: Everything that is asked for.
ABILITIES = Abilities(private_issue=True, private_note=True, etag=True)

_NO_PROJECT = storable(_("The token's account sees no project of this name: %(name)s."))
_NO_CATEGORY = storable(_("The project has no category of this name: %(name)s."))
_NO_VERSION = storable(
    _("The project has no version %(name)s. Add it there, or let the desk add missing versions.")
)
_CHILDREN = storable(_("It has sub-issues in the tracker that aren't resolved."))
_FIELD = storable(_("MantisBT wants another value in one of its fields: %(why)s"))
_NOT_WHOLE = storable(_("MantisBT's answer lacks what was asked for. Check the address and the version."))

#: What its own enumerations call them, by number; sites name and add statuses as they like.
_PRIORITIES = {10: 4, 20: 4, 30: 3, 40: 2, 50: 1, 60: 1}
_OUR_PRIORITIES = {1: "urgent", 2: "high", 3: "normal", 4: "low"}
_RESOLUTIONS = {
    Resolution.OPEN: 10,
    Resolution.FIXED: 20,
    Resolution.NOT_REPEATABLE: 40,
    Resolution.DUPLICATE: 60,
    Resolution.NO_FAULT: 70,
    Resolution.OTHER: 80,
    Resolution.WILL_NOT_BE_DONE: 90,
}
#: The first number of each stage; RESOLVED begins where the site says.
_FIRST = {
    Stage.ACKNOWLEDGED: 20,
    Stage.CONFIRMED: 40,
    Stage.ASSIGNED: 50,
    Stage.RESOLVED: 80,
    Stage.CLOSED: 90,
}
#: What each stage is at best: `feedback` (20) means that the reporter is asked, so that it is not ours.
_BEST = {
    Stage.NEW: 10,
    Stage.ACKNOWLEDGED: 30,
    Stage.CONFIRMED: 40,
    Stage.ASSIGNED: 50,
    Stage.RESOLVED: 80,
    Stage.CLOSED: 90,
}
_USUAL = "10:new,20:feedback,30:acknowledged,40:confirmed,50:assigned,80:resolved,90:closed"
_PRIVATE = 50
_MODERATED = 202
#: Its errors: a required field is empty, or has a value that it does not know.
_BAD_FIELD = frozenset({11, 29})
_PAGE = 50
#: How much of a summary it keeps.
_LONGEST = 128
#: Its times are whole seconds, and an issue may change twice in one.
_OVERLAP = timedelta(seconds=2)
_LISTED = "id,updated_at,created_at,reporter,additional_information"


class Mantis:
    """One project of a MantisBT, as the account of the token.

    Args:
        line: The way to its address.
        token: Of an account that may change issues of the project.
        project: The name of the project.
        category: The name of the category of new issues.
        page: Where people see it: the address without what programs call.
        adds_versions: Whether it may add the versions that issues are planned for.
    """

    abilities = ABILITIES

    def __init__(
        self, line: Line, token: str, project: str, category: str, page: str, *, adds_versions: bool
    ) -> None:
        # old releases know the token without “Bearer” only
        self._desk = Desk(line, {"Authorization": token}, _why)
        self._project_name, self._category, self._page = project, category, page
        self._adds_versions = adds_versions
        self._lock = Lock()
        self._known: tuple[int, int, dict[int, str], int] | None = None

    def check(self) -> str:
        """Whether it is there, and has the project and the category."""
        self._known = None
        project_id = self._site()[0]
        found = mapping(self._project(project_id))
        names = {text(each, "name") for each in rows(found, "categories")}
        if self._category and self._category not in names:
            return filled(_NO_CATEGORY, name=self._category)
        return ""

    def file(self, issue: Outgoing) -> There | None:
        """File it with our reference in “additional information”, by which it is found again."""
        content: dict[str, Any] = {
            "summary": issue.summary[:_LONGEST],
            "description": issue.details,
            "additional_information": f"Reference: {issue.reference}",
            "project": {"id": self._site()[0]},
            "view_state": {"name": "private" if issue.private else "public"},
            "priority": {"name": _OUR_PRIORITIES[issue.priority]},
        }
        if self._category:
            content["category"] = {"name": self._category}
        if issue.tags:
            content["tags"] = [{"name": tag} for tag in issue.tags]
        answer = self._desk.send("POST", "/api/rest/issues", content)
        if answer.status == _MODERATED:
            return None
        found = mapping(answer.content).get("issue")
        if not isinstance(found, dict) or not id_of(found):
            raise UnclearError(_NOT_WHOLE)
        return self._there(found, answer)

    def find(self, reference: str) -> There | None:
        """The issue of our own with this reference, by reading the list of the project from its newest."""
        for each in self._pages(None):
            if self._is_ours(each) and reference_in(text(each, "additional_information")) == reference:
                return self.look(id_of(each))
        return None

    def look(self, id_: str) -> There:
        """One issue with its notes."""
        return self._read(self._desk.get(f"/api/rest/issues/{quote(id_)}"), id_)

    def note(self, id_: str, text: str, *, private: bool) -> str:
        """Add a note; returns its id."""
        content = {"text": text, "view_state": {"name": "private" if private else "public"}}
        answer = self._desk.send("POST", f"/api/rest/issues/{quote(id_)}/notes", content)
        note = mapping(mapping(answer.content).get("note"))
        if not id_of(note):
            raise UnclearError(_NOT_WHOLE)
        return id_of(note)

    def set(self, id_: str, fields: Fields, version: str) -> There:
        """Change an issue; its answer is the issue as it is then."""
        content: dict[str, Any] = {}
        if fields.stage is not None:
            content["status"] = {"id": self._status(fields.stage)}
            content["resolution"] = {"id": _RESOLUTIONS[fields.resolution]}
            if fields.fixed_in:
                self._need_version(fields.fixed_in)
                content["fixed_in_version"] = {"name": fields.fixed_in}
        if fields.priority is not None:
            content["priority"] = {"name": _OUR_PRIORITIES[fields.priority]}
        if fields.release is not None:
            if fields.release:
                self._need_version(fields.release)
            content["target_version"] = {"name": fields.release}
        if fields.private is not None:
            content["view_state"] = {"name": "private" if fields.private else "public"}
        # not quoted, as it came
        headers = {"If-Match": version} if version else {}
        answer = self._desk.send("PATCH", f"/api/rest/issues/{quote(id_)}", content, headers)
        found = rows(mapping(answer.content), "issues")
        if not found:
            raise UnclearError(_NOT_WHOLE)
        # its tag is that of before, so the issue is asked for once more
        return self.look(id_)

    def changed_since(self, watermark: Mapping[str, Any]) -> tuple[Sequence[Change], Mapping[str, Any]]:
        """Read the list, which has the newest change first, until what was read before."""
        since = reading_since(watermark, _OVERLAP)
        if since is None:
            newest = next(self._pages(None), None)
            return (), begin(self._seen(newest) if newest else None)
        return changes((self._seen(each) for each in self._pages(since)), watermark, _OVERLAP)

    def _seen(self, row: Mapping[str, Any]) -> Seen:
        changed, created = moment(text(row, "updated_at")), moment(text(row, "created_at"))
        return Seen(id_of(row), changed, created, self._is_ours(row))

    def _pages(self, until: datetime | None) -> Iterator[Mapping[str, Any]]:
        """The issues of the project, newest change first, down to those before `until`."""
        project_id, seen = self._site()[0], set[str]()
        for page in range(1, MOST_PAGES + 1):
            query = {"project_id": project_id, "page": page, "page_size": _PAGE, "select": _LISTED}
            read = self._desk.get(f"/api/rest/issues?{urlencode(query)}")
            shown = rows(mapping(read.content), "issues")
            for row in shown:
                changed = moment(text(row, "updated_at"))
                if until is not None and changed is not None and changed < until:
                    return
                # a change meanwhile moves issues on to the next page
                if (id_ := id_of(row)) and id_ not in seen:
                    seen.add(id_)
                    yield row
            if len(shown) < _PAGE:
                return

    def _site(self) -> tuple[int, int, dict[int, str], int]:
        """The project's id, our own account's, the statuses by number, and the first one of resolved ones."""
        with self._lock:
            if self._known is None:
                me = mapping(self._desk.get("/api/rest/users/me").content)
                query = urlencode(
                    [("option[]", "status_enum_string"), ("option[]", "bug_resolved_status_threshold")]
                )
                options = {
                    text(each, "option"): each.get("value")
                    for each in rows(mapping(self._desk.get(f"/api/rest/config?{query}").content), "configs")
                }
                projects = rows(mapping(self._desk.get("/api/rest/projects").content), "projects")
                named = [each for each in _flat(projects) if text(each, "name") == self._project_name]
                if not named:
                    raise NotSentError(filled(_NO_PROJECT, name=self._project_name), permanent=False)
                statuses = _enumeration(str(options.get("status_enum_string") or _USUAL))
                resolved = options.get("bug_resolved_status_threshold")
                self._known = (
                    number(named[0].get("id")),
                    number(me.get("id")),
                    statuses or _enumeration(_USUAL),
                    resolved if isinstance(resolved, int) else _FIRST[Stage.RESOLVED],
                )
            return self._known

    def _project(self, project_id: int) -> Mapping[str, Any]:
        found = rows(mapping(self._desk.get(f"/api/rest/projects/{project_id}").content), "projects")
        if not found:
            raise NotSentError(filled(_NO_PROJECT, name=self._project_name), permanent=False)
        return found[0]

    def _need_version(self, name: str) -> None:
        project_id = self._site()[0]
        known = {text(each, "name") for each in rows(self._project(project_id), "versions")}
        if name in known:
            return
        if not self._adds_versions:
            raise NotSentError(filled(_NO_VERSION, name=name), permanent=True)
        content = {"name": name, "description": "", "released": False, "obsolete": False}
        self._desk.send("POST", f"/api/rest/projects/{project_id}/versions", content)

    def _status(self, stage: Stage) -> int:
        """The site's own status for a stage: the best one, or the last one before it that it has."""
        _project, _me, statuses, resolved = self._site()
        wanted = resolved if stage is Stage.RESOLVED else _BEST[stage]
        fit = [number for number in statuses if number <= wanted and number != _FIRST[Stage.ACKNOWLEDGED]]
        return max(fit, default=min(statuses))

    def _stage(self, status: int) -> Stage:
        _project, _me, _statuses, resolved = self._site()
        first = {**_FIRST, Stage.RESOLVED: resolved}
        return max(
            (stage for stage, number in first.items() if number <= status),
            key=lambda stage: first[stage],
            default=Stage.NEW,
        )

    def _is_ours(self, row: Mapping[str, Any]) -> bool:
        return number(mapping(row.get("reporter")).get("id")) == self._site()[1]

    def _read(self, answer: Read, id_: str) -> There:
        found = rows(mapping(answer.content), "issues")
        if not found or id_of(found[0]) != id_:
            raise NotSentError(_NOT_WHOLE, permanent=False)
        return self._there(found[0], answer)

    def _there(self, row: Mapping[str, Any], answer: Read) -> There:
        """The fields that are known, one by one: who reported something is never among them."""
        status, resolution = mapping(row.get("status")), mapping(row.get("resolution"))
        added = (text(row, "description"), text(row, "steps_to_reproduce"))
        return There(
            id=id_of(row),
            link=f"{self._page}/view.php?id={id_of(row)}",
            version=answer.headers.get("ETag", "")[:200],
            stage=self._stage(number(status.get("id"))),
            ours=self._is_ours(row),
            reference=reference_in(text(row, "additional_information")),
            summary=nameless(text(row, "summary"), mapping(row.get("reporter"))),
            details=nameless(
                "\n\n".join(part for part in added if part.strip()), mapping(row.get("reporter"))
            ),
            private=number(mapping(row.get("view_state")).get("id")) == _PRIVATE,
            state=text(status, "label") or text(status, "name"),
            resolution=""
            if number(resolution.get("id")) == _RESOLUTIONS[Resolution.OPEN]
            else text(resolution, "label") or text(resolution, "name"),
            priority=_PRIORITIES.get(number(mapping(row.get("priority")).get("id")), 0),
            release=text(mapping(row.get("target_version")), "name"),
            fixed_in=text(mapping(row.get("fixed_in_version")), "name"),
            tags=tuple(text(each, "name") for each in rows(row, "tags")),
            notes=tuple(self._note(each) for each in rows(row, "notes") if id_of(each)),
        )

    def _note(self, row: Mapping[str, Any]) -> Note:
        ours, said = self._is_ours(row), text(row, "text")
        return Note(
            id=id_of(row),
            text=said if ours else nameless(said, mapping(row.get("reporter"))),
            private=number(mapping(row.get("view_state")).get("id")) == _PRIVATE,
            ours=ours,
        )


def mantis(values: Values) -> Mantis:
    """The client of a connection."""
    url = values["url"].rstrip("/")
    return Mantis(
        line_of(values, url),
        values["token"],
        values["project"],
        values.get("category", ""),
        url,
        adds_versions=values.get("versions") == "add",
    )


def _why(answer: Answer, content: Any) -> str:  # noqa: ANN401  # whatever JSON holds
    """What it says of a problem, as a sentence of ours where its code is known."""
    found = mapping(content)
    code, said = found.get("code"), text(found, "message")
    if "child" in said.lower() or "unresolved" in said.lower():
        return _CHILDREN
    if code in _BAD_FIELD:
        return filled(_FIELD, why=said or code)
    return said or str(answer.status)


def _enumeration(text: str) -> dict[int, str]:
    """`10:new,20:feedback` by number."""
    pairs = (part.partition(":") for part in text.split(","))
    return {int(number): name for number, _colon, name in pairs if number.isascii() and number.isdecimal()}


def _flat(projects: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Projects with their sub-projects."""
    found = list(projects)
    for each in found:
        found += rows(each, "subProjects")
    return found
