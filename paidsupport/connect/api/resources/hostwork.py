"""The work on a customer's server: the checklist, the log of work, the closing report."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paidsupport.catalogue import queries as catalogue
from paidsupport.connect.api.declaring import get, post, put
from paidsupport.connect.api.models import Answer, Page, Sent
from paidsupport.connect.api.resources._files import FILES_LIMIT, WithFiles, uploads_of
from paidsupport.connect.api.resources._ticket_models import Item, TicketShort, Work
from paidsupport.connect.api.resources.conversation import (
    Email,
    EmailQueued,
    Opening,
    Preview,
    opening_of,
    preview_of,
    queued,
)
from paidsupport.connect.api.resources.tickets import short
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.i18n.languages import in_words, translate
from paidsupport.tickets.checklist import queries
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.operations import taking_over, worklog
from paidsupport.tickets.checklist.operations.checklist import Tick
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.conversation.operations import correspondence, tone
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.operations.representation import item_as_json, of_ticket
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.tickets import by_code
from paidsupport.tickets.report import operations as reports

TAG = "Work"


class Ticked(WithFiles):
    """What was found or done, for an item that wants evidence."""

    evidence: dict[str, str] = Field(
        default_factory=dict, description="The answers by the names that the item lists; files apart."
    )


class Skipped(Sent):
    """Why an item does not apply."""

    because: str


class Traits(Sent):
    """What applies to the server and the work."""

    traits: list[str]


class Trait(Answer):
    """Something that can apply to a server or to work."""

    name: str
    label: str


class NewerChecklist(Answer):
    """The checklist of a newer version of the service."""

    version_id: int
    number: int
    word: Annotated[str, Field(description="What was changed in it, and why.")]
    added: list[str]
    changed: list[str]
    removed: list[str]


class TakeOver(Sent):
    """The newer checklist to take over."""

    version_id: Annotated[int, Field(ge=0, le=2**53)]


class Start(Sent):
    """The clock starts."""

    machine: Annotated[str, Field(description="The server.")] = ""


class Stop(Sent):
    """The clock stops."""

    what: Annotated[str, Field(description="What was done; it goes into the report to the customer.")]


class Done(Stop):
    """Work that has just ended, and was done without the clock."""

    machine: Annotated[str, Field(description="The server.")] = ""
    minutes: Annotated[int, Field(ge=0, le=100_000, description="How long it took.")]


@get("/tickets/<code>/checklist")
def list_items(ctx: Context, code: str) -> Page[Item]:
    """List the checklist of a ticket, in its order."""
    return Page[Item].model_validate({"items": of_ticket(ctx, code)[1]["checklist"]})


@get("/tickets/<code>/checklist/<name>")
def get_item(ctx: Context, code: str, name: str) -> Item:
    """Get one item of a checklist; its version is its own."""
    return _item(ctx, code, name)


@post("/tickets/<code>/checklist/<name>/tick", limit=FILES_LIMIT)
def tick_item(ctx: Context, code: str, name: str, body: Ticked, version: int, key: str) -> Item:
    """Tick an item, with the evidence that it wants."""
    typed = {asked: [said] for asked, said in body.evidence.items()}
    checklists.tick(ctx, code, Tick(name, version, key), typed, uploads_of(body.files))
    return _item(ctx, code, name)


@post("/tickets/<code>/checklist/<name>/skip")
def skip_item(ctx: Context, code: str, name: str, body: Skipped, version: int, key: str) -> Item:
    """Skip an item that does not apply, and say why."""
    checklists.skip(ctx, code, Tick(name, version, key), body.because)
    return _item(ctx, code, name)


@post("/tickets/<code>/checklist/<name>/untick")
def untick_item(ctx: Context, code: str, name: str, version: int, key: str) -> Item:
    """Open an item again."""
    checklists.untick(ctx, code, Tick(name, version, key))
    return _item(ctx, code, name)


@get("/traits")
def list_traits(ctx: Context) -> Page[Trait]:
    """List what can apply to a server or to work, and decides about checklists."""
    found = [{"name": name, "label": translate(label)} for name, label in catalogue.traits(ctx.session)]
    return Page[Trait].model_validate({"items": found})


@put("/tickets/<code>/traits")
def set_traits(ctx: Context, code: str, body: Traits, key: str) -> TicketShort:
    """Say what applies to the server and the work; items come and go with it."""
    return short(checklists.set_traits(ctx, code, body.traits, key=key))


@get("/tickets/<code>/newer-checklist")
def get_newer_checklist(ctx: Context, code: str) -> NewerChecklist:
    """Get the newer checklist that a ticket under way is offered; 404: there is none."""
    page = pages.for_desk(ctx, code)
    offer = taking_over.offer(page.ticket, page[queries.OFFER], page.items, page.decisions)
    if offer is None:
        raise NotFoundError
    told = {name: in_words(list(offer.told.get(name, ()))) for name in ("added", "changed", "removed")}
    return NewerChecklist(version_id=offer.version_id, number=offer.number, word=offer.word, **told)


@post("/tickets/<code>/newer-checklist")
def take_over_checklist(ctx: Context, code: str, body: TakeOver, key: str) -> TicketShort:
    """Take over the newer checklist: what was done or skipped stays as it is."""
    return short(taking_over.take_over(ctx, code, body.version_id, key=key))


@get("/tickets/<code>/work")
def list_work(ctx: Context, code: str) -> Page[Work]:
    """List the log of work of a ticket, oldest first."""
    return Page[Work].model_validate({"items": of_ticket(ctx, code)[1]["work"]})


@post("/tickets/<code>/work", status=201)
def add_work(ctx: Context, code: str, body: Done, key: str) -> TicketShort:
    """Enter work that has just ended."""
    return short(worklog.add(ctx, code, Stretch(body.what, body.machine, body.minutes), key=key))


@post("/tickets/<code>/work/start")
def start_work(ctx: Context, code: str, body: Start, key: str) -> TicketShort:
    """Start one's clock."""
    return short(worklog.start(ctx, code, Stretch(machine=body.machine), key=key))


@post("/tickets/<code>/work/stop")
def stop_work(ctx: Context, code: str, body: Stop, key: str) -> TicketShort:
    """Stop one's clock, and say what was done."""
    return short(worklog.stop(ctx, code, Stretch(what=body.what), key=key))


@get("/tickets/<code>/report/draft")
def draft_report(ctx: Context, code: str) -> Opening:
    """Get the closing report as the desk drafts it from the work."""
    ticket = by_code(ctx.session, code)
    correspondence.open_email(ctx, ticket)  # says who is the owner, to everyone else
    subject = emails.render(ctx, EmailKind.REPORT, "subject", ticket)
    return opening_of(ticket, EmailKind.REPORT, subject, reports.draft(ctx, ticket))


@post("/tickets/<code>/report/preview")
def preview_report(ctx: Context, code: str, body: Email, key: str) -> Preview:
    """Check a closing report without sending it, also for its tone."""
    text = correspondence.preview(ctx, code, Draft(body.body, body.claim, body.thread, key))
    ticket = by_code(ctx.session, code)
    ours, approved = reports.draft(ctx, ticket), tone.approved_for(ctx, ticket)
    return preview_of(text, tone.remarks(ctx, text, drafted=ours, approved=approved))


@post("/tickets/<code>/report", status=201, limit=FILES_LIMIT)
def send_report(ctx: Context, code: str, body: Email, key: str) -> EmailQueued:
    """Send the closing report to the customer; it ticks its item of the checklist."""
    draft = Draft(body.body, body.claim, body.thread, key)
    return queued(reports.send(ctx, code, draft, uploads_of(body.files)))


def _item(ctx: Context, code: str, name: str) -> Item:
    page = pages.for_desk(ctx, code)
    found = next((item for item in page.items if item.name == name), None)
    if found is None:
        raise NotFoundError
    return Item.model_validate(in_words(item_as_json(page, found)))
