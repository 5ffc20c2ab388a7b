"""Reads what mail servers say about an undelivered email: as RFC 3464 has it, or in their own ways."""

from __future__ import annotations

import re
from email.message import Message

from paidsupport.intake.mail import charsets, pages, plain
from paidsupport.intake.mail.returned import Bounce
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable

#: The most characters of each part that are searched for ids and reasons.
_LOOKED_AT = 200_000
_MOST_IDS = 20
_UNREACHED = storable(_("It did not reach %(recipients)s."))
_GIVEN_BACK = storable(_("The mail server of the recipient gave it back."))
#: The actions in reports about mails that are not lost.
_ON_ITS_WAY = {"delayed", "delivered", "relayed", "expanded"}
_ID = re.compile(r"^[> \t]*message-id[ \t]*:\s{0,4}<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE)
#: Lines with the reason, from servers that send no report.
_REASON = re.compile(
    r"^[^\n]{0,80}?((?:[45]\d\d[ -]\d\.\d{1,3}\.\d{1,3}|\b5\d\d\b|#\d\.\d\.\d|user unknown"
    r"|mailbox (?:is )?(?:full|unavailable)|no such (?:user|mailbox|recipient)|quota"
    r"|unknown (?:user|recipient|address)|address rejected|does(?:n't| not) exist"
    r"|unzustellbar|relay access denied|host (?:or domain name )?not found)[^\n]{0,300})",
    re.IGNORECASE | re.MULTILINE,
)


def read(message: Message, failed_recipients: str = "") -> Bounce | None:
    """Read a bounce; None if it is not a report and names no mail that it is about."""
    texts, action, reason = [], "", ""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            action, reason = _status(part)
        elif not part.is_multipart():
            texts.append(_searched(part))
        if part is not message and (found := part.get("message-id")):
            # the returned mail, in full or only its header
            texts.append(f"Message-ID: {found}")
    ids = list(dict.fromkeys(found for text in texts for found in _ID.findall(text)))[:_MOST_IDS]
    is_report = _is_report(message) and bool(action)
    if not ids and not is_report:
        return None
    if not reason:
        match = next(filter(None, map(_REASON.search, texts)), None)
        reason = match[1] if match else failed_recipients and filled(_UNREACHED, recipients=failed_recipients)
    reason = plain.one_line(reason, 300) or _GIVEN_BACK
    final = action == "failed" if is_report else action not in _ON_ITS_WAY
    return Bounce(ids, final, reason, is_report)


def _is_report(message: Message) -> bool:
    """Whether it has the form of RFC 3464, and is not just a text about a mail."""
    kind = str(message.get_param("report-type") or "").lower()
    return message.get_content_type() == "multipart/report" and kind == "delivery-status"


def _searched(part: Message) -> str:
    content = part.get_payload(decode=True)
    text = charsets.decoded(content[:_LOOKED_AT] if isinstance(content, bytes) else b"", None)
    return pages.text_of(text) if part.get_content_type() == "text/html" else text


def _status(part: Message) -> tuple[str, str]:
    """The action and the reason in a report: those of the first recipient that has any."""
    blocks = part.get_payload()
    # the parser does not parse a report that was sent in a transfer encoding
    searched = [str(block) for block in blocks] if isinstance(blocks, list) else [_searched(part)]
    said = {
        name: next(filter(None, (_field(text, name) for text in searched)), "")
        for name in ("action", "diagnostic-code", "status")
    }
    code = said["diagnostic-code"].split(";", 1)[-1].strip()
    return said["action"].strip().lower(), code or said["status"]


def _field(text: str, name: str) -> str:
    match = re.search(rf"^{name}[ \t]*:([^\n]*)", text, re.IGNORECASE | re.MULTILINE)
    return match[1] if match else ""
