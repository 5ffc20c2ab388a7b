"""Every page there is, with something on it: for the accessibility checks and the screenshots."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.checklists import queries as checklists
from paidsupport.catalogue.operations.publishing import publish
from paidsupport.catalogue.services.operations import editing as services
from paidsupport.catalogue.services.operations.editing import New
from paidsupport.connect.importing.rules import REMARKS
from paidsupport.connect.importing.tables import Import, Imported
from paidsupport.intake.filing import operations as filing
from paidsupport.intake.gaps.operations import documented
from paidsupport.intake.gaps.operations.gaps import Choice
from paidsupport.intake.guides import operations as guides
from paidsupport.intake.guides import queries as guide_queries
from paidsupport.intake.triage import operations as triage
from paidsupport.issues import tables as issues
from paidsupport.issues.operations import estimates
from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import file, loading
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.managed import GROUPS
from paidsupport.kernel.errors import StorageFullError
from paidsupport.kernel.money import Money
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewAbsence, NewShift
from paidsupport.manage.staff.operations import invitations
from paidsupport.ops.erasure import erasure
from paidsupport.ops.export.tables import Export
from paidsupport.sales.payments.bank.operations import deciding
from paidsupport.sales.payments.operations import direct, refunds, settling
from paidsupport.sales.payments.providers import Truth
from paidsupport.sales.payments.rules import PaymentStep
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.operations import worklog
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.notices.operations import watching
from paidsupport.tickets.relations.operations import links as relations
from paidsupport.tickets.relations.operations import merging
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.tags import operations as tags
from tests.browser.conftest import private_link
from tests.calling import call, take_calls
from tests.connect.connections.connecting import furnished_connections
from tests.connect.trackers.tracking import furnished_trackers
from tests.intake.mail.incoming import deliver, mail
from tests.intake.mailboxes.test_mailboxes import entered
from tests.leading import OFFER, WISH, block, contact, decide, issues_of, lead, organisation, wish
from tests.paying import begun_payment, set_up, set_up_taler, to_be_paid
from tests.people import Desk
from tests.sales.bookkeeping.test_bookkeeping import came, collected, done, pay_out
from tests.sales.invoices.test_invoices import deed, drafted, extended, filled, issued
from tests.sales.payments.bank import statements as bank
from tests.sales.payments.bank.statements import Sent
from tests.sales.payments.bank.statements import set_up as set_up_bank
from tests.services import published
from tests.tickets.tone.test_tone_rules import ruled

LONG = "Dieser-Name-ist-mit-Absicht-sehr-lang-und-hat-keine-Stelle-zum-Umbrechen von und zu Beispielhausen"

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5RzZsmLCyrxGAJOlHyQ9jmsAR7qWpRKJEKIrxjfqGa ada@laptop"

ANSWERS = {
    "installation": {"php": ["8.2"], "database": ["PostgreSQL"]},
    "upgrade": {"from_version": ["1.5.4"], "albums": ["310"], "disk": ["yes"]},
    "customization": {"wish": ["Show the shooting date under each photo."], "theme": ["Matrix"]},
}
OTHERS = (
    ("Jürgen Weiß", "upgrade", "The old gallery stopped working after the move to a new PHP."),
    ("Chidi Okafor", "customization", "Sort albums by the date the photos were taken."),
    ("María José García", "installation", "Una galería para nuestra escuela, about 900 photos."),
    ("Li Wei", "upgrade", "From 1.5.4 to the current version, 310 albums."),
    ("Anna Kowalska", "installation", "I only have access to the panel of my provider."),
)


#: The pages of the first run, which a manager can open at any time.
FIRST_STEPS = {
    "first steps": "/support/desk/setup/first",
    **{
        f"first steps: {step}": f"/support/desk/setup/first/{step}"
        for step in ("name", "service", "service/hourly", "mail", "vault", "staff", "order")
    },
}


def furnish(desk: Desk) -> dict[str, str]:
    """Fill a desk with tickets in every state; returns the path of every page by its name."""
    open_code = desk.order(details="Could you move our old albums too? " * 3)
    desk.order(service="upgrade", name=LONG, answers={"from_version": ["1.5"], "disk": ["yes"]})
    for name, service, details in OTHERS:
        code = desk.order(name=name, service=service, details=details, answers=ANSWERS[service])
        desk.clock.forward(hours=7)
        desk.claim(code, desk.ben if len(name) % 2 else desk.mia)
    desk.clock.forward(hours=5)
    contacted = desk.order(name="Noor Haddad", email="noor@example.com")
    desk.claim(contacted, desk.ada)
    desk.write(contacted, desk.ada)
    desk.work()
    desk.clock.forward(hours=20)
    desk.receive(
        contacted, "Yes, please go ahead.\n\nThe title should be “Our photos”. See https://example.com/x"
    )
    with desk.ctx(desk.ada) as ctx:
        people.set_profile(
            ctx,
            email="ada@example.org",
            payment="Cash at the next meeting",
            details={"way_paypal": "ada@example.org"},
            public_key=PUBLIC_KEY,
        )
    desk.look(contacted, desk.give(contacted, "until then", label="The panel of the provider"), desk.ada)
    reference = desk.give(contacted, "correct Horse", kind="account", label="SSH on photos.haddad.example")
    desk.take_back(contacted, desk.give(contacted, "gone", label="FTP"))
    desk.receive(contacted, "The login of the database: noor / tulip-Field-9")
    busy = desk.in_progress(desk.ada)
    desk.write(busy, desk.ada, "The upload works now.\n\nAda")
    with desk.ctx(CUSTOMER) as ctx:
        direct.say(ctx, tickets.lock(ctx.session, busy), key=new_key())
    ended = desk.in_progress(desk.ben)
    desk.finish(ended, desk.ben, note="All albums checked.")
    desk.transition(desk.order(), "reject", desk.mia, reason="spam", note="Third time today.")
    private = private_link(desk)
    asking = desk.risky(desk.ada)
    questions = [desk.ask(asking, desk.ada, "configuration"), desk.offer(asking, desk.ada)]
    desk.work()
    settled = desk.risky(desk.ada)
    past = [desk.ask(settled, desk.ada, "configuration"), desk.offer(settled, desk.ada)]
    desk.work()
    desk.answer(settled, past[0], "declined", word="Other sites run there.")
    desk.answer(settled, past[1], "approved")
    decide = f"/support/t/{desk.token(asking)}/decide/"
    with desk.ctx(desk.ben) as ctx:
        relations.link(ctx, contacted, open_code, "follows", new_key())
    desk.clock.forward(hours=1)
    for made in (
        mail("Can you print our photos as well?\n\nJürgen", From="Jürgen Weiß <weiss@example.net>"),
        mail("I am away until Monday.", Auto_Submitted="auto-replied", Subject="Out of office"),
        mail("Open https://example.com/x now", To="support+ps-2222-2222.abc@example.org", Subject=LONG),
    ):
        came_in = deliver(desk, made).mail
        desk.clock.forward(minutes=20)
    ticket = f"/support/desk/tickets/{contacted}"
    at_work = _issues_at_work(desk)
    desk.annotate(contacted, desk.ben, "@Ada, they called. See https://example.com/x")
    with desk.ctx(desk.mia) as ctx:
        watching.watch(ctx, contacted)
    desk.tell()
    return {
        "services": "/support/",
        **FIRST_STEPS,
        "settings": "/support/desk/setup/settings",
        **{f"settings: {group.name}": f"/support/desk/setup/settings/{group.name}" for group in GROUPS},
        "order": "/support/order/upgrade",
        "verify": "/support/verify",
        "lost link": "/support/link",
        "receipt": f"/support/ordered/{mount_of(desk.app).services.links.receipt(desk.ticket(open_code))}",
        "private page": private,
        "private page of an order said to be paid": f"/support/t/{desk.token(busy)}",
        "payment to confirm": f"/support/desk/tickets/{busy}",
        "access": f"/support/t/{desk.token(contacted)}/access",
        "private page with questions": f"/support/t/{desk.token(asking)}",
        "private page with answers": f"/support/t/{desk.token(settled)}",
        "decide about consent": decide + questions[0].reference,
        "decide about an offer": decide + questions[1].reference,
        "decided": f"/support/t/{desk.token(settled)}/decide/{past[0].reference}",
        "ask for consent": f"/support/desk/tickets/{asking}/consents/new",
        "make an offer": f"/support/desk/tickets/{contacted}/offers/new?message=2",
        "ticket with questions": f"/support/desk/tickets/{asking}",
        "ticket with answers": f"/support/desk/tickets/{settled}",
        "nothing here": "/support/t/forged",
        "mail": "/support/dev/mail",
        "queue": "/support/desk/",
        "queue pending": "/support/desk/?part=pending",
        "queue closed": "/support/desk/?part=closed",
        "queue overdue": "/support/desk/?part=all&due=over",
        "search": "/support/desk/?q=albums",
        "search without hits": "/support/desk/?q=xylophone",
        "open ticket": f"/support/desk/tickets/{open_code}",
        "ticket": ticket,
        "ended ticket": f"/support/desk/tickets/{ended}",
        "erased ticket": _erased(desk),
        "first contact": _waiting_for_contact(desk),
        "look": f"{ticket}/access/{reference}/look",
        **_under_work(desk),
        "report": f"/support/t/{desk.token(ended)}/report",
        "answer": f"{ticket}/write",
        "start": f"{ticket}/moves/start",
        "abandon": f"{ticket}/moves/abandon",
        "hand over": f"{ticket}/moves/hand-over",
        "not possible": f"{ticket}/moves/reopen",
        "history": f"{ticket}/history",
        "further request": f"{ticket}/request?message=2",
        **_merged(desk),
        "boilerplate": "/support/desk/boilerplate",
        "new boilerplate": "/support/desk/boilerplate/new",
        **_guides(desk),
        **_requests(desk),
        **_calls(desk),
        **_sales(desk),
        "stuck letters": "/support/desk/outbox",
        "inbox": "/support/desk/inbox",
        "inbox without mail": "/support/desk/inbox?state=failed",
        "incoming mail": f"/support/desk/inbox/{came_in}",
        **at_work,
        "profile": "/support/desk/profile",
        "roster": fill_roster(desk),
        **_staff(desk),
        **_issue_pages(at_work["issue at work"]),
        **_invoices(desk),
        **_payments(desk),
        **_transfers(desk),
        "change boilerplate": "/support/desk/boilerplate/1",
        "new organisation": "/support/desk/organisations/new",
        "overview": "/support/desk/overview",
        "search everything": "/support/desk/search?q=albums",
        "saved views": "/support/desk/views",
        "new saved view": "/support/desk/views/new?part=pending",
        "change the address": f"/support/t/{desk.token(contacted)}/address",
        "news": "/support/desk/news",
        "no news": "/support/desk/news?unread=1&before=1",
        **_set_up(desk),
        **_mailboxes(desk),
        **_providers(desk),
        **furnished_connections(desk),
        **furnished_trackers(desk),
        **_paying(desk),
        "rules of tone": "/support/desk/setup/tone",
        "new rule of tone": "/support/desk/setup/tone/new",
        "rule of tone": f"/support/desk/setup/tone/{ruled(desk)}",
        **_services(desk),
        "export data": _exports(desk),
        **_imports(desk),
        **_files(desk),
        "home": "/",
        "sign in": "/login",
        "test bank": "/bank",
    }


def _imports(desk: Desk) -> dict[str, str]:
    """Imports: one that was checked, one that moved tickets in, and a table before its columns are chosen."""
    remarks = [[about, LONG, 3, "1234"] for about in REMARKS]
    with desk.ctx(desk.mia) as ctx:
        table = b"1,2,3\n" + f"7,{LONG},2031-05-04\n".encode() * 3
        keys = [ctx.services.files.keep(io.BytesIO(table)).key for _ in range(2)]
        by = {"started_by_id": ctx.by.id, "started_by_name": LONG, "started_at": ctx.now}
        counts = {"ticket": 1200, "message": 3400, "known": 7}
        told = {"counts": counts, "remarks": remarks, "ended_at": ctx.now}
        for name, kind, state, dry in (
            *(("checked", "helpdesk", "done", True), ("done", "rt", "done", False)),
            *(("failed", "zammad", "failed", True), ("table", "csv", "drafted", True)),
        ):
            run = Import(reference=f"import-{name}", kind=kind, source=f"{kind}:desk.example.org", dry=dry)
            for column, value in {**by, "state": state, **(told if state != "drafted" else {})}.items():
                setattr(run, column, value)
            run.problem = str(StorageFullError()) if state == "failed" else ""
            run.storage_key = keys.pop() if name in {"checked", "table"} else None
            ctx.session.add(run)
        first = ctx.session.scalars(select(Ticket).order_by(Ticket.id)).first()
        came = Imported(
            source="rt", kind="ticket", source_id="1", row_id=first.id if first else 0, at=ctx.now
        )
        ctx.session.add(came)
    url = "/support/desk/setup/import"
    pages = {f"import that is {name}": f"{url}/import-{name}" for name in ("checked", "done", "failed")}
    return {"move in": url, **pages, "columns of a table": f"{url}/import-table/columns"}


def _exports(desk: Desk) -> str:
    """Exports in every state."""
    there = ("expired", "failed", "ready", "running", "queued")
    with desk.ctx(desk.mia) as ctx:
        kept = ctx.services.files.keep(io.BytesIO(b"a zip"))
        for number, state in enumerate(there):
            at = {"asked_at": ctx.now, "seen_at": ctx.now, "ended_at": ctx.now, "expires_at": None}
            about = {"kind": "customer", "label": "PS-2222-2222, PS-3333-3333", "with_notes": True}
            made = Export(reference=f"export-{number}", **(about if number % 2 else {"kind": "all"}), **at)
            made.asked_by_id, made.asked_by_name, made.state = ctx.by.id or 0, LONG, state
            made.lines, made.total, made.size = 1500, 40_000, 5
            if state == "ready":
                made.storage_key, made.expires_at = kept.key, ctx.now + timedelta(days=1)
            if state == "failed":
                made.problem = str(StorageFullError())
            ctx.session.add(made)
    return "/support/desk/setup/export"


def _set_up(desk: Desk) -> dict[str, str]:
    """What managers edit row by row: lists, and the form of a row; work under way is offered a change."""
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
        item = checklists.item(ctx.session, "new-version")
        before, item.text = item.text, f"Install a version without the hole. {LONG}"
        ctx.session.flush()
        about = f"item:{item.name}"
        configuration.tell(change, "changed", about, item.text, {"text": before}, {"text": item.text})
        upgrade = catalogue.find(ctx.session, "upgrade")
        publish(ctx, change, [upgrade], "1.9.0 has a hole.", offers_checklist=True)
    there = "/support/desk/setup/services/upgrade/questions"
    return {
        "questions of a service": there,
        "question of a service": f"{there}/disk",
        "new question of a service": f"{there}/new-question",
        "items of the checklist": "/support/desk/setup/checklist",
        "item of the checklist": "/support/desk/setup/checklist/backup",
        "new item of the checklist": "/support/desk/setup/checklist/new_item",
        "evidence of an item": "/support/desk/setup/checklist/backup/evidence/where",
        "new evidence of an item": "/support/desk/setup/checklist/backup/evidence/new_evidence",
        "trait": "/support/desk/setup/traits/root",
        "new trait": "/support/desk/setup/traits/new_trait",
        "reasons": "/support/desk/setup/reasons",
        "new reason": "/support/desk/setup/reasons/paid/abandon/new_reason",
        "reason": "/support/desk/setup/reasons/paid/abandon/no-response",
        "ways to pay": "/support/desk/setup/ways",
        "new way to pay": "/support/desk/setup/ways/new_way",
        "way to pay": "/support/desk/setup/ways/paypal",
        "deadlines of workflows": "/support/desk/setup/deadlines",
        "deadlines of a workflow": "/support/desk/setup/deadlines/paid",
    }


def _files(desk: Desk) -> dict[str, str]:
    """An import that can be undone, and a file that was handed in."""
    with desk.ctx(desk.mia) as ctx:
        text = file.dump(ctx)
        zone = ctx.services.settings.time_zone
        settings = f'format = 1\n[settings]\nlink_days = 170\ntime_zone = "{zone}"\n'
        loading.load_at_once(ctx, settings, f"Shorter. {LONG}")
        text = text.replace('price = "45.00"', 'price = "47.00"').replace("Before ordering", LONG)
        text += f'[[person]]\nemail = "{LONG[:30]}@x.org"\nname = "x"\nrole = "manager"\n'
        waiting = loading.hand_in(ctx, text)
    there = "/support/desk/setup/file"
    return {"file of the set-up": there, "changes of a file": f"{there}/{waiting.id}"}


def _services(desk: Desk) -> dict[str, str]:
    """A service with two versions, whose draft differs from both; and one that was never published."""
    with published(desk, "customization", word=f"Dearer since spring. {LONG}") as service:
        service.price_minor += 500
    with desk.ctx(desk.mia) as ctx:
        copy = New("Hourly work", "", "paid", copy_of="customization")
        services.add(ctx, copy, mark=".", key=new_key())
        draft = catalogue.find(ctx.session, "customization")
        with configuration.edit(ctx) as change:
            draft.name, draft.traits = f"{draft.name} {LONG}", ["zip"]
            change.nothing_new()
        first = draft.requirements[0].id
    there = "/support/desk/setup/services"
    one = f"{there}/customization"
    return {
        "services to set up": there,
        "new service": f"{there}/new",
        "publish services": f"{there}/publish",
        "service": one,
        "new draft": f"{there}/hourly-work",
        "preview of a service": f"{one}/preview",
        "requirements": f"{one}/requirements",
        "requirement": f"{one}/requirements/{first}",
        "versions of a service": f"{one}/versions",
        "version of a service": f"{one}/versions/2",
        "publish a version again": f"{one}/versions/1/again",
        "discard a draft": f"{one}/discard",
        "retire a service": f"{one}/retire",
        "put a service back": f"{one}/reinstate",
        "delete a service": f"{there}/hourly-work/delete",
    }


def _mailboxes(desk: Desk) -> dict[str, str]:
    """A mailbox that a manager entered."""
    there = "/support/desk/setup/mailboxes"
    number = entered(desk)
    return {
        "mailboxes": there,
        "new mailbox": f"{there}/new",
        "mailbox": f"{there}/{number}",
    }


def _providers(desk: Desk) -> dict[str, str]:
    """Providers of payments: two that are set up, and one that is not."""
    there = "/support/desk/setup/payments"
    set_up_taler(desk)
    set_up(desk, "console")
    set_up(desk, "bank", holder="Example Support", iban="DE89 3704 0044 0532 0130 00", currencies="USD EUR")
    return {
        "providers of payments": there,
        "provider of payments": f"{there}/taler",
        "provider to set up": f"{there}/null",
    }


def _paying(desk: Desk) -> dict[str, str]:
    """An order that is to be paid, and payments for it in every step that customers see."""
    code, due, pages = to_be_paid(desk), to_be_paid(desk), dict[str, str]()
    private, begun = (f"/support/t/{desk.token(each)}" for each in (code, due))
    truths = {
        "beginning": None,
        "open": Truth(PaymentStep.OPEN, address="https://pay.example.org/checkout?token=1"),
        "in a wallet": Truth(
            PaymentStep.OPEN, address="https://pay.example.org/o/1", uri="taler://pay/pay.example.org/1/"
        ),
        "on its way": Truth(PaymentStep.PENDING),
        "ended": Truth(PaymentStep.ENDED, problem="The order has expired."),
        "disputed": Truth(PaymentStep.DISPUTED, Money(100, "USD")),
        "received": Truth(PaymentStep.RECEIVED, Money(4500, "USD")),
    }
    for name, truth in truths.items():
        # what is paid leads nowhere any more
        of, there = (due, begun) if truth is None or truth.step is PaymentStep.OPEN else (code, private)
        with desk.ctx(CUSTOMER) as ctx:
            ticket = tickets.lock(ctx.session, of)
            row = begun_payment(ctx, ticket)
            if truth:
                settling.settle(ctx, row.id, replace(truth, remote=row.reference))
            pages[f"payment {name}"] = f"{there}/pay/{row.reference}"
    waiting = to_be_paid(desk)
    with desk.ctx(CUSTOMER) as ctx:
        begun_payment(ctx, tickets.lock(ctx.session, waiting))
    return {
        **pages,
        "order to be paid": f"/support/t/{desk.token(waiting)}",
        "order to be paid by transfer": f"/support/t/{desk.token(waiting)}/transfer",
        "order paid more than once": private,
        "back from a provider": "/support/pay/some-reference",
    }


def _issue_pages(of_one: str) -> dict[str, str]:
    """Lists and forms of issues, and the pages of one."""
    there = "/support/desk/issues"
    lists = ("inbox", "new", "releases", "reviews", "session", "to-tell")
    return {
        "issues": there,
        **{f"issues: {name}": f"{there}/{name}" for name in lists},
        "history of an issue": f"{of_one}/history",
        "move an issue": f"{of_one}/moves/release",
    }


def _invoices(desk: Desk) -> dict[str, str]:
    """A draft, and an invoice that is open."""
    code, other = extended(desk), desk.order(name=LONG, email="long@example.com")
    made, draft = issued(desk, code), filled(desk, drafted(desk, other))
    there, drafts = (f"/support/desk/tickets/{each}/invoices" for each in (code, other))
    paid_for = desk.order(name=LONG, email="refunded@example.com")
    bill = deed(desk, "paid", issued(desk, paid_for))
    with desk.ctx(desk.mia) as ctx:
        today = ctx.today.isoformat()
        refunds.ask(ctx, paid_for, bill.reference, "10", LONG, day=today, key=new_key())
    return {
        "invoices": "/support/desk/invoices",
        "invoices of a ticket": there,
        "invoice": f"{there}/{made.reference}",
        "cancel an invoice": f"{there}/{made.reference}/cancel",
        "mark an invoice as paid": f"{there}/{made.reference}/paid",
        "draft of an invoice": f"{drafts}/{draft.reference}",
        "issue an invoice": f"{drafts}/{draft.reference}/issue",
        "discard a draft of an invoice": f"{drafts}/{draft.reference}/cancel",
        "refund": f"/support/desk/tickets/{paid_for}/payments/{bill.reference}/refund",
        "private page with an invoice": f"/support/t/{desk.token(code)}",
    }


def _payments(desk: Desk) -> dict[str, str]:
    """What came at the desk, was paid back, and is owed to a developer who was paid a part of it."""
    done(desk)
    came(desk, collected(desk, desk.order(name=LONG, email="paid@example.com")), 123456700, one=4500)
    pay_out(desk, "20.00", note=LONG[:200])
    there = "/support/desk/payments"
    return {"payments": there, "pay-outs to a developer": f"{there}/developers/{desk.ada.id}"}


def _transfers(desk: Desk) -> dict[str, str]:
    """Lines of the bank: one with a slip in its code, one that was set aside, one that is a payment."""
    set_up_bank(desk)
    paid, meant = bank.ordered(desk), bank.ordered(desk)
    slip = meant[:-1] + ("3" if meant.endswith("2") else "2")
    sent = (
        Sent("45.00", reference=bank.rf(paid), bank="1"),
        Sent("45.00", text=f"{slip} {LONG} " + "x" * 70, bank="2", name=LONG),
        Sent("12.00", text="membership", bank="3"),
        Sent("9.90", text="fee", bank="4", debit=True),
    )
    bank.take(desk, bank.statement(*sent))
    with desk.ctx(desk.mia) as ctx:
        deciding.set_aside(ctx, bank.key(desk, "3"), "not-ours")
    there = "/support/desk/payments/bank"
    return {
        "bank transfers": there,
        "bank transfers set aside": f"{there}?part=aside",
        "bank transfers assigned": f"{there}?part=matched",
        "bank line": f"{there}/{bank.key(desk, '2')}",
        "bank line with a ticket": f"{there}/{bank.key(desk, '1')}",
    }


def _issues_at_work(desk: Desk) -> dict[str, str]:
    """Work that fits and work that does not, with what was said of it from day to day."""
    day = desk.clock().date()
    for number, (summary, release) in enumerate(
        ((LONG, "1.10"), ("Albums are empty", "1.9"), ("Typing errors", ""))
    ):
        free = desk.open_issue(desk.ben, summary=summary, priority=number % 4 + 1)
        desk.change_issue(free, state="confirmed", target_release=release, minutes_left=90)
    codes = [desk.open_issue(desk.ada, summary=f"Pictures stay dark {number}") for number in (1, 2)]
    for code in codes:
        desk.change_issue(code, state="assigned", owner_id=desk.ada.id, target_release="1.9")
    for left, why in ((2880, ""), (1440, ""), (1800, "A second server has it, too."), (600, "")):
        desk.clock.forward(hours=7)
        with desk.ctx(desk.ada) as ctx:
            issue = issues.lock(ctx.session, codes[0], desk.ada)
            estimates.change(ctx, issue, minutes_left=left, deadline=day + timedelta(days=7), why=why)
    with desk.ctx(desk.mia) as ctx:
        issue = issues.lock(ctx.session, codes[1], desk.mia)
        estimates.change(ctx, issue, minutes_left=9000, deadline=day + timedelta(days=9))
    there = "/support/desk/issues"
    return {
        "my work": "/support/desk/mine",
        "issue at work": f"{there}/{codes[0]}",
        "slips": f"{there}/slips",
    }


def _requests(desk: Desk) -> dict[str, str]:
    """Requests that wait, that were answered with a page, and the pages on the way."""
    codes = []
    for name, said in (
        ("Li Wei <liwei@example.com>", "Where do I change the title?\n\n> a\n> b\n> c"),
        (f"{LONG} <lang@example.net>", "Nothing uploads any more. " * 12),
        ("Noor Haddad <noor@example.com>", "The slideshow is away."),
    ):
        codes.append(deliver(desk, mail(said, From=name, Subject="A question about uploads")).ticket or "")
        desk.clock.forward(minutes=10)
    desk.work()
    asked, sorted_, bug = codes
    with desk.ctx(desk.ada) as ctx:
        page = documented.chosen(ctx, "title-colours-and-language", "")
        ticket = tickets.lock(ctx.session, asked)
        email = Draft(documented.draft(ctx, ticket, page).body, 0, ticket.thread, new_key())
        named = Choice(naming="Where are the title and the colours of a gallery changed?")
        documented.point(ctx, asked, page, email, version=ticket.version, question=named)
    with desk.ctx(desk.ada) as ctx:
        triage.decide(ctx, bug, "bug", version=1, key=new_key(), note="https://bugs.example.org/4711")
    desk.work()
    desk.clock.forward(hours=1)
    there = f"/support/desk/tickets/{sorted_}/documented"
    return {
        "ask": "/support/order/question",
        "help": "/support/help/",
        "help page": "/support/help/photos-do-not-upload",
        "private page of a question": f"/support/t/{desk.token(asked)}",
        "triage": f"/support/desk/triage?spam={bug}&version=3",
        "nothing more to sort": "/support/desk/triage?after=2099-01-01T00:00:00%2B00:00~1",
        "what is missing": "/support/desk/gaps",
        "choose a page": f"{there}?words=uploads",
        "point to a page": f"{there}?guide=photos-do-not-upload&triage=1",
        "request": f"/support/desk/tickets/{sorted_}",
        "request that waits": f"/support/desk/tickets/{asked}",
        "request that is a bug": f"/support/desk/tickets/{bug}",
        **_filed(desk, sorted_),
    }


def _filed(desk: Desk, waiting: str) -> dict[str, str]:
    """The form of an issue for a request, an issue that one follows, and what everybody sees of it."""
    said = "At https://shop.wang.example I get error 409. Call +49 30 765432.\n\nRegards,\nWang Wei"
    code = deliver(
        desk, mail(said, From="Wang Wei <wang@example.com>", Subject="No payment for Wang Wei")
    ).ticket
    desk.work()
    with desk.ctx(desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code or "")
        filled = replace(filing.draft(ctx, ticket), note="Wang Wei, account 4711.")
        issue = filing.file(ctx, ticket.code, filled, version=ticket.version, key=new_key()).code
    return {
        "file an issue": f"/support/desk/tickets/{waiting}/issue",
        "follow an issue": f"/support/desk/tickets/{waiting}/issue?follow=1",
        "request that follows an issue": f"/support/desk/tickets/{code}",
        "issue of a customer": f"/support/desk/issues/{issue}",
        "issue for everybody": f"/support/issues/{issue}",
    }


def _sales(desk: Desk) -> dict[str, str]:
    """An organisation with all that can be on its record, and leads that are decided about."""
    shop = organisation(
        desk, LONG, notes=f"{LONG} pays late.", billing_address="1 Street\nTown", vat_id="DE1"
    )
    contact(desk, shop, LONG, email="jane@shop.example", phone="030 1234567", role="accounts", note="Calls.")
    code, given = lead(desk), lead(desk)
    decide(desk, given, wish(desk, given), replace(OFFER, decision="gratis"))
    decide(desk, code, wish(desk, code, typed=replace(WISH, what=LONG)), replace(OFFER, decision="refuse"))
    block(desk, code, LONG)
    block(desk, code, "Photos", kind="feature", issue=issues_of(desk, given)[0].code)
    offer = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, offer, "declined", word="Too much for us.")
    undecided = wish(desk, code)
    desk.offer(lead(desk, sender="new@shop.example"), desk.ada)
    desk.annotate(code, desk.ben, "They called again.")
    desk.work()
    here, there = f"/support/desk/organisations/{shop}", f"/support/desk/tickets/{code}"
    return {
        "organisations": "/support/desk/organisations",
        "organisations without hits": "/support/desk/organisations?q=xylophone",
        "organisation": here,
        "change an organisation": f"{here}/edit",
        "merge an organisation": f"{here}/merge",
        "sales": "/support/desk/sales",
        "no sales": "/support/desk/sales?stage=won",
        "lead": there,
        "lead that is delivered": f"/support/desk/tickets/{given}",
        "wishes and blockers": f"{there}/sale",
        "decide about a wish": f"{there}/sale/wishes/{undecided}",
        "make an offer to a lead": f"/support/desk/tickets/{given}/offers/new",
        "private page of a lead": f"/support/t/{desk.token(given)}",
    }


def _under_work(desk: Desk) -> dict[str, str]:
    """An upgrade whose backup is made, and the pages of its work."""
    code = desk.in_progress(desk.ada, service="upgrade", answers=ANSWERS["upgrade"], name="Li Wei")
    desk.give(code, "correct Horse", kind="account", label="SSH on pictures.liwei.example")
    desk.tick(code, desk.ada, "look-around", system="Debian 12, Apache 2.4, PHP 8.2")
    desk.tick(code, desk.ada, "backup", where="/home/liwei/backup", size="2.1 GB", verified="tar -t")
    with desk.ctx(desk.ada) as ctx:
        worklog.add(ctx, code, Stretch("Made the backup.", "pictures.liwei.example", 40), key=new_key())
    here = f"/support/desk/tickets/{code}"
    return {
        "work": f"{here}#checklist",
        "line": f"{here}/items/new-version",
        "traits": f"{here}/traits",
        "work log": f"{here}/worklog",
        "write the report": f"{here}/report",
    }


def _merged(desk: Desk) -> dict[str, str]:
    """A ticket with tags and a duplicate inside, and the pages on the way there."""
    desk.clock.forward(hours=2)
    codes = [desk.order(name="Sam Osei", email="sam@example.com") for _ in range(3)]
    desk.receive(codes[0], "Has my first order arrived? I am not sure.")
    with desk.ctx(desk.mia) as ctx:
        for name in ("Old server", "urgent", LONG[:40]):
            tags.add(ctx, codes[1], name, key=new_key())
        merging.merge(ctx, codes[0], codes[1], version=1, other_version=1, key=new_key())
    first, second, third = (f"/support/desk/tickets/{code}" for code in codes)
    return {
        "duplicate": first,
        "ticket with a duplicate": second,
        "private page with a duplicate": f"/support/t/{desk.token(codes[0])}",
        "merge": f"{third}/merge?other={codes[1]}",
        "not to be merged": f"{second}/merge?other={codes[2]}",
        "queue by tag": "/support/desk/?tag=urgent",
    }


def _guides(desk: Desk) -> dict[str, str]:
    """The pages of guides, one of which has been improved."""
    with desk.ctx(desk.ben) as ctx:
        guide = guide_queries.find(ctx.session, "ending-well")
        better = guide.body.replace("a dozen letters", "two dozen letters")
        guides.keep(ctx, guide.slug, title=guide.title, body=better, seen=guide.edition)
    there = "/support/desk/guides/"
    return {
        "guides": there,
        "guide": f"{there}on-the-customers-host",
        "improve a guide": f"{there}ending-well/edit",
        "new guide": f"{there}new",
        "editions": f"{there}ending-well/history",
        "edition": f"{there}ending-well/history/2",
    }


def fill_roster(desk: Desk) -> str:
    """Two who share a week, somebody away, and a line that was taken off."""
    ada, ben = str(desk.ada.id), str(desk.ben.id)
    with desk.ctx(desk.mia) as ctx:
        roster.add_shift(ctx, NewShift(ada, ["0", "1", "2"], "", "09:00", "17:00", "1"))
        roster.add_shift(ctx, NewShift(ben, ["0", "3", "4"], "", "09:00", "17:00", "2"))
        roster.add_shift(ctx, NewShift(ben, [], "2034-12-27", "10:00", "00:00", "1"))
        roster.add_absence(ctx, NewAbsence(ada, "2034-12-24", "2034-12-31", ben))
        roster.remove_shift(ctx, roster.add_shift(ctx, NewShift(ada, ["6"], "", "09:00", "12:00", "1"))[0].id)
    return "/support/desk/roster"


def _staff(desk: Desk) -> dict[str, str]:
    """The staff with invitations, a former colleague and tokens, and the pages about them."""
    with desk.ctx(desk.mia) as ctx:
        people.add(ctx, host_user_id="71", name=LONG, email="gone@example.org", role="developer")
        people.remove(ctx, "gone@example.org")
        people.new_token(ctx, "mia@example.org", LONG, days=30)
        invited = invitations.invite(ctx, "new@example.org", "manager", key=new_key())
        link = ctx.services.links.invitation(invited.reference, invited.edition)
    there = "/support/desk/setup/staff"
    return {
        "set up": "/support/desk/setup/",
        "changes of the set-up": "/support/desk/setup/changes",
        "staff": there,
        "invite a person": f"{there}/invite",
        "add a user of the site": f"{there}/add",
        "a member of the staff": f"{there}/{desk.mia.id}",
        "disable a person": f"{there}/{desk.ada.id}/disable",
        "who may do what": "/support/desk/setup/roles",
        "tokens": "/support/desk/tokens",
        "API reference": "/support/api/v1/",
        "kinds of problems": "/support/api/v1/problems",
        "a kind of problem": "/support/api/v1/problems/stale-ticket",
        "join the staff": f"/support/desk/join/{link}",
    }


def _calls(desk: Desk) -> dict[str, str]:
    """The form of a call, and a call that was noted."""
    take_calls(desk)
    code = call(desk, desk.ben, take=True, confirm=False).code
    return {
        "call": "/support/desk/call",
        "call noted": f"/support/desk/tickets/{code}/called",
        "ticket of a call": f"/support/desk/tickets/{code}",
    }


def _erased(desk: Desk) -> str:
    code = desk.order(name="Nobody", email="nobody@example.com")
    desk.transition(code, "reject", desk.mia, reason="duplicate", note="Ordered twice.")
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, "nobody@example.com")
    return f"/support/desk/tickets/{code}"


def _waiting_for_contact(desk: Desk) -> str:
    code = desk.order(details="We would like a slideshow on the front page.")
    desk.claim(code, desk.ada)
    return f"/support/desk/tickets/{code}"
