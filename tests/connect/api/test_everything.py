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

_SET_UP = Without("Managers set it up, in the browser or by a file of the configuration.")
_LOOK = Without("Logins are shown to a person only, on a page, for a reason that the customer sees.")
_OWN_PAGE = Without("It is about what a person finds on their own pages.")
_DRAFT = Without("It keeps what is half typed; a program sends what is finished.")

TICKETS: Mapping[str, Done] = {
    "annotate": ("annotate_ticket",),
    "boilerplate_drop": ("remove_canned_reply",),
    "boilerplate_edit": ("change_canned_reply",),
    "boilerplate_new": ("create_canned_reply",),
    "bulk_act": ("change_tickets",),
    "bulk_undo": ("undo_change_of_tickets",),
    "change_view": _OWN_PAGE,
    "choose_language": ("choose_language_of_ticket",),
    "claim": ("claim_ticket",),
    "consent_new": ("ask_for_consent",),
    "cut_message": ("cut_login_out",),
    "destroy_secret": ("destroy_login",),
    "item": ("tick_item", "skip_item", "untick_item"),
    "links": ("link_tickets", "unlink_tickets"),
    "look": _LOOK,
    "merge": ("merge_ticket",),
    "move": ("move_ticket",),
    "new_view": _OWN_PAGE,
    "offer_new": ("make_offer",),
    "prefer": _OWN_PAGE,
    "prioritise": ("prioritise_ticket",),
    "read_all": _OWN_PAGE,
    "read_ticket": _OWN_PAGE,
    "rename": ("rename_ticket",),
    "report": ("send_report", "preview_report"),
    "request_new": ("split_off_ticket",),
    "settle_letter": ("settle_email",),
    "tags": ("tag_ticket", "untag_ticket"),
    "take_apart": ("take_ticket_apart",),
    "take_over_checklist": ("take_over_checklist",),
    "ticket_here": Without("It tells colleagues who looks at a page."),
    "tone_rule_edit": _SET_UP,
    "tone_rule_new": _SET_UP,
    "tone_rule_remove": _SET_UP,
    "tone_setup": _SET_UP,
    "traits": ("set_traits",),
    "try_parked": Without("A manager decides with the reason of the failure before their eyes."),
    "use_consent": ("use_consent",),
    "watch": ("watch_ticket", "unwatch_ticket"),
    "withdraw_decision": ("withdraw_decision",),
    "worklog": ("start_work", "stop_work", "add_work"),
    "write": ("write_message", "preview_message"),
}
INTAKE: Mapping[str, Done] = {
    "absence_add": ("add_absence",),
    "absence_remove": ("remove_absence",),
    "call": ("take_call", "add_call", "find_earlier_tickets"),
    "file_issue": ("file_request", "preview_filing"),
    "guide_edit": ("change_guide",),
    "guide_new": ("create_guide",),
    "issue_let_stay": ("keep_in_issue",),
    "mailbox_check": _SET_UP,
    "mailbox_edit": _SET_UP,
    "mailbox_new": _SET_UP,
    "mailbox_remove": _SET_UP,
    "point": ("answer_with_page",),
    "raw_mail": _LOOK,
    "shift_add": ("add_shift",),
    "shift_remove": ("remove_shift",),
    "sort_request": ("decide_request",),
    "undo_spam": ("undo_spam",),
    "undocumented": ("note_gap",),
}
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
SALES: Mapping[str, Done] = {
    "bank_transfer": ("assign_bank_line",),
    "bank_transfer_aside": ("set_bank_line_aside",),
    "bank_transfer_undo": ("undo_bank_line",),
    "bank_transfers": ("import_bank_statement",),
    "belonging": (
        "assign_ticket_to_organisation",
        "take_ticket_off_organisation",
        "make_sender_a_contact",
    ),
    "blocker_note": ("note_blocker",),
    "blocker_solve": ("solve_blocker",),
    "contact_add": ("add_contact",),
    "contact_remove": ("remove_contact",),
    "developer_payouts": ("note_payout",),
    "invoice": ("change_invoice",),
    "invoice_deed": ("mark_invoice_paid", "cancel_invoice", "tell_invoice"),
    "invoice_issue": ("issue_invoice",),
    "organisation_away": ("archive_organisation", "restore_organisation"),
    "organisation_edit": ("change_organisation",),
    "organisation_merge": ("merge_organisation",),
    "organisation_new": ("create_organisation", "make_sender_a_contact"),
    "payment_missing": ("deny_payment",),
    "payment_note": ("note_payment",),
    "payment_refund": ("refund_payment",),
    "payment_undo": ("undo_payment",),
    "payout_undo": ("undo_payout",),
    "provider_check": _SET_UP,
    "provider_edit": _SET_UP,
    "provider_move": _SET_UP,
    "provider_remove": _SET_UP,
    "ticket_invoices": ("draft_invoice",),
    "wish_decide": ("decide_wish",),
    "wish_note": ("note_wish",),
}
CATALOGUE: Mapping[str, Done] = {
    "checklist_evidence": _SET_UP,
    "checklist_evidence_move": _SET_UP,
    "checklist_evidence_new": _SET_UP,
    "checklist_evidence_remove": _SET_UP,
    "checklist_item": _SET_UP,
    "checklist_item_move": _SET_UP,
    "checklist_item_new": _SET_UP,
    "checklist_item_remove": _SET_UP,
    "requirement_edit": _SET_UP,
    "requirement_move": _SET_UP,
    "requirement_remove": _SET_UP,
    "service_delete": _SET_UP,
    "service_discard": ("discard_service_draft",),
    "service_edit": _SET_UP,
    "service_move": _SET_UP,
    "service_new": _SET_UP,
    "service_question": _SET_UP,
    "service_question_move": _SET_UP,
    "service_question_new": _SET_UP,
    "service_question_remove": _SET_UP,
    "service_reinstate": ("reinstate_service",),
    "service_requirements": _SET_UP,
    "service_retire": ("retire_service",),
    "service_version_again": ("publish_version_again",),
    "services_publish": ("publish_services",),
    "trait_edit": _SET_UP,
    "trait_move": _SET_UP,
    "trait_new": _SET_UP,
    "trait_remove": _SET_UP,
    "workflow_deadlines": _SET_UP,
}
MANAGE: Mapping[str, Done] = {
    "invitation_again": ("send_invitation_again",),
    "invitation_withdraw": ("withdraw_invitation",),
    "staff_add": ("add_person",),
    "staff_disable": ("disable_person",),
    "staff_enable": ("enable_person",),
    "staff_invite": ("invite_person",),
    "staff_person": ("change_person",),
    "begin": Without("It is a step of the first set-up, which a person takes."),
    "first_mail": Without("It is a step of the first set-up, which a person takes."),
    "first_name": Without("It is a step of the first set-up, which a person takes."),
    "first_service_from": Without("It is a step of the first set-up, which a person takes."),
    "first_staff": Without("It is a step of the first set-up, which a person takes."),
    "first_vault": Without("It is a step of the first set-up, which a person takes."),
    "join": Without("Only who was invited can accept, signed in to the site."),
    "reason_edit": _SET_UP,
    "reason_move": _SET_UP,
    "reason_new": _SET_UP,
    "reason_offer": _SET_UP,
    "restore_setting": _SET_UP,
    "settings_group": _SET_UP,
    "setup_file": Without("The file of the configuration is read in the browser, or by a command."),
    "setup_file_look": Without("The file of the configuration is read in the browser, or by a command."),
    "setup_file_undo": Without("The file of the configuration is read in the browser, or by a command."),
    "test_email": Without("It shows a person whether emails arrive."),
    "way_edit": _SET_UP,
    "way_move": _SET_UP,
    "way_new": _SET_UP,
    "way_offer": _SET_UP,
    "way_remove": _SET_UP,
    "staff_token_revoke": ("revoke_token",),
}
OPS: Mapping[str, Done] = {
    "export": ("start_export",),
    "export_download": ("download_export", "get_export_file"),
}
CONNECT: Mapping[str, Done] = {}
KERNEL: Mapping[str, Done] = {
    "discard_draft": _DRAFT,
    "profile": ("change_my_profile",),
    "save_draft": _DRAFT,
    "token_revoke": ("revoke_my_token",),
    "tokens": Without("A token cannot make another one."),
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
UNFINISHED = {"connect", "kernel"}


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
