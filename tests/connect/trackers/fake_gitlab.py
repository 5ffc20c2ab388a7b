"""A stand-in for GitLab's API v4: it takes what is published, and answers in its shapes.

Whatever else a request of ours says is a fault, as in `fake_forge`. Lines that begin with a known command are
taken for commands, as GitLab does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Self

from flask import Flask, Response, request

from paidsupport.demo.pay.server import Server

_DESK, _PUBLIC, _PROJECT = 7, 8, 5
#: Who reports to it: none of this may be kept.
REPORTER = {
    "id": _PUBLIC,
    "username": "rita",
    "name": "Rita Reporter",
    "public_email": "rita@reporter.example",
}
_ROBOT = {"id": _DESK, "username": "desk-robot", "name": "Desk"}
_API = "/api/v4"
_ISSUES = f"{_API}/projects/{_PROJECT}/issues"
_NEW = {"title": str, "description": str, "confidential": bool, "labels": str, "milestone_id": int}
_PUT = {
    "title": str,
    "description": str,
    "confidential": bool,
    "labels": str,
    "add_labels": str,
    "remove_labels": str,
    "milestone_id": int,
    "state_event": str,
}
_LISTED = {
    *("scope", "state", "author_id", "updated_after", "order_by", "sort", "pagination", "per_page", "page"),
    "cursor",
}


class GitLab:
    """A GitLab with one project, as a context manager.

    Attributes:
        issues: By the number that people see.
        milestones: Of the project, oldest first.
        faults: What of our requests is not published.
        server: Plays faults, and has the requests.
    """

    kind, token, filing = "gitlab", "a-token-of-gitlab", _ISSUES

    def __init__(self, clock: Callable[[], datetime], most: int = 100) -> None:
        self.issues: dict[int, dict[str, Any]] = {}
        self.milestones: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self._clock, self._most, self._notes = clock, most, dict[int, list[dict[str, Any]]]()
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
            "project": "example/photos/gallery",
            "milestones": "add",
            "files": "chosen",
            "tag": "",
            "takes": "take",
        }

    def reported(self, summary: str, description: str, *, confidential: bool = False) -> int:
        """Somebody files an issue on its pages; returns its number."""
        said = {"title": summary, "description": description, "confidential": confidential}
        return int(self._file(said, REPORTER)["iid"])

    def noted(self, number: int, said: str, *, internal: bool = False) -> None:
        """Somebody writes a note on its pages."""
        self._note(number, {"body": said, "internal": internal}, REPORTER)

    def changed(self, number: int, **said: Any) -> None:  # noqa: ANN401  # as in a request
        """Somebody changes an issue on its pages."""
        self._change(self.issues[number], said)

    def notes(self, number: int) -> list[tuple[str, bool]]:
        """What notes of people say, and whether they are internal."""
        return [
            (each["body"], each["internal"]) for each in self._notes.get(number, ()) if not each["system"]
        ]

    def is_private(self, number: int) -> bool:
        """Whether an issue is kept from the public."""
        return bool(self.issues[number]["confidential"])

    def _app(self) -> Flask:
        app = Flask(__name__)
        app.before_request(self._enter)

        def rule(path: str, view: Callable[..., Any], method: str = "GET") -> None:
            app.add_url_rule(path, f"{method} {path}", view, methods=[method])

        rule(f"{_API}/user", lambda: _ROBOT)
        rule(f"{_API}/projects/<path:name>", self._project)
        rule(_ISSUES, self._list)
        rule(_ISSUES, self._post, "POST")
        rule(f"{_ISSUES}/<int:number>", self._get)
        rule(f"{_ISSUES}/<int:number>", self._put, "PUT")
        rule(f"{_ISSUES}/<int:number>/notes", self._list_notes)
        rule(f"{_ISSUES}/<int:number>/notes", self._post_note, "POST")
        rule(f"{_API}/projects/{_PROJECT}/milestones", self._list_milestones)
        rule(f"{_API}/projects/{_PROJECT}/milestones", self._post_milestone, "POST")
        return app

    def _enter(self) -> Response | None:
        if request.url_rule is None:
            self.faults.append(f"{request.method} {request.path}")
        if request.headers.get("PRIVATE-TOKEN") != self.token:
            return Response('{"message": "401 Unauthorized"}', 401, content_type="application/json")
        return None

    def _project(self, name: str) -> tuple[dict[str, Any], int]:
        if "/" in name and "%2F" not in request.environ["REQUEST_URI"]:
            self.faults.append(f"a path that is not quoted: {name}")
        if name not in {"example/photos/gallery", str(_PROJECT)}:
            return {"message": "404 Project Not Found"}, 404
        return {"id": _PROJECT, "issues_enabled": True}, 200

    def _list(self) -> Response:
        self._asked(_LISTED)
        wanted = request.args
        found = [
            each
            for each in self.issues.values()
            if each["updated_at"] >= wanted.get("updated_after", "")
            and wanted.get("author_id", str(each["author"]["id"])) == str(each["author"]["id"])
        ]
        found.sort(key=lambda each: (each[wanted["order_by"]], each["iid"]), reverse=wanted["sort"] == "desc")
        return self._page(found)

    def _page(self, found: list[dict[str, Any]]) -> Response:
        size = min(int(request.args.get("per_page", 20)), self._most)
        begin = int(request.args.get("cursor", 0))
        shown = json.dumps(found[begin : begin + size])
        answer = Response(shown, content_type="application/json")
        if begin + size < len(found):
            query = "&".join(f"{name}={value}" for name, value in request.args.items() if name != "cursor")
            more = f"https://gitlab.example{request.path}?{query}&cursor={begin + size}"
            answer.headers["Link"] = f'<https://gitlab.example/first>; rel="first", <{more}>; rel="next"'
        return answer

    def _post(self) -> tuple[dict[str, Any], int]:
        return self._file(self._body(_NEW), _ROBOT), 201

    def _get(self, number: int) -> tuple[dict[str, Any], int]:
        return (self.issues[number], 200) if number in self.issues else ({"message": "404 Not found"}, 404)

    def _put(self, number: int) -> dict[str, Any]:
        self._change(self.issues[number], self._body(_PUT))
        return self.issues[number]

    def _list_notes(self, number: int) -> Response:
        self._asked({"sort", "order_by", "per_page", "page", "cursor"})
        return self._page(self._notes.get(number, []))

    def _post_note(self, number: int) -> tuple[dict[str, Any], int]:
        return self._note(number, self._body({"body": str, "internal": bool}), _ROBOT), 201

    def _list_milestones(self) -> Response:
        self._asked({"title", "state", "include_ancestors", "per_page", "page"})
        return self._page([each for each in self.milestones if each["title"] == request.args["title"]])

    def _post_milestone(self) -> tuple[dict[str, Any], int]:
        count = len(self.milestones) + 1
        found = {"id": 100 + count, "iid": count, "title": self._body({"title": str})["title"]}
        self.milestones.append(found)
        return found, 201

    def _asked(self, known: set[str]) -> None:
        self.faults += [f"{request.path}?{name}" for name in request.args if name not in known]

    def _body(self, known: Mapping[str, type]) -> dict[str, Any]:
        found: dict[str, Any] = request.get_json()
        self.faults += [
            f"{request.method} {request.path}: {name}"
            for name, value in found.items()
            if name not in known or not isinstance(value, known[name])
        ]
        return found

    def _file(self, said: Mapping[str, Any], by: Mapping[str, Any]) -> dict[str, Any]:
        number = len(self.issues) + 1
        issue: dict[str, Any] = {
            "id": 9000 + number,
            "iid": number,
            "project_id": _PROJECT,
            "title": said["title"],
            "description": said.get("description"),
            "author": by,
            "state": "opened",
            "confidential": said.get("confidential", False),
            "labels": [each for each in said.get("labels", "").split(",") if each],
            "milestone": None,
            "created_at": self._now(),
            "updated_at": self._now(),
        }
        self.issues[number] = issue
        self._obey(issue, said.get("description", ""))
        return issue

    def _change(self, issue: dict[str, Any], said: Mapping[str, Any]) -> None:
        for name, value in said.items():
            if name == "state_event":
                issue["state"] = {"close": "closed", "reopen": "opened"}[value]
                self._note(issue["iid"], {"body": issue["state"]}, _ROBOT, system=True)
            elif name == "milestone_id":
                found = [each for each in self.milestones if each["id"] == value]
                issue["milestone"] = found[0] if found else None
            elif name == "add_labels":
                issue["labels"] += [each for each in value.split(",") if each not in issue["labels"]]
            elif name == "remove_labels":
                issue["labels"] = [each for each in issue["labels"] if each not in value.split(",")]
            else:
                issue[name] = value
        issue["updated_at"] = self._now()

    def _note(
        self, number: int, said: Mapping[str, Any], by: Mapping[str, Any], *, system: bool = False
    ) -> dict[str, Any]:
        notes = self._notes.setdefault(number, [])
        id_ = 500 + sum(map(len, self._notes.values()))
        internal = said.get("internal", False)
        notes.append({"id": id_, "body": said["body"], "author": by, "internal": internal, "system": system})
        self.issues[number]["updated_at"] = self._now()
        self._obey(self.issues[number], said["body"])
        return notes[-1]

    def _obey(self, issue: dict[str, Any], said: str) -> None:
        """Do what its lines command."""
        if any(line.startswith("/close") for line in said.split("\n")):
            issue["state"] = "closed"

    def _now(self) -> str:
        return f"{self._clock():%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
