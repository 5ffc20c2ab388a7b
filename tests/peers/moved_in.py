"""What a support team has in its Request Tracker after some time.

Customers write mails, as its gateway takes them from a mail server; the team answers over REST.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.peers.request_tracker import RequestTracker

ADA, BEN = "ada", "ben"
#: The passwords of the team are their names, twice.
QUEUES = {"Installation": "installation", "Störungen": "stoerungen", "Sales": "sales"}
JOERG = "Jörg Müller-Weiß", "joerg@kueche.example"
ZOE = "Zoë Ångström", "zoe@fjord.example"
HARUKA = "田中 はるか", "haruka@panya.example"
PLAIN = "Pat Miller", "pat@shop.example"
#: So many tickets with one mail each follow those of `TICKETS`.
SHORT = 33

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LOG = "2034-03-14 09:00:01 Fehler: Gerät „Küche“ antwortet nicht\n".encode() * 40
HTML = (
    "<html><body><p>Guten Tag,</p><p>die <b>Kasse</b> zeigt <i>nichts</i> mehr an:</p>"
    "<ul><li>neu gestartet</li><li>Kabel geprüft</li></ul>"
    '<p>Siehe <a href="https://kueche.example/kasse">unsere Seite</a>.</p><p>Grüße<br>Jörg</p></body></html>'
)


@dataclass(frozen=True, slots=True)
class Mail:
    """What a customer sends; with `html`, the text comes in both forms."""

    sender: tuple[str, str]
    text: str
    html: str = ""
    files: Sequence[tuple[str, str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody of the team says: to the customer, or to the team alone if it is a comment."""

    who: str
    text: str
    html: bool = False
    comment: bool = False
    minutes: int = 0
    files: Sequence[tuple[str, str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody of the team changes, as Request Tracker names it."""

    who: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket: how it began, and what came after."""

    queue: str
    subject: str
    begun: Mail
    after: Sequence[Mail | Reply | Change] = ()


TICKETS = (
    Ticket(
        "Störungen",
        "Kasse in der Küche zeigt nichts an",
        Mail(
            JOERG,
            "Guten Tag,\n\ndie Kasse zeigt nichts mehr an.\n\nGrüße\nJörg\n",
            HTML,
            (("kasse.log", "text/plain", LOG), ("display.png", "image/png", PNG)),
        ),
        (
            Change(ADA, {"Owner": ADA}),
            Reply(ADA, "Ruft jedes Jahr an, immer dasselbe Kabel.", comment=True, minutes=5),
            Reply(
                ADA,
                "<p>Lieber Herr Müller-Weiß,</p><p>bitte <b>ziehen</b> Sie das Kabel einmal ab.</p>",
                html=True,
                minutes=15,
            ),
            Mail(JOERG, "Jetzt geht es wieder. Danke!\n"),
            Reply(ADA, "Das freut uns.", minutes=2),
            Change(ADA, {"Status": "resolved"}),
        ),
    ),
    Ticket(
        "Installation",
        "Gallery on a server of our own",
        Mail(ZOE, "Hello,\n\nwe want it on our own server. What do you need?\n\nZoë\n"),
        (
            Change(BEN, {"Owner": BEN, "Priority": 70, "TimeEstimated": 180}),
            Reply(
                BEN,
                "An account by ssh, please. The key is attached.",
                minutes=20,
                files=(("key.pub", "text/plain", b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ben@tracker.example\n"),),
            ),
            Change(BEN, {"Status": "stalled"}),
            Mail(ZOE, "It is there: gallery@fjord.example, password “swordfish”.\n"),
            Reply(BEN, "She sent a password by mail. Ask her to change it.", comment=True, minutes=1),
        ),
    ),
    Ticket(
        "Installation",
        "管理画面が開きません",
        Mail(HARUKA, "お世話になっております。\n\n更新してから管理画面が開きません。\n"),
        (
            Change(BEN, {"Owner": BEN}),
            Reply(BEN, "Same cause as the gallery of Zoë.", comment=True),
            Change(BEN, {"DependsOn": 2}),
        ),
    ),
    Ticket(
        "Sales",
        "Offer for 20 seats",
        Mail(PLAIN, "Hi,\n\nwhat would 20 seats cost per year?\n\nPat\n"),
        (
            Change(ADA, {"Owner": ADA, "RefersTo": 2}),
            Reply(
                ADA,
                "EUR 2,400 a year. The offer is attached.",
                files=(
                    ("offer.pdf", "application/pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nnot a real one\n%%EOF\n"),
                ),
            ),
            Mail(PLAIN, "Too much for us. Sorry.\n"),
            Change(ADA, {"Status": "rejected"}),
        ),
    ),
    Ticket(
        "General",
        "Win a phone",
        Mail(("", "spam@lottery.example"), "Click here.\n"),
        (Change(ADA, {"Status": "rejected"}), Change(ADA, {"Queue": "Sales"})),
    ),
    Ticket(
        "Störungen",
        "Drucker druckt nur noch halbe Seiten" + " und noch eine" * 8,
        Mail(JOERG, "Zeile für Zeile:\n" + "\n".join(f"Seite {n} ist nur halb da." for n in range(400))),
        (Change(BEN, {"Owner": BEN}), Change(BEN, {"Owner": "Nobody"})),
    ),
)


def fill(tracker: RequestTracker) -> None:
    """Let all of this happen."""
    for number, ticket in enumerate(TICKETS, 1):
        _begin(tracker, ticket, number)
    for number in range(SHORT):
        sender = (JOERG, ZOE, HARUKA, PLAIN)[number % 4]
        tracker.mail("Sales", _mail(Mail(sender, f"It is about {number}.\n"), f"Invoice {1000 + number}"))
    assert tracker.get("/tickets", query="id>0")["total"] == len(TICKETS) + SHORT


def furnishing() -> str:
    """Queues, a team and what people may do, as Request Tracker's set-up reads it."""
    tickets = (f"{verb}Ticket" for verb in ("Show", "Create", "Modify", "Own", "ReplyTo", "CommentOn"))
    team = ("SeeQueue", "ShowTicketComments", "Watch", *tickets)
    queues = [
        {"Name": name, "Description": name, "CorrespondAddress": f"{address}@tracker.example"}
        for name, address in QUEUES.items()
    ]
    users = [
        {
            "Name": name,
            "RealName": real,
            "EmailAddress": f"{name}@tracker.example",
            "Password": name * 2,
            "Privileged": 1,
        }
        for name, real in ((ADA, "Ada Lovelace"), (BEN, "Ben Süß"))
    ]
    rights = [
        {"GroupDomain": "SystemInternal", "GroupType": group, "Right": right}
        for group, names in (("Everyone", ("CreateTicket", "ReplyToTicket")), ("Privileged", team))
        for right in names
    ]
    return json.dumps({"Queues": queues, "Users": users, "ACL": rights})


def _begin(tracker: RequestTracker, ticket: Ticket, number: int) -> None:
    tracker.mail(ticket.queue, _mail(ticket.begun, ticket.subject))
    for each in ticket.after:
        if isinstance(each, Mail):
            subject = f"Re: [tracker.example #{number}] {ticket.subject}"
            tracker.mail(ticket.queue, _mail(each, subject))
        elif isinstance(each, Reply):
            verb = "comment" if each.comment else "correspond"
            tracker.post(f"/ticket/{number}/{verb}", _content(each), who=each.who)
        else:
            tracker.put(f"/ticket/{number}", each.fields, who=each.who)


def _mail(said: Mail, subject: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = formataddr(said.sender), "help@tracker.example"
    mail["Subject"] = subject
    mail.set_content(said.text)
    if said.html:
        mail.add_alternative(said.html, subtype="html")
    for name, kind, content in said.files:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def _content(reply: Reply) -> dict[str, object]:
    return {
        "Content": reply.text,
        "ContentType": "text/html" if reply.html else "text/plain",
        "TimeTaken": reply.minutes,
        "Attachments": list(_files(reply.files)),
    }


def _files(files: Iterable[tuple[str, str, bytes]]) -> Iterable[dict[str, str]]:
    for name, kind, content in files:
        yield {"FileName": name, "FileType": kind, "FileContent": base64.b64encode(content).decode()}
