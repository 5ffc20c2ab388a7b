"""Whatever staff can do on a page, a program can do as well; or it is written down here why not.

Each form that staff can send has its line, in the table of the capability that brings it: the names of the
operations that do the same, or the reason why there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from flask import Flask

from tests.connect.api.test_api import api_of


class Without(str):
    """Why there is no operation for a form."""

    __slots__ = ()


Done = tuple[str, ...] | Without

_DRAFT = Without("It keeps what is half typed; a program sends what is finished.")

TICKETS: Mapping[str, Done] = {}
INTAKE: Mapping[str, Done] = {}
ISSUES: Mapping[str, Done] = {
    "announce_slips": ("announce_delays",),
    "investigating": ("tell_investigating",),
    "issue_ask": ("ask_for_feedback",),
    "issue_customer": ("set_customer_stage", "name_teller", "note_customer_told", "note_customer_left"),
    "issue_draft": ("draft_answer",),
    "issue_estimate": ("estimate_issue",),
    "issue_feedback": ("give_feedback", "ask_about_parts"),
    "issue_keep": ("keep_marked",),
    "issue_move": ("move_issue",),
    "issue_note": ("note_on_issue",),
    "issue_private": ("set_issue_private",),
    "issue_releases": ("close_release",),
    "review_issue": ("review_issue",),
    "issue_stage": ("reach_stage",),
    "issue_step": ("add_issue_step",),
    "issue_step_done": ("do_issue_step",),
    "issue_submit": ("move_issue",),
    "issue_task": ("add_review_task",),
    "issue_task_done": ("tick_review_task",),
    "issue_timeline": ("set_issue_timeline",),
    "issue_words": ("write_release_note",),
    "new_issue": ("open_issue",),
    "read_issue": ("read_issue_news",),
    "tell_solved": ("tell_solved",),
    "told_by_phone": ("note_told_by_phone",),
}
SALES: Mapping[str, Done] = {}
CATALOGUE: Mapping[str, Done] = {}
MANAGE: Mapping[str, Done] = {}
OPS: Mapping[str, Done] = {}
CONNECT: Mapping[str, Done] = {}
KERNEL: Mapping[str, Done] = {
    "discard_draft": _DRAFT,
    "save_draft": _DRAFT,
}

#: By the package of the view.
TABLES = {
    "tickets": TICKETS,
    "intake": INTAKE,
    "issues": ISSUES,
    "sales": SALES,
    "catalogue": CATALOGUE,
    "manage": MANAGE,
    "ops": OPS,
    "connect": CONNECT,
    "kernel": KERNEL,
}
#: Tables with lines missing; those that are there have to be right.
UNFINISHED = set(TABLES) - {"issues"}


def forms(app: Flask) -> Iterator[tuple[str, str]]:
    """Every form that staff can send: the package of its view, and its name."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/support/desk") and "POST" in (rule.methods or ()):
            package = app.view_functions[rule.endpoint].__module__.split(".")[1]
            yield package, rule.endpoint.removeprefix("paidsupport.")


@pytest.mark.row("P12")
def test_programs_can_do_what_staff_can(lite_app: Flask) -> None:
    """No form without a line, no line without a form, and no line that names what is not there."""
    there = set(forms(lite_app))
    listed = {(package, name) for package, table in TABLES.items() for name in table}
    missing = sorted(f"{package}: {name}" for package, name in there - listed if package not in UNFINISHED)
    assert not missing, missing
    assert not listed - there
    names = {each.name for each in api_of(lite_app).operations}
    done = {name for table in TABLES.values() for line in table.values() for name in _names(line)}
    assert not done - names


def _names(line: Done) -> tuple[str, ...]:
    return () if isinstance(line, Without) else line
