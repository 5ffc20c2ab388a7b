"""Who may do what, on one page: read off what the desk declares, so that it is never out of date (P10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import current_app
from flask.typing import ResponseReturnValue

from paidsupport.connect.api.declaring import operations_of
from paidsupport.kernel.actors import Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import MANAGERS_ONLY
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.workflow import State, Transition, Workflow

#: What roles are called, in the order in which they are named.
ROLES = {
    Role.DEVELOPER: _("Developers"),
    Role.OWNER: _("Owner"),
    Role.MANAGER: _("Managers"),
    Role.CUSTOMER: _("The customer"),
    Role.CLOCK: _("The desk by itself"),
}
#: Those who may open a page.
WHO = {
    Who.ANYONE: _("All visitors, without signing in"),
    Who.CUSTOMER: _("Customers, with their private link"),
    Who.USER: _("Users who are signed in to the site"),
    Who.STAFF: _("Developers and managers"),
    Who.MANAGER: _("Managers"),
    Who.DEMONSTRATION: _("All visitors, on a demonstration site only"),
}
#: The methods of requests that are shown.
_METHODS = frozenset({"GET", "POST"})


@dataclass(frozen=True, slots=True)
class Step:
    """A transition with the states that it leads out of, and who may make it."""

    transition: Transition
    sources: tuple[State, ...]
    who: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """A page, or an address of the API, with the methods by which it is asked for."""

    rule: str
    methods: tuple[str, ...]
    who: str


@route("/desk/setup/roles", Who.MANAGER)
def roles(ctx: Context) -> ResponseReturnValue:
    """Show who may make which transition, and who may open which page."""
    flows = [*ctx.services.workflows.values(), *(flow for flow, _engine in _engines(ctx))]
    found = list(addresses())
    return show(
        "manage/staff/roles.html",
        flows=[(flow, list(steps(flow))) for flow in dict.fromkeys(flows)],
        roles=ROLES,
        managers_only=sorted(MANAGERS_ONLY.values(), key=str),
        pages=[(label, [each for each in found if each.who == who]) for who, label in WHO.items()],
        api=[(scope, [each for each in found if each.who == f"token {scope}"]) for scope in Scope],
    )


def steps(flow: Workflow) -> Iterator[Step]:
    """The transitions of a workflow. Whatever developers may do, managers may."""
    for transition in flow.transitions:
        more = {Role.MANAGER} if Role.DEVELOPER in transition.who else set()
        sources = tuple(flow.state(name) for name in transition.sources)
        yield Step(transition, sources, tuple(role for role in ROLES if role in transition.who | more))


def addresses() -> Iterator[Address]:
    """All pages and addresses of the API, by what their routes declare."""
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda each: each.rule):
        view = current_app.view_functions[rule.endpoint]
        who = getattr(view, "paidsupport_who", None)
        if who is None:
            continue
        # an open queue is one of the pages of staff
        named = Who.STAFF if who is Who.WATCHER else who
        sent_only = getattr(view, "paidsupport_sent_only", False)
        methods = {"POST"} if sent_only else _METHODS & (rule.methods or set())
        yield Address(rule.rule, tuple(sorted(methods)), named)
    prefix = f"{current().settings.url_prefix}/api/v1"
    for each in operations_of(current().capabilities.api):
        if each.scope is not None:
            yield Address(f"{prefix}{each.rule}", (each.method,), f"token {each.scope}")


def _engines(ctx: Context) -> Iterable[tuple[Workflow, object]]:
    found: tuple[tuple[Workflow, object], ...] = ctx.services.capabilities.all("engines")
    return found
