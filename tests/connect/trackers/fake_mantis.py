"""A stand-in for MantisBT's REST API: it takes what its documentation lists, and answers in its shapes.

Requests with a field that it does not know are a fault of ours: they are kept in `Mantis.faults`. It keeps
its issues, counts changes into bare ETags, and can be told to have trouble: see `demo.pay.server.Fault`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Self

from flask import Flask, Response, request

from paidsupport.demo.pay.server import Server

TOKEN = "a token of mantis"  # of no account
#: What it knows of a new issue, and of a change.
_NEW = {
    *("summary", "description", "additional_information", "project", "category", "view_state", "priority"),
    "tags",
}
_PATCH = {
    *("status", "resolution", "fixed_in_version", "target_version", "priority", "view_state", "summary"),
    "handler",
}
_STATUSES = {10: "new", 20: "feedback", 30: "acknowledged", 40: "confirmed", 50: "assigned"} | {
    60: "testing",
    80: "resolved",
    90: "closed",
}
_RESOLUTIONS = {
    10: "open",
    20: "fixed",
    30: "reopened",
    40: "unable to reproduce",
    60: "duplicate",
    70: "no change required",
    80: "suspended",
    90: "won't fix",
}
_PRIORITIES = {10: "none", 20: "low", 30: "normal", 40: "high", 50: "urgent", 60: "immediate"}
_VIEWS = {10: "public", 50: "private"}
_DESK, _PUBLIC = 7, 8
#: Who reports to it: none of this may be kept.
REPORTER = {"id": _PUBLIC, "name": "rita", "real_name": "Rita Reporter", "email": "rita@reporter.example"}
_ROBOT = {"id": _DESK, "name": "desk", "real_name": "Desk", "email": "desk@desk.example"}


class RefusedError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


class Mantis:
    """A MantisBT with one project, as a context manager.

    Attributes:
        issues: By id.
        faults: What of our requests its documentation does not allow.
        moderates: Whether new issues wait for a moderator.
        waiting: Those that do.
        versions: The versions of the project.
        server: Plays faults, and has the requests.
    """

    kind, token, filing = "mantisbt", TOKEN, "/api/rest/issues"

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.issues: dict[int, dict[str, Any]] = {}
        self.waiting: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.versions: list[str] = ["1.0"]
        self.moderates = False
        self._clock, self._notes = clock, 0
        self.server = Server(self._app())

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.__exit__(*error)

    @property
    def values(self) -> dict[str, str]:
        """What managers enter, without the token."""
        return {
            "url": self.server.url,
            "project": "Gallery",
            "category": "General",
            "versions": "add",
            "files": "chosen",
            "tag": "",
            "takes": "take",
        }

    def reported(self, summary: str, description: str, by: Mapping[str, Any] = REPORTER) -> int:
        """Somebody files an issue on its pages; returns its id."""
        return int(self._file({"summary": summary, "description": description}, by)["id"])

    def noted(self, id_: int, text: str, *, private: bool = False) -> None:
        """Somebody writes a note on its pages."""
        self._note(self.issues[id_], {"text": text, "view_state": {"id": 50 if private else 10}}, REPORTER)

    def changed(self, id_: int, **fields: Any) -> None:  # noqa: ANN401  # as in a request
        """Somebody changes an issue on its pages."""
        self._change(self.issues[id_], fields)

    def let_through(self) -> None:
        """A moderator approves what waits."""
        for each in self.waiting:
            self.issues[each["id"]] = each
        self.waiting = []

    def is_private(self, id_: int) -> bool:
        """Whether an issue is kept from the public."""
        return bool(self.issues[id_]["view_state"]["name"] == "private")

    def etag(self, id_: int) -> str:
        """What marks the version of an issue, without quotes."""
        return hashlib.sha256(json.dumps(self.issues[id_], sort_keys=True).encode()).hexdigest()[:40]

    def _app(self) -> Flask:
        app = Flask(__name__)
        rest = "/api/rest"
        app.before_request(self._enter)
        app.register_error_handler(RefusedError, _refused)
        app.add_url_rule(f"{rest}/users/me", view_func=lambda: _ROBOT, endpoint="me")
        app.add_url_rule(f"{rest}/config", view_func=self._config)
        app.add_url_rule(f"{rest}/projects", view_func=self._projects)
        app.add_url_rule(f"{rest}/projects/1", view_func=self._projects, endpoint="project")
        app.add_url_rule(f"{rest}/projects/1/versions", view_func=self._add_version, methods=["POST"])
        app.add_url_rule(f"{rest}/issues", view_func=self._list)
        app.add_url_rule(f"{rest}/issues", view_func=self._post, methods=["POST"], endpoint="post")
        app.add_url_rule(f"{rest}/issues/<int:id_>", view_func=self._get)
        app.add_url_rule(
            f"{rest}/issues/<int:id_>", view_func=self._patch, methods=["PATCH"], endpoint="patch"
        )
        app.add_url_rule(f"{rest}/issues/<int:id_>/notes", view_func=self._post_note, methods=["POST"])
        return app

    def _enter(self) -> Response | None:
        if request.headers.get("Authorization") != TOKEN:
            return Response("null", 401, content_type="application/json")
        return None

    def _config(self) -> dict[str, Any]:
        values = {
            "status_enum_string": ",".join(f"{id_}:{name}" for id_, name in _STATUSES.items()),
            "bug_resolved_status_threshold": 80,
        }
        return {
            "configs": [{"option": each, "value": values[each]} for each in request.args.getlist("option[]")]
        }

    def _projects(self) -> dict[str, Any]:
        versions = [{"id": str(n), "name": name} for n, name in enumerate(self.versions, 1)]
        categories = [{"id": 1, "name": "General"}]
        return {"projects": [{"id": 1, "name": "Gallery", "versions": versions, "categories": categories}]}

    def _add_version(self) -> tuple[str, int]:
        found = self._body({"name", "description", "released", "obsolete"})
        self.versions.append(found["name"])
        return "", 204

    def _list(self) -> dict[str, Any]:
        page, size = int(request.args["page"]), int(request.args["page_size"])
        rows = sorted(self.issues.values(), key=lambda each: (each["updated_at"], each["id"]), reverse=True)
        wanted = request.args["select"].split(",")
        shown = rows[(page - 1) * size : page * size]
        return {"issues": [{name: row[name] for name in wanted if name in row} for row in shown]}

    def _post(self) -> tuple[Response | dict[str, Any], int]:
        found = self._body(_NEW)
        for name in ("summary", "description"):
            if not found.get(name):
                raise RefusedError(400, 11, f"A necessary field “{name}” was empty")
        issue = self._file(found, _ROBOT, shown=not self.moderates)
        if self.moderates:
            self.waiting.append(issue)
            return Response("", 202), 202
        return {"issue": issue}, 201

    def _get(self, id_: int) -> Response:
        if id_ not in self.issues:
            raise RefusedError(404, 1100, f"Issue #{id_} not found")
        answer = Response(json.dumps({"issues": [self.issues[id_]]}), content_type="application/json")
        answer.headers["ETag"] = self.etag(id_)
        return answer

    def _patch(self, id_: int) -> Response:
        known = request.headers.get("If-Match")
        if known is not None and '"' in known:
            self.faults.append("a quoted ETag")
        if known is not None and known != self.etag(id_):
            return Response("null", 412, {"ETag": self.etag(id_)}, content_type="application/json")
        self._change(self.issues[id_], self._body(_PATCH))
        return self._get(id_)

    def _post_note(self, id_: int) -> tuple[dict[str, Any], int]:
        found = self._body({"text", "view_state"})
        if not found.get("text"):
            raise RefusedError(400, 11, "A necessary field “Note” was empty")
        return {"note": self._note(self.issues[id_], found, _ROBOT), "issue": self.issues[id_]}, 201

    def _body(self, known: set[str]) -> dict[str, Any]:
        found: dict[str, Any] = request.get_json()
        self.faults += [f"{request.method} {request.path}: {name}" for name in found if name not in known]
        return found

    def _file(self, said: Mapping[str, Any], by: Mapping[str, Any], *, shown: bool = True) -> dict[str, Any]:
        id_ = len(self.issues) + len(self.waiting) + 1
        issue = {
            "id": id_,
            "summary": said["summary"],
            "description": said["description"],
            "additional_information": said.get("additional_information", ""),
            "reporter": by,
            "status": {"id": 10, "name": "new", "label": "new"},
            "resolution": {"id": 10, "name": "open", "label": "open"},
            "view_state": _named(said.get("view_state") or {"id": 10}, _VIEWS),
            "priority": _named(said.get("priority") or {"id": 30}, _PRIORITIES),
            "tags": [{"id": str(n), "name": tag["name"]} for n, tag in enumerate(said.get("tags", ()), 1)],
            "created_at": self._now(),
            "updated_at": self._now(),
        }
        if shown:
            self.issues[id_] = issue
        return issue

    def _change(self, issue: dict[str, Any], fields: Mapping[str, Any]) -> None:
        kinds = {
            "status": _STATUSES,
            "resolution": _RESOLUTIONS,
            "priority": _PRIORITIES,
            "view_state": _VIEWS,
        }
        for name, value in fields.items():
            if name in kinds:
                issue[name] = _named(value, kinds[name])
            elif name.endswith("_version"):
                if value["name"] and value["name"] not in self.versions:
                    raise RefusedError(400, 29, f"Version “{value['name']}” does not exist")
                issue[name] = {"id": "1", "name": value["name"]} if value["name"] else None
            else:
                issue[name] = value
        issue["updated_at"] = self._now()

    def _note(self, issue: dict[str, Any], said: Mapping[str, Any], by: Mapping[str, Any]) -> dict[str, Any]:
        self._notes += 1
        view = _named(said.get("view_state") or {"id": 10}, _VIEWS)
        note = {"id": self._notes, "reporter": by, "text": said["text"], "view_state": view}
        issue.setdefault("notes", []).append(note)
        issue["updated_at"] = self._now()
        return note

    def _now(self) -> str:
        return self._clock().replace(microsecond=0).isoformat()


def _named(said: Mapping[str, Any], known: Mapping[int, str]) -> dict[str, Any]:
    for id_, name in known.items():
        if said.get("id", id_) == id_ and said.get("name", name) == name:
            return {"id": id_, "name": name, "label": name}
    raise RefusedError(400, 29, f"Invalid value {said}")


def _refused(error: RefusedError) -> tuple[dict[str, Any], int]:
    return {"message": error.message, "code": error.code, "localized": error.message}, error.status
