"""Stand-ins for the APIs of GitHub and Forgejo: they take what is published, and answer in those shapes.

Whatever else a request of ours says, its path, a header, a part of its query or a field, is a fault: it is
kept in `faults`. Issues, labels, milestones and comments are kept; trouble is played by `server`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from flask import Flask, Response, request

from paidsupport.demo.pay.server import Server

_DESK, _PUBLIC = 7, 8
#: Who reports to it: none of this may be kept.
REPORTER = {"id": _PUBLIC, "login": "rita", "full_name": "Rita Reporter", "email": "rita@reporter.example"}
_ROBOT = {"id": _DESK, "login": "desk-robot", "full_name": "Desk", "email": "desk@desk.example"}
_REPOSITORY = "/repos/example/gallery"


class Forge:
    """A forge with one repository, as a context manager.

    Attributes:
        kind: The kind of connection to it.
        issues: By number; some are pull requests.
        labels: Of the repository, by name.
        milestones: Of the repository, oldest first.
        faults: What of our requests is not published.
        server: Plays faults, and has the requests.
    """

    kind: ClassVar[str]
    token: ClassVar[str] = "a-token-of-the-forge"  # of no account
    prefix: ClassVar[str]
    authorization: ClassVar[str]
    #: Fields of a new issue and of a change, and parts of the query of its list, with their types.
    new: ClassVar[Mapping[str, type]]
    patch: ClassVar[Mapping[str, Any]]
    query: ClassVar[frozenset[str]]
    size: ClassVar[str]

    def __init__(self, clock: Callable[[], datetime], most: int = 100) -> None:
        self.issues: dict[int, dict[str, Any]] = {}
        self.labels: dict[str, dict[str, Any]] = {}
        self.milestones: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self._clock, self._most, self._comments = clock, most, dict[int, list[dict[str, Any]]]()
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
            "repository": "example/gallery",
            "milestones": "add",
            "files": "chosen",
            "tag": "",
            "takes": "take",
        }

    @property
    def filing(self) -> str:
        """Where new issues are sent."""
        return f"{self.prefix}{_REPOSITORY}/issues"

    def reported(self, summary: str, description: str, *, pull: bool = False) -> int:
        """Somebody files an issue on its pages, or a pull request; returns its number."""
        issue = self._file({"title": summary, "body": description}, REPORTER)
        if pull:
            issue["pull_request"] = {"url": "https://example.org/pull"}
        return int(issue["number"])

    def noted(self, number: int, said: str) -> None:
        """Somebody comments on its pages."""
        self._comment(number, said, REPORTER)

    def closed(self, number: int) -> None:
        """Somebody closes an issue on its pages."""
        self._change(self.issues[number], {"state": "closed"})

    def notes(self, number: int) -> list[str]:
        """What comments say."""
        return [each["body"] for each in self._comments.get(number, ())]

    def is_private(self, number: int) -> bool:  # noqa: ARG002  # as in GitLab's
        """Whether an issue is kept from the public: never."""
        return False

    def shown(self, number: int) -> tuple[str, list[str], str]:
        """Its state, its labels and its milestone."""
        issue = self.issues[number]
        labels = [each["name"] for each in issue["labels"]]
        return issue["state"], labels, (issue["milestone"] or {}).get("title", "")

    def _app(self) -> Flask:
        app = Flask(__name__)
        app.before_request(self._enter)
        repository = f"{self.prefix}{_REPOSITORY}"
        issue = f"{repository}/issues/<int:number>"

        def rule(path: str, view: Callable[..., Any], method: str = "GET") -> None:
            app.add_url_rule(path, f"{method} {path}", view, methods=[method])

        rule(f"{self.prefix}/user", lambda: _ROBOT)
        rule(repository, lambda: {"full_name": "example/gallery", "has_issues": True})
        rule(f"{repository}/issues", self._list)
        rule(f"{repository}/issues", self._post, "POST")
        rule(issue, self._get)
        rule(issue, self._patch, "PATCH")
        rule(f"{issue}/comments", self._list_comments)
        rule(f"{issue}/comments", self._post_comment, "POST")
        rule(f"{repository}/milestones", self._list_milestones)
        rule(f"{repository}/milestones", self._post_milestone, "POST")
        self.add_rules(rule, repository, issue)
        return app

    def add_rules(self, rule: Callable[..., None], repository: str, issue: str) -> None:
        """What only this forge has."""

    def _enter(self) -> Response | None:
        if request.url_rule is None:
            self.faults.append(f"{request.method} {request.path}")
        if request.headers.get("Authorization") != f"{self.authorization} {self.token}":
            return Response('{"message": "Bad credentials"}', 401, content_type="application/json")
        return None

    def _list(self) -> Response:
        self._asked(self.query)
        wanted = request.args
        found = [
            each
            for each in self.issues.values()
            if ("since" not in wanted or each["updated_at"] >= wanted["since"])
            and wanted.get(self.author(), each["user"]["login"]) == each["user"]["login"]
            and not (wanted.get("type") == "issues" and each["pull_request"])
        ]
        by = "updated_at" if wanted.get("sort") == "updated" else "created_at"
        found.sort(key=lambda each: (each[by], each["number"]), reverse=True)
        answer = self._page(found)
        answer.headers["ETag"] = f'W/"{hashlib.sha256(answer.data).hexdigest()}"'
        if self.kind == "github" and request.headers.get("If-None-Match") == answer.headers["ETag"]:
            return Response(status=304)
        return answer

    def author(self) -> str:
        """By what a list is asked for the issues of one account."""
        return "creator" if self.kind == "github" else "created_by"

    def _page(self, found: list[dict[str, Any]]) -> Response:
        size = min(int(request.args.get(self.size, 30)), self._most)
        page = int(request.args.get("page", 1))
        answer = Response(json.dumps(found[(page - 1) * size : page * size]), content_type="application/json")
        if page * size < len(found):
            query = "&".join(f"{name}={value}" for name, value in request.args.items() if name != "page")
            # its own name may be another one than ours
            answer.headers["Link"] = (
                f'<https://forge.example{request.path}?{query}&page={page + 1}>; rel="next"'
            )
        return answer

    def _post(self) -> tuple[dict[str, Any], int]:
        return self._file(self._body(self.new), _ROBOT), 201

    def _get(self, number: int) -> Response | tuple[dict[str, Any], int]:
        return (self.issues[number], 200) if number in self.issues else ({"message": "Not Found"}, 404)

    def _patch(self, number: int) -> tuple[dict[str, Any], int]:
        self._change(self.issues[number], self._body(self.patch))
        return self.issues[number], 200 if self.kind == "github" else 201

    def _list_comments(self, number: int) -> Response:
        self._asked({self.size, "page"})
        return self._page(self._comments.get(number, []))

    def _post_comment(self, number: int) -> tuple[dict[str, Any], int]:
        return self._comment(number, self._body({"body": str})["body"], _ROBOT), 201

    def _list_milestones(self) -> Response:
        self._asked({"state", self.size, "page"})
        return self._page(self.milestones)

    def _post_milestone(self) -> tuple[dict[str, Any], int]:
        count = len(self.milestones) + 1
        # its id is another number than that by which GitHub takes it
        found = {"id": 100 + count, "number": count, "title": self._body({"title": str})["title"]}
        self.milestones.append(found)
        return found, 201

    def _asked(self, known: set[str] | frozenset[str]) -> None:
        self.faults += [f"{request.path}?{name}" for name in request.args if name not in known]

    def _body(self, known: Mapping[str, Any]) -> dict[str, Any]:
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
            "number": number,
            "title": said["title"],
            "body": said.get("body"),
            "user": by,
            "state": "open",
            "labels": [self.label(each) for each in said.get("labels", ())],
            "milestone": None,
            "pull_request": None,
            "comments": 0,
            "created_at": self._now(),
            "updated_at": self._now(),
        }
        self.issues[number] = issue
        return issue

    def label(self, said: Any) -> dict[str, Any]:  # noqa: ANN401  # a name or an id
        """The label that a request means."""
        raise NotImplementedError

    def _change(self, issue: dict[str, Any], said: Mapping[str, Any]) -> None:
        for name, value in said.items():
            if name == "milestone":
                by = "number" if self.kind == "github" else "id"
                found = [each for each in self.milestones if each[by] == value]
                issue["milestone"] = found[0] if found else None
            elif name == "labels":
                issue["labels"] = [self.label(each) for each in value]
            else:
                issue[name] = value
        issue["updated_at"] = self._now()

    def _comment(self, number: int, said: str, by: Mapping[str, Any]) -> dict[str, Any]:
        comments = self._comments.setdefault(number, [])
        comments.append({"id": 500 + sum(map(len, self._comments.values())), "body": said, "user": by})
        issue = self.issues[number]
        issue["comments"], issue["updated_at"] = len(comments), self._now()
        return comments[-1]

    def _now(self) -> str:
        return f"{self._clock():%Y-%m-%dT%H:%M:%SZ}"


class GitHub(Forge):
    """GitHub on a server of one's own."""

    kind, prefix, authorization, size = "github", "/api/v3", "Bearer", "per_page"
    new = {"title": str, "body": str, "labels": list, "milestone": int}  # noqa: RUF012  # never changed
    patch = {  # noqa: RUF012  # as above
        "title": str,
        "body": str,
        "labels": list,
        "milestone": int | None,
        "state": str,
        "state_reason": str,
    }
    query = frozenset({"state", "since", "creator", "sort", "direction", "per_page", "page"})

    def label(self, said: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
        """A label by its name, added if there is none."""
        if not isinstance(said, str):
            self.faults.append(f"a label {said!r}")
        return self.labels.setdefault(said, {"id": len(self.labels) + 1, "name": said})

    def _enter(self) -> Response | None:
        wanted = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        self.faults += [
            f"{name} missing" for name, value in wanted.items() if request.headers.get(name) != value
        ]
        return super()._enter()

    def _change(self, issue: dict[str, Any], said: Mapping[str, Any]) -> None:
        if said.get("state_reason") not in {None, "completed", "not_planned", "duplicate", "reopened"}:
            self.faults.append(f"a reason {said['state_reason']}")
        super()._change(issue, said)


class Forgejo(Forge):
    """Forgejo, with labels by their ids."""

    kind, prefix, authorization, size = "forgejo", "/api/v1", "token", "limit"
    new = {"title": str, "body": str, "labels": list, "milestone": int}  # noqa: RUF012  # as above
    patch = {"title": str, "body": str, "milestone": int, "state": str}  # noqa: RUF012  # as above
    query = frozenset({"state", "since", "created_by", "type", "limit", "page"})

    def add_rules(self, rule: Callable[..., None], repository: str, issue: str) -> None:
        """Labels are managed by their ids."""
        rule(f"{repository}/labels", self._list_labels)
        rule(f"{repository}/labels", self._post_label, "POST")
        rule(f"{issue}/labels", self._put_labels, "PUT")

    def label(self, said: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
        """A label by its id."""
        found = [each for each in self.labels.values() if each["id"] == said]
        if not found:
            self.faults.append(f"a label {said!r}")
        return found[0] if found else {"id": 0, "name": ""}

    def _list_labels(self) -> Response:
        self._asked({"limit", "page"})
        return self._page(list(self.labels.values()))

    def _post_label(self) -> tuple[dict[str, Any], int]:
        found = self._body({"name": str, "color": str})
        self.labels[found["name"]] = {"id": len(self.labels) + 41, "name": found["name"]}
        return self.labels[found["name"]], 201

    def _put_labels(self, number: int) -> Response:
        self._change(self.issues[number], self._body({"labels": list}))
        return Response(json.dumps(self.issues[number]["labels"]), content_type="application/json")


class Ticking:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time now."""
        self.now += timedelta(seconds=1)
        return self.now
