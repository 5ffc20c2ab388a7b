"""What a chat is told, in a line: a sentence of the history without names, and a link (P12)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row

from paidsupport.connect.log.envelopes import page_of
from paidsupport.issues.events import ISSUE
from paidsupport.kernel.context import Services
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.events import TICKET

#: The longest sentences that are told; the rest can be read at the desk.
_LONGEST = 500
#: What Slack wants escaped, and nothing else.
_SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
#: What means something in Markdown, and in what Mattermost makes of it: mentions, channels, emoji.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>@:$])")
_A_COLLEAGUE = _("A colleague")
#: Staff are called by no name; everyone else as histories call them.
_CALLED = {"customer": "the customer", "clock": "the clock"}


def slack(services: Services, row: Row[Any]) -> dict[str, Any]:
    """The content for an incoming webhook of Slack."""
    code, link, said = _parts(services, row)
    # a link holds no “>” and no “|”: codes and prefixes of addresses have none
    text = f"<{link.translate(_SLACK)}|{code.translate(_SLACK)}> {said.translate(_SLACK)}"
    return {"text": text, "unfurl_links": False}


def mattermost(services: Services, row: Row[Any]) -> dict[str, Any]:
    """The content for an incoming webhook of Mattermost."""
    code, link, said = _parts(services, row)
    return {"text": f"[{_plain(code)}]({link}) {_plain(said)}"}


def _parts(services: Services, row: Row[Any]) -> tuple[str, str, str]:
    kind = {each.type: each for each in services.events}.get(row.type)
    history = ISSUE if row.issue else TICKET
    name = kind.name if kind else row.type.partition(".")[2].replace("_", "-")
    declared = services.present.declared
    flow = declared.get(row.workflow or ISSUE) or next(iter(declared.values()))
    who = _CALLED.get(row.actor_kind, "") or str(translate(_A_COLLEAGUE))
    event = SimpleNamespace(
        kind=name, actor_kind=row.actor_kind, actor_name=who, data=_as_in_history(row.data)
    )
    said = services.events.say(kind.history if kind else history, event, flow, {})
    code = row.ticket or row.issue
    return code, page_of(services.settings, row.ticket, row.issue), " ".join(said.split())[:_LONGEST]


def _as_in_history(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What was announced, under the names that lines of the history have for it."""
    found = dict(facts)
    if told := found.get("told"):
        found.setdefault("colleague", told[0])
    if amount := found.get("amount"):
        found.setdefault("price", amount)
    return found


def _plain(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)
