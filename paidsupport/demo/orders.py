"""Orders of the demonstration: one in every state, each with a customer and a story of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, auto

from paidsupport.catalogue import queries as catalogue
from paidsupport.demo.acting import acting, deliver
from paidsupport.kernel.actors import CUSTOMER, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.sales.payments.operations import direct as payments
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import queries as lines
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.operations import worklog
from paidsupport.tickets.checklist.operations.checklist import Tick
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.operations import Ask
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.operations import Order
from paidsupport.tickets.report import operations as report
from paidsupport.tickets.vault.operations import credentials as vault
from paidsupport.tickets.vault.operations.credentials import Credential


class Stage(IntEnum):
    """How far an order has come; other endings come last."""

    OPEN = auto()
    CLAIMED = auto()
    CONTACTED = auto()
    ANSWERED = auto()
    STARTED = auto()
    APPROVAL = auto()
    CLOSED = auto()
    ABANDONED = auto()
    INVALID = auto()


@dataclass(frozen=True, slots=True)
class Story:
    """What a customer ordered, and how far it has come; `owner` is an index into the staff."""

    name: str
    email: str
    site: str
    access: str
    service: str
    details: str
    stage: Stage
    ago: timedelta
    answers: Mapping[str, list[str]] = field(default_factory=dict)
    owner: int = 0
    reply: str = ""
    annotation: str = ""
    #: Whether the customer pays when the work begins.
    paid: bool = False


STORIES = (
    Story(
        "Noor Haddad",
        "noor@example.com",
        "https://photos.haddad.example",
        "SSH, no root",
        "installation",
        "A gallery for our climbing club, about 4,000 photos. We have never installed one before.",
        Stage.ANSWERED,
        timedelta(days=2, hours=3),
        {"php": ["8.2"], "database": ["MySQL or MariaDB"], "features": ["Slideshow", "E-cards"]},
        reply="Yes, please go ahead. The title should be “Over the Edge”.\n\n"
        "Could you start before Saturday? We have a meeting then and would love to show it.",
    ),
    Story(
        "Jürgen Weiß",
        "juergen@example.net",
        "https://galerie.weiss.example",
        "FTP and phpMyAdmin",
        "upgrade",
        "The gallery stopped working when my provider moved to PHP 8. It shows a white page.",
        Stage.OPEN,
        timedelta(hours=5),
        {"from_version": ["1.5.4"], "albums": ["310"], "disk": ["yes"]},
    ),
    Story(
        "Chidi Okafor",
        "chidi@example.com",
        "https://okafor.example/album",
        "SSH with root",
        "customization",
        "Visitors keep asking when a photo was taken.",
        Stage.APPROVAL,
        timedelta(days=6),
        {"wish": ["Show the shooting date under each photo,\nand sort albums by it."], "theme": ["Matrix"]},
        annotation="The panel of the provider signs you out after ten minutes. Save often.",
        paid=True,
    ),
    Story(
        "María José García",
        "mj@example.net",
        "https://fotos.garcia.example",
        "cPanel",
        "installation",
        "I only have the panel of my provider and don't know what half of it means.",
        Stage.OPEN,
        timedelta(days=3, hours=2),
        {"php": ["I don't know"], "database": ["I don't know"]},
    ),
    Story(
        "Li Wei",
        "liwei@example.com",
        "https://pictures.liwei.example",
        "SSH, no root",
        "upgrade",
        "We'd like to move to the current version before the school year begins.",
        Stage.CONTACTED,
        timedelta(days=4),
        {"from_version": ["2.3.1"], "albums": ["85"], "disk": ["no"], "other_space": ["My own computer."]},
        owner=1,
    ),
    Story(
        "Anna Kowalska",
        "anna@example.net",
        "https://kowalska.example/galeria",
        "Plesk",
        "installation",
        "A family album that only relatives can see.",
        Stage.CLOSED,
        timedelta(days=16),
        {"php": ["8.1"], "database": ["MySQL or MariaDB"], "features": ["Comments"]},
        reply="Wonderful. Please use the title “Kowalski family”, in Polish.",
        owner=1,
        paid=True,
    ),
    Story(
        "Tariq Rahman",
        "tariq@example.com",
        "https://rahman.example/photos",
        "FTP only",
        "upgrade",
        "Version 1.4 on very old web space. Can it be saved?",
        Stage.ABANDONED,
        timedelta(days=11),
        {"from_version": ["1.4.4"], "albums": ["40"], "disk": ["yes"]},
        reply="I agree to everything. Please try.",
        annotation="The provider is stuck at PHP 5.2 and won't change it. Told the customer, who will move.",
    ),
    Story(
        "Fatou Ndiaye",
        "fatou@example.net",
        "https://galerie.ndiaye.example",
        "SSH, no root",
        "customization",
        "Our association is changing its colours, and the gallery should follow.",
        Stage.CLAIMED,
        timedelta(hours=22),
        {"wish": ["Blue and gold instead of grey, with our logo in the header."]},
        owner=1,
    ),
    Story(
        "Sofia Lindqvist",
        "sofia@example.com",
        "https://museum.example/archive",
        "SSH, no root",
        "archive",
        "The archive of the River Museum: 12,000 scans. Nothing may get lost.",
        Stage.CLOSED,
        timedelta(days=23),
        {"from_version": ["2.2.6"], "albums": ["96"]},
        reply="Go ahead. Please send the invoice to our accounts department.",
    ),
    Story(
        "Best SEO Team",
        "offers@example.org",
        "https://seo.example",
        "None",
        "customization",
        "We bring 10,000 visitors to your site. Reply for a free analysis.",
        Stage.INVALID,
        timedelta(days=9),
        {"wish": ["A link to our page."]},
    ),
    Story(
        "Petra Novák",
        "petra@example.com",
        "https://foto.novak.example",
        "SSH, no root",
        "installation",
        "A portfolio for my photography, with a slideshow on the front page.",
        Stage.STARTED,
        timedelta(days=5, hours=6),
        {"php": ["8.3"], "database": ["PostgreSQL"], "features": ["Slideshow"]},
        reply="That sounds good. Please start whenever you like.",
        owner=1,
    ),
    Story(
        "Kwame Boateng",
        "kwame@example.net",
        "https://boateng.example/gallery",
        "SSH with root",
        "upgrade",
        "Everything works, but I'd like to be on the current version again.",
        Stage.OPEN,
        timedelta(hours=30),
        {"from_version": ["3.0.9"], "albums": ["18"], "disk": ["yes"]},
    ),
)

#: The index of the story whose ticket gets an invoice.
INVOICED = 8


def tell(position: int, people: Sequence[Actor]) -> str:
    """Take an order as far as its story says; returns its code. After the last story, it starts over."""
    story = STORIES[position % len(STORIES)]
    again = position // len(STORIES)
    ago = story.ago + again * timedelta(hours=31)
    code = _order(story, again, ago)
    owner, manager = people[story.owner], people[-1]
    if story.stage is Stage.INVALID:
        _transition(code, "reject", manager, ago * 0.9, Filled("spam", "An advertisement."))
    elif story.stage is not Stage.OPEN:
        _work_on(code, story, owner, ago)
    return code


def _work_on(code: str, story: Story, owner: Actor, ago: timedelta) -> None:
    """Play the story from the claim on, each part a while after the one before."""
    with acting(owner, ago * 0.8) as ctx:
        claims.claim(ctx, code, version=1, key=new_key())
    if story.stage >= Stage.CONTACTED:
        _write(code, owner, ago * 0.7)
    if story.reply or story.stage > Stage.CONTACTED:
        _answer(code, story.reply or "Yes, please go ahead.", ago * 0.5)
    if story.stage > Stage.ANSWERED:
        _transition(code, "start", owner, ago * 0.4)
        _write(code, owner, ago * 0.395, "Thank you. I'll begin today, and write again once it's tested.")
    if story.paid:
        with acting(owner, ago * 0.39) as ctx:
            payments.note(ctx, code, ctx.today.isoformat(), key=new_key())
    if story.stage is Stage.APPROVAL:
        _work_on_the_server(code, owner, ago * 0.38)
    if story.stage in {Stage.STARTED, Stage.APPROVAL}:
        _tick(code, owner, ago * 0.35, most=2)
    if story.annotation:
        with acting(owner, ago * 0.3) as ctx:
            annotation.annotate(ctx, code, story.annotation, key=new_key())
    if story.stage is Stage.CLOSED:
        _finish(code, owner, ago)
    if story.stage is Stage.ABANDONED:
        why = "The server can't run the current version, and the provider won't change that."
        _transition(code, "abandon", owner, ago * 0.1, Filled("incompatible-host", why))


def _order(story: Story, again: int, ago: timedelta) -> str:
    mailbox, domain = story.email.split("@")
    with acting(Actor("visitor", "a visitor"), ago) as ctx:
        wanted = catalogue.orderable(ctx, story.service)
        order = Order(
            service=story.service,
            name=story.name,
            email=f"{mailbox}+{again}@{domain}" if again else story.email,
            host_url=story.site,
            host_access=story.access,
            details=story.details,
            acknowledged=frozenset(range(len(wanted.requirements))),
            answers=dict(story.answers),
            key=new_key(),
        )
        return submissions.submit(ctx, order, client=f"demonstration {story.name} {again}").code


def _write(code: str, owner: Actor, ago: timedelta, said: str = "") -> None:
    """Send the draft as it is, with the text `said` in its gap."""
    with acting(owner, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        email = correspondence.open_email(ctx, ticket)
        body = email.body.replace("\n\n\n\n", f"\n\n{said}\n\n") if said else email.body
        draft = Draft(body, ticket.claim_number, ticket.thread, new_key())
        correspondence.write(ctx, code, draft)
    deliver(ago)


def _answer(code: str, body: str, ago: timedelta) -> None:
    with acting(CUSTOMER, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        correspondence.receive(ctx, ticket, body, key=new_key())


_RESTART = Ask(
    what="Restart Apache",
    why="PHP needs a higher memory limit, and Apache only reads it when it starts.",
    risk="Every site on this server is unavailable for a few seconds.",
    undo="We put the old line back and restart once more.",
    item="configuration",
)


def _work_on_the_server(code: str, owner: Actor, ago: timedelta) -> None:
    """The customer shares a login, the developer views it once, and asks before a restart."""
    with acting(CUSTOMER, ago) as ctx:
        given = Credential("account", "SSH on okafor.example", "helper", "a made-up password")
        reference = vault.give(ctx, tickets.lock(ctx.session, code), given, key=new_key()).reference
    with acting(owner, ago) as ctx:
        checklists.set_traits(ctx, code, ["configuration"], key=new_key())
    with acting(owner, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        claim, thread = ticket.claim_number, ticket.thread
        vault.look(ctx, code, reference, reason="To raise PHP's memory limit.", claim=claim, key=new_key())
        decisions.ask_consent(ctx, code, _RESTART, claim=claim, thread=thread, key=new_key())
    deliver(ago)


#: The evidence, by item and question; the customer reads it in the report.
_EVIDENCE = {
    ("look-around", "system"): "Debian 12, Apache 2.4, PHP 8.2",
    ("backup", "where"): "/home/gallery/before-upgrade.tar.gz on your server",
    ("backup", "size"): "6.2 GB",
    ("backup", "verified"): "Unpacked into a second folder and opened there",
    ("backup-critical", "where"): "/home/gallery/before-upgrade.sql.gz on your server",
    ("backup-critical", "what"): "The database, the captions and all settings",
    ("backup-critical", "verified"): "Read into a second database",
    ("configuration", "done"): "PHP's memory limit is 512 MB now. Apache was restarted once.",
    ("compiler", "version"): "gcc 12.2",
    ("compiled", "what"): "ImageMagick, in /home/gallery/tools",
    ("installed", "version"): "3.1.2",
    ("new-version", "version"): "From 2.2.6 to 3.1.2",
    ("albums", "albums"): "96",
    ("change-made", "what"): "The shooting date stands under each photo: themes/matrix/photo.tpl.",
    ("test-photo", "where"): "https://gallery.example.net/test",
}


def _tick(code: str, owner: Actor, ago: timedelta, most: int = 100) -> None:
    with acting(owner, ago) as ctx:
        for item in lines.items(ctx.session, tickets.lock(ctx.session, code))[:most]:
            if item.name != checklists.REPORT:
                wanted = [row["name"] for row in item.evidence if row["required"]]
                evidence = {name: [_EVIDENCE[item.name, name]] for name in wanted}
                checklists.tick(ctx, code, Tick(item.name, item.version, new_key()), evidence)


def _finish(code: str, owner: Actor, ago: timedelta) -> None:
    """The work is logged, ticked, reported and closed."""
    with acting(owner, ago * 0.3) as ctx:
        ticket = tickets.lock(ctx.session, code)
        stretch = Stretch("Did the work and tested every album.", ticket.host_url, 50)
        worklog.add(ctx, code, stretch, key=new_key())
    _tick(code, owner, ago * 0.3)
    with acting(owner, ago * 0.2) as ctx:
        ticket = tickets.lock(ctx.session, code)
        body = report.draft(ctx, ticket)
        draft = Draft(body, ticket.claim_number, ticket.thread, new_key())
        report.send(ctx, code, draft)
    deliver(ago * 0.2)
    _transition(code, "close", owner, ago * 0.1, Filled(note="All albums checked with the customer."))


def _transition(code: str, name: str, by: Actor, ago: timedelta, filled: Filled | None = None) -> None:
    """Move a ticket on, some time ago."""
    with acting(by, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        transitions.make(ctx, code, name, version=ticket.version, key=new_key(), filled=filled)
