"""Sending a test email at once, by the desk's own way, and saying in a sentence how that went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage

from paidsupport.kernel import limits
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, existing
from paidsupport.kernel.i18n.languages import speaking
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.mail.marks import mark_automatic
from paidsupport.kernel.mail.transports import (
    ConsoleTransport,
    Fault,
    KeepTransport,
    NotSentError,
    SmtpTransport,
    Transport,
    UnclearError,
)
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import shorten
from paidsupport.tickets.emails.build import address, addressed, frame

#: The most seconds that a step of it may take: a person waits for it.
PATIENCE = 5
#: How many a manager can send within an hour.
MOST = 10
#: How much is shown of what a server answers.
_ANSWER = 300


@dataclass(frozen=True, slots=True)
class Said:
    """How it went, in a sentence without secrets; `left`: whether the email is on its way."""

    sentence: Message
    left: bool


def prepare(ctx: Context) -> EmailMessage:
    """Count a test email, and write it: to who asks, and to nobody else.

    Raises:
        InvalidInputError: They have no address.
        TooManyError: They have sent many within the last hour.
    """
    me = existing(ctx.session.get(Person, ctx.by.id))
    if not me.email:
        raise InvalidInputError({"": [_("Enter your email address on your profile first.")]})
    limits.spend(ctx, "test email", str(me.id), MOST)
    settings, services = ctx.services.settings, ctx.services
    words = {"desk": settings.name, "url": f"{settings.base_url}{settings.url_prefix}/desk/"}
    with speaking(services.language(me.language)):
        subject = services.render("emails/trial/subject.txt", words).strip()
        to = address(me.name, me.email)
        mail = addressed(services, to, subject, ctx.now, f"trial-{new_reference()}")
        mark_automatic(mail)
        frame(services, mail, services.render("emails/trial/body.txt", words).strip(), "")
    return mail


def hand_over(transport: Transport, mail: EmailMessage) -> Said:
    """Send a test email, and say how it went; nothing of the database is needed or held meanwhile."""
    to = mail["To"].addresses[0].addr_spec
    if isinstance(transport, ConsoleTransport | KeepTransport):
        transport.send(mail)
        return Said(_KEPT[type(transport)], left=False)
    try:
        (transport.within(PATIENCE) if isinstance(transport, SmtpTransport) else transport).send(mail)
    except NotSentError as error:
        return Said(_refused(transport, mail, error), left=False)
    except UnclearError:
        return Said(_("The connection broke as the email was handed over: it may have left."), left=False)
    return Said(_("The test email has left for %(address)s. Look whether it arrives.", address=to), left=True)


_KEPT: Mapping[type, Message] = {
    ConsoleTransport: _("The test email was printed by the server. Emails don't leave yet."),
    KeepTransport: _("Emails don't leave this desk: they are only kept."),
}


def _refused(transport: Transport, mail: EmailMessage, error: NotSentError) -> Message:
    """What stands in the way."""
    if not isinstance(transport, SmtpTransport):
        return _("The email did not leave: %(why)s", why=str(error))
    host, port = transport.place
    answer = shorten(transport.without_secret(error.answer), _ANSWER)
    sender, to = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
    return {
        Fault.NAME: _("There is no mail server called %(host)s. Check its name.", host=host),
        Fault.UNREACHABLE: _(
            "The mail server %(host)s can't be reached at port %(port)s. Check the port, and the firewall.",
            host=host,
            port=port,
        ),
        Fault.SILENT: _(
            "The mail server %(host)s doesn't answer in time. Check its name, port and encryption.", host=host
        ),
        Fault.CERTIFICATE: _("The certificate of the server isn't valid for %(name)s.", name=host),
        Fault.ENCRYPTION: _(
            "The mail server %(host)s doesn't offer this encryption at port %(port)s. Usual are smtps:// with"
            " port 465, and smtp:// with ?starttls=1 and port 587.",
            host=host,
            port=port,
        ),
        # what a server says about a login may repeat it
        Fault.LOGIN: _("The mail server %(host)s refuses the user name or password.", host=host),
        Fault.SENDER: _(
            "The mail server refuses the sender %(address)s: %(answer)s", address=sender, answer=answer
        ),
        Fault.RECIPIENT: _(
            "The mail server refuses the recipient %(address)s: %(answer)s", address=to, answer=answer
        ),
        Fault.OTHER: _("The mail server refuses the email: %(answer)s", answer=answer)
        if answer
        else _("The mail server %(host)s closed the connection. Check its port and encryption.", host=host),
    }[error.fault]
