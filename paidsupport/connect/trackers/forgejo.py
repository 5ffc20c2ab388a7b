"""Forgejo, and what else answers like Gitea's API v1 (P17): labels by their ids, no reason for closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paidsupport.connect.connections.kinds import line_of
from paidsupport.connect.trackers.asking import Desk
from paidsupport.connect.trackers.forge import NOT_WHOLE, PAGE, Forge, why
from paidsupport.connect.trackers.protocol import Fields, Stage
from paidsupport.connect.trackers.reading import id_of, mapping, number, paged, text
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.mail.transports import UnclearError

_GREY = "#ededed"


class Forgejo(Forge):
    """One repository on a Forgejo."""

    size, author, more = "limit", "created_by", {"type": "issues"}
    milestone_id, no_milestone = "id", 0

    def named(self, labels: Sequence[str]) -> Sequence[int]:
        """By their ids: those that are missing are added first."""
        path = f"{self._repository}/labels"
        if not labels:
            return []
        known = {text(each, "name").lower(): each for each in paged(self._desk, path, {self.size: PAGE})}
        return [self._label(path, known.get(name.lower()), name) for name in labels]

    def _label(self, path: str, known: Mapping[str, Any] | None, name: str) -> int:
        if known is None:
            known = mapping(self._desk.send("POST", path, {"name": name, "color": _GREY}).content)
        if not id_of(known):
            raise UnclearError(NOT_WHOLE)
        return number(known["id"])

    def state(self, fields: Fields) -> Mapping[str, Any]:
        """Open or closed."""
        return {"state": "closed" if fields.stage is Stage.CLOSED else "open"}

    def change(
        self,
        path: str,
        content: Mapping[str, Any],
        labels: Sequence[Mapping[str, Any]] | None,
        added: Sequence[str],
    ) -> None:
        """In two requests, each of which may be made once more."""
        if labels is not None:
            ids = [number(each.get("id")) for each in labels if id_of(each)]
            self._desk.send("PUT", f"{path}/labels", {"labels": [*ids, *self.named(added)]})
        if content:
            self._desk.send("PATCH", path, content)


def forgejo(values: Values) -> Forgejo:
    """The client of a connection."""
    url = values["url"].rstrip("/")
    # it answers 412 where an issue waits for another one
    desk = Desk(
        line_of(values, f"{url}/api/v1"), {"Authorization": f"token {values['token']}"}, why, versions=False
    )
    return Forgejo(desk, url, values["repository"], adds_milestones=values.get("milestones") == "add")
