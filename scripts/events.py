"""Keeps docs/events.md: run it after kinds of events have changed. With --check, nothing is written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from paidsupport.connect.log import catalogue
from paidsupport.connect.log.catalogue import EventType
from paidsupport.kernel.context import Services
from paidsupport.kernel.events import Fact

PATH = Path(__file__).resolve().parent.parent / "docs" / "events.md"

_HEAD = """# Events

What happens at the desk, as other programs hear it: from the feed at `GET /api/v1/events`
(see [the API](api.md)) and through [webhooks](webhooks.md). Both have the same form:

    {
      "type": "ticket.claim",
      "timestamp": "2030-03-14T09:30:00+00:00",
      "data": {
        "id": "Wq3…", "ticket": "PS-7K3F-9QXM", "workflow": "paid", "state": "pending", "actor": "person",
        "link": "https://example.org/support/desk/tickets/PS-7K3F-9QXM",
        "from": "open", "to": "pending", "claim": 1
      }
    }

`GET /api/v1/event-types` has the JSON Schema of each type, with those of the site's own workflows.
There is nothing personal in events: no names, no addresses, nothing that was typed. Codes of private issues
are hidden from programs that may not see them; what happens to private issues is never sent to webhooks.

The feed has the events of 90 days, oldest first, in the order in which they were committed, two seconds after
that at most while a worker runs. Keep the `position` of each answer, and send it as `after` the next time:
nothing ever appears before it later. `type` takes one type, or several with `*`: `ticket.*`.

New types and new facts may be added at any time: ignore what you do not know.

## Every event

"""
_OWN = """
## Types

What each one's `data` holds besides that. Facts marked * may be left out.

"""


def text(services: Services) -> str:
    """The page as it is kept."""
    types = catalogue.types(services)
    facts: dict[str, Fact] = {}
    for each in types:
        facts |= {name: fact for name, fact in each.facts.items() if not each.always}
    head = "| type | reads | facts |\n| --- | --- | --- |\n"
    parts = [_HEAD, *_table("fact", catalogue.ALWAYS.items()), _OWN, head]
    parts += [f"| `{each.name}` | {_cell(each.says)} | {_facts(each)} |\n" for each in types]
    parts += ["\n## Facts marked *\n\n", *_table("fact", sorted(facts.items()))]
    return "".join(parts)


def _table(of: str, facts: Iterable[tuple[str, Fact]]) -> Iterable[str]:
    yield f"| {of} | what it is | JSON |\n| --- | --- | --- |\n"
    for name, fact in facts:
        yield f"| `{name}` | {_cell(fact.says)} | {_json(fact)} |\n"


def _facts(of: EventType) -> str:
    if of.always:
        return "; ".join(f"`{name}`: {_cell(fact.says)} ({_json(fact)})" for name, fact in of.facts.items())
    return ", ".join(f"`{name}`*" for name in of.facts)


def _json(fact: Fact) -> str:
    return " or ".join("list of integers" if each == "integers" else each for each in fact.types)


def _cell(said: str) -> str:
    return said.replace("|", "\\|")


def main() -> None:
    """Write it, or say whether it is as it should be."""
    from paidsupport.site import create_app  # noqa: PLC0415  # the demonstration site has all capabilities
    from paidsupport.testing import mount_of  # noqa: PLC0415  # as above

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    app = create_app()
    with app.app_context():
        found = text(mount_of(app).services)
    if not parser.parse_args().check:
        PATH.write_text(found, encoding="utf-8")
    elif not PATH.is_file() or PATH.read_text(encoding="utf-8") != found:
        sys.exit("docs/events.md is not what the kinds of events say: run make schema")


if __name__ == "__main__":
    main()
