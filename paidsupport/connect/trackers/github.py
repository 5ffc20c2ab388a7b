"""GitHub over its REST API, in the cloud or on a server of one's own (P17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from paidsupport.connect.connections.kinds import line_of
from paidsupport.connect.trackers.asking import Desk
from paidsupport.connect.trackers.forge import Forge, why
from paidsupport.connect.trackers.protocol import Change, Fields, Resolution, Stage
from paidsupport.connect.trackers.reading import text
from paidsupport.kernel.configuration.values import Values

_VERSION = "2022-11-28"
#: Where the API of the cloud is; servers have it under their own address.
_CLOUD, _CLOUD_API = frozenset({"github.com", "www.github.com"}), "https://api.github.com"
_REASONS = {Resolution.FIXED: "completed", Resolution.DUPLICATE: "duplicate"}


class GitHub(Forge):
    """One repository on GitHub."""

    size, author = "per_page", "creator"
    milestone_id, no_milestone = "number", None

    def changed_since(self, watermark: Mapping[str, Any]) -> tuple[Sequence[Change], Mapping[str, Any]]:
        """Ask first whether anything has changed at all: an answer that nothing has costs nothing there."""
        path = f"{self._repository}/issues?state=all&sort=updated&direction=desc&per_page=1"
        known = watermark.get("etag")
        said = {"If-None-Match": known} if isinstance(known, str) and known else {}
        read = self._desk.get(path, said)
        if read.status == 304 and known:  # noqa: PLR2004
            return (), watermark
        found, then = super().changed_since(watermark)
        # as long as something is told of, what changes within the same second is not missed
        return found, {**then, "etag": "" if found else read.headers.get("ETag", "")[:200]}

    def named(self, labels: Sequence[str]) -> Sequence[str]:
        """By their names: it adds those that are missing."""
        return labels

    def state(self, fields: Fields) -> Mapping[str, Any]:
        """Open, or closed for a reason."""
        if fields.stage is not Stage.CLOSED:
            return {"state": "open"}
        return {"state": "closed", "state_reason": _REASONS.get(fields.resolution, "not_planned")}

    def change(
        self,
        path: str,
        content: Mapping[str, Any],
        labels: Sequence[Mapping[str, Any]] | None,
        added: Sequence[str],
    ) -> None:
        """All at once."""
        names = {} if labels is None else {"labels": [*(text(each, "name") for each in labels), *added]}
        self._desk.send("PATCH", path, {**content, **names})


def github(values: Values) -> GitHub:
    """The client of a connection."""
    url = values["url"].rstrip("/")
    api = _CLOUD_API if urlsplit(url).hostname in _CLOUD else f"{url}/api/v3"
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {values['token']}",
        "X-GitHub-Api-Version": _VERSION,
    }
    desk = Desk(line_of(values, api), headers, why)
    return GitHub(desk, url, values["repository"], adds_milestones=values.get("milestones") == "add")
