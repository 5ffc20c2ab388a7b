"""What our emails say about themselves: no program answers, and people find where to switch them off."""

from __future__ import annotations

from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

from paidsupport.kernel.mail.automatic import AUTO_REPLIED, AUTOMATIC
from paidsupport.settings import Settings

#: Exchange and Outlook read this one; a report of a failure is wanted, save for answers of programs.
_SUPPRESS = "X-Auto-Response-Suppress"
_ALL_BUT_FAILURES = "DR, RN, NRN, OOF, AutoReply"


class _Ids(UnstructuredHeader):
    """Message-IDs, which may be longer than a line and are never encoded."""

    def fold(self, *, policy: EmailPolicy) -> str:
        """One id a line."""
        return f"{self.name}: {f'{policy.linesep} '.join(str(self).split())}{policy.linesep}"  # type: ignore[attr-defined]  # made by the registry


_REGISTRY = HeaderRegistry()
for _name in ("in-reply-to", "references", "message-id"):
    _REGISTRY.map_to_type(_name, _Ids)  # type: ignore[arg-type]  # the stubs want the made class
#: How all our emails are written.
POLICY = SMTP.clone(header_factory=_REGISTRY)


def mark_answer(mail: EmailMessage) -> None:
    """Say that a program answers a mail: no program may answer that, nor send it back."""
    mail[AUTOMATIC] = AUTO_REPLIED
    mail[_SUPPRESS] = "All"
    mail["Precedence"] = "auto_reply"


def mark_automatic(mail: EmailMessage) -> None:
    """Say that no person wrote this."""
    mail[AUTOMATIC] = "auto-generated"
    mail[_SUPPRESS] = _ALL_BUT_FAILURES


def mark_notice(mail: EmailMessage, settings: Settings) -> None:
    """Say that this tells a member of staff what happened, and where they choose what they are told of.

    No address to write to: nothing is done by mail.
    """
    mark_automatic(mail)
    mail["Precedence"] = "bulk"
    mail["List-Unsubscribe"] = f"<{settings.base_url}{settings.url_prefix}/desk/profile>"
