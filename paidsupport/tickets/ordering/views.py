"""Ordering: the form, the page to check all answers, and the receipt (G1, G2)."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import TooManyError
from paidsupport.kernel.jobs import heartbeat
from paidsupport.kernel.web.csrf import is_opened_from_here
from paidsupport.kernel.web.guards import Who, route, visitor
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.kept import navigates
from paidsupport.tickets.customer_forms import AddressForm
from paidsupport.tickets.emails.queries import last_confirmation
from paidsupport.tickets.emails.rules import EmailState
from paidsupport.tickets.operations.payment import paid_to, payee_of
from paidsupport.tickets.ordering import drafts, form_files
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.addresses import correct, may_correct
from paidsupport.tickets.ordering.forms import OrderForm, form_for, version_in
from paidsupport.tickets.ordering.promises import first_answer
from paidsupport.tickets.queries.tickets import by_reference
from paidsupport.tickets.tables import Ticket

#: By then the email should have left, if a worker is running.
_SOON = timedelta(minutes=3)
_KEY = re.compile(r"[0-9a-f]{32}")


@route("/order/<service>", Who.ANYONE, ("GET", "POST"))
def order(ctx: Context, service: str) -> ResponseReturnValue:
    """Show the form of one service; what was typed comes back by its key, also after Back.

    With `check` in the address it shows all answers; the form sent from there becomes a ticket.

    A key may have been shared in a link. So a draft is stored only under a key that one of our pages sent
    together with the form; otherwise the form gets a new key.
    """
    if request.method == "POST":
        return _sent(ctx, catalogue.orderable(ctx, service, version_in(request.form.get("terms"))))
    key = _shown_under()
    draft = drafts.find(ctx, key) if key else None
    offered = catalogue.orderable(ctx, service, version_in(dict(draft.fields).get("terms")) if draft else 0)
    if key is None:
        if navigates():
            return redirect(url_for(".order", service=service, form=new_key()))
        return _form_page(ctx, offered, form_for(ctx, offered, visitor()))
    if draft is None and (ticket := drafts.placed(ctx, key)):
        return redirect(_receipt_of(ctx, ticket))
    form = form_for(ctx, offered, visitor(), key, draft)
    ours = draft is not None and draft.says_something and is_opened_from_here()
    if draft and ours and "check" in request.args and form.look():
        return _check_page(ctx, offered, form)
    if draft and draft.tried:
        form.look()
    if not ours:
        form.go_on_as(new_key())
    return _form_page(ctx, offered, form)


def _sent(ctx: Context, offered: Terms) -> ResponseReturnValue:
    form = form_for(ctx, offered, visitor())
    key, client = form.key.data or "", request.remote_addr or ""
    if (before := _shown_under()) and _KEY.fullmatch(key) and key != before:
        form_files.move(ctx, before, key)
    if "place" in request.form:
        ticket = form.send(ctx, lambda: submissions.take(ctx, form.examined, client=client))
        if ticket:
            return redirect(_receipt_of(ctx, ticket), 303)
    else:
        form.send(ctx, lambda: True)
    if not form.is_ours:
        form.choose_again()
        return _form_page(ctx, offered, form)
    if form.key.data != key:
        form_files.move(ctx, key, form.key.data or "")
    return _kept(ctx, offered, form)


def _kept(ctx: Context, offered: Terms, form: OrderForm) -> ResponseReturnValue:
    """Redirect from a stored draft: on to the check of all answers, or back to the fields with errors."""
    key, gone, right = form.key.data or "", request.form.get("remove", ""), not form.errors
    draft = form.draft(tried=not (right or gone))
    if not form.form_errors:
        form.attempt(ctx, form.add_files)
    if gone:
        form_files.remove(ctx, key, gone)
    try:
        drafts.keep(ctx, key, draft, client=request.remote_addr or "")
    except TooManyError:
        return _page(ctx, offered, form)
    moment_is_wrong = form.conflict or form.form_errors
    if moment_is_wrong or not navigates():
        return _page(ctx, offered, form)
    check, place = (1 if right and not gone else None), ("files" if gone else None)
    return redirect(url_for(".order", service=offered.slug, form=key, check=check, _anchor=place), 303)


def _page(ctx: Context, offered: Terms, form: OrderForm) -> ResponseReturnValue:
    """Show the form if something in it is wrong, or the answers again if ordering just failed for now."""
    wrong_fields = form.errors.keys() - {None}
    form.kept = form_files.files_of(ctx, form.key.data or "")
    shown = _form_page if wrong_fields or (form.form_errors and form.uploads) else _check_page
    return shown(ctx, offered, form)


def _form_page(ctx: Context, offered: Terms, form: OrderForm) -> ResponseReturnValue:
    page = show(
        "tickets/ordering/order.html",
        form=form,
        service=offered,
        flow=ctx.services.workflows[offered.workflow],
        here=url_for(".order", service=offered.slug, form=_shown_under()),
        address=url_for(".order", service=offered.slug, form=form.key.data),
        ask=_where_to_ask(ctx) if form.requirement_names else "",
        paid_to=paid_to(payee_of(ctx, offered.payee)),
    )
    return page, form.status


def _check_page(ctx: Context, offered: Terms, form: OrderForm) -> ResponseReturnValue:
    page = show(
        "tickets/ordering/check.html",
        form=form,
        service=offered,
        flow=ctx.services.workflows[offered.workflow],
        first_answer=first_answer(ctx, offered),
        paid_to=paid_to(payee_of(ctx, offered.payee)),
        address=url_for(".order", service=offered.slug, form=form.key.data),
    )
    return page, form.status


def _shown_under() -> str | None:
    """The key in the address, if it is a valid one."""
    key = request.args.get("form", "")
    return key if _KEY.fullmatch(key) else None


def _where_to_ask(ctx: Context) -> str:
    """The slug of the service that takes questions; empty if none does."""
    flows, offered = ctx.services.workflows, catalogue.services(ctx)
    return next((each.slug for each in offered if flows[each.workflow].word == "question"), "")


def _receipt_of(ctx: Context, ticket: Ticket) -> str:
    return url_for(".receipt", receipt=ctx.services.links.receipt(ticket))


@route("/ordered/<receipt>", Who.ANYONE, ("GET", "POST"))
def receipt(ctx: Context, receipt: str) -> ResponseReturnValue:
    """Show the confirmation code. The private link is only in the email, because it proves the address.

    A mistyped address can be corrected here.
    """
    reference = ctx.services.links.read_receipt(receipt)
    ticket = by_reference(ctx.session, reference)
    form = AddressForm()
    if form.send(ctx, lambda: _correct(ctx, ticket, form)):
        return redirect(url_for(".receipt", receipt=receipt, corrected=1), 303)
    page = show(
        "tickets/ordering/receipt.html",
        ticket=ticket,
        flow=ctx.services.workflows[ticket.workflow],
        mail=_mail(ctx, ticket),
        form=form,
        correctable=may_correct(ticket),
        corrected="corrected" in request.args,
        paid_to=paid_to(payee_of(ctx, ticket.payee)),
    )
    return page, form.status


def _correct(ctx: Context, ticket: Ticket, form: AddressForm) -> Ticket:
    return correct(ctx, ticket.code, form.email.data or "", key=form.key.data or "")


def _mail(ctx: Context, ticket: Ticket) -> str:
    """What has become of the email with the code: “sent”, “leaving”, “queued”, “late”, or “failed”."""
    found = last_confirmation(ctx.session, ticket)
    if found is not None and found.state in {EmailState.SENT, EmailState.SENDING}:
        return "sent"
    if found is not None and found.state != EmailState.QUEUED:
        return "failed"
    if found is not None and ctx.now - found.created_at > _SOON:
        return "late"
    return "leaving" if heartbeat.is_alive(ctx) else "queued"
