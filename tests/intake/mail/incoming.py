"""Mail as it arrives at the desk: made, delivered, and looked up again."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from sqlalchemy import select

from paidsupport.intake.mail import inbound
from paidsupport.intake.mail.inbound import Taken
from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.tables import Ticket
from tests.people import Desk

JANE = "Jane Doe <jane@example.com>"


def mail(text: str = "Hello.", **headers: str) -> EmailMessage:
    """A plain mail of Jane's; `Reply_To="…"` sets the line Reply-To."""
    made = EmailMessage(policy=SMTP)
    lines = {"From": JANE, "To": "support@example.org", "Subject": "A question"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines.setdefault("Message-ID", make_msgid(domain="example.com"))
    for name, value in lines.items():
        made[name] = value
    made.set_content(text)
    return made


def answer(email: EmailMessage, text: str = "Yes, please.", **headers: str) -> EmailMessage:
    """What a customer's mail program sends for “Reply” to an email of the desk."""
    return mail(
        text,
        **{
            "To": str(email["Reply-To"] or email["From"]),
            "Subject": f"Re: {email['Subject']}",
            "In-Reply-To": str(email["Message-ID"]),
            "References": str(email["Message-ID"]),
            **headers,
        },
    )


def deliver(desk: Desk, raw: EmailMessage | bytes, to: str = "") -> Taken:
    """Hand a mail to the desk."""
    mount = mount_of(desk.app)
    content = raw if isinstance(raw, bytes) else raw.as_bytes()
    with desk.app.app_context():
        return inbound.take_in(mount.by_clock, content, recipient=to)


def contacted(desk: Desk) -> tuple[str, EmailMessage]:
    """The code of a ticket whose customer Ada has written to, and that email."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    return code, desk.work()[-1]


def thread(desk: Desk, code: str) -> list[str]:
    """What the customer has written on a ticket."""
    wanted = (
        select(Message)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Ticket.code == code, Message.direction == "in")
        .order_by(Message.number)
    )
    with desk.ctx() as ctx:
        return [message.body for message in ctx.session.scalars(wanted)]


def mails(desk: Desk) -> list[RawMail]:
    """Every mail that came in, oldest first."""
    with desk.ctx() as ctx:
        return list(ctx.session.scalars(select(RawMail).order_by(RawMail.id)))
