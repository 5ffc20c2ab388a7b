"""Mails as programs really write them, all of our own making, each with what must become of it.

A mail is a function of the letter that it answers (or bounces, or ignores), so that tokens and ids are true.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

ASKED = "Is all of this right? I'll start once you agree."
SAID = "Yes, please go ahead.\n\nThe title should be “Our photos”."


@dataclass(frozen=True, slots=True)
class Email:
    """What the customer got: what a mail can answer."""

    reply_to: str
    message_id: str
    subject: str
    text: str
    return_path: str = "support@example.org"


Maker = Callable[[Email], bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """One mail, the state it must end in, and what it says and brings there."""

    name: str
    make: Maker = field(repr=False)
    state: str = "filed"
    body: str | None = SAID
    files: tuple[str, ...] = ()
    reason: str = ""
    #: Whether the letter it is about has come back.
    bounced: bool = False
    #: Whether it is a request of its own.
    new: bool = False


_NUMBER = count(1)
T = TypeVar("T")


def bound(make: Callable[[Email, T], bytes], value: T) -> Maker:
    """A mail that is made with one of many values."""
    return lambda email: make(email, value)


def headers(email: Email, **changed: str | None) -> str:
    """The header of an answer; `None` takes a line out, `X_Mailer="…"` adds one."""
    lines: dict[str, str | None] = {
        "From": "Jane Doe <jane@example.com>",
        "To": email.reply_to,
        "Subject": f"Re: {email.subject}",
        "Date": "Wed, 15 Mar 2034 08:12:00 +0100",
        "Message-ID": f"<{next(_NUMBER)}.corpus@example.com>",
        "In-Reply-To": email.message_id,
        "References": email.message_id,
        "MIME-Version": "1.0",
    }
    lines |= {name.replace("_", "-"): value for name, value in changed.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)


def crlf(text: str) -> str:
    """With the ends of line of mail."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def plain(
    email: Email, text: str, charset: str = "utf-8", encoding: str = "8bit", **more: str | None
) -> bytes:
    """A mail of plain text, in a charset and a transfer encoding."""
    body = crlf(text).encode(charset)
    if encoding == "base64":
        body = base64.encodebytes(body).replace(b"\n", b"\r\n")
    if encoding == "quoted-printable":
        body = quopri.encodestring(body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    more = {"Content_Type": f"text/plain; charset={charset}", **more}
    return (headers(email, **more) + f"Content-Transfer-Encoding: {encoding}\r\n\r\n").encode() + body


def html(email: Email, page: str, **more: str | None) -> bytes:
    """A mail of HTML alone."""
    more = {"Content_Type": "text/html; charset=utf-8", **more}
    return (headers(email, **more) + f"\r\n{crlf(page)}").encode()


def part(kind: str, content: str | bytes, *lines: str) -> bytes:
    """One part of a mail."""
    body = content.encode() if isinstance(content, str) else content
    return "".join(f"{line}\r\n" for line in (f"Content-Type: {kind}", *lines)).encode() + b"\r\n" + body


def several(email: Email, kind: str, *parts: bytes, **more: str | None) -> bytes:
    """A mail of several parts."""
    more = {"Content_Type": f'multipart/{kind}; boundary="=_frontier"', **more}
    return headers(email, **more).encode() + b"\r\n" + joined("=_frontier", *parts)


def joined(boundary: str, *parts: bytes) -> bytes:
    """Parts with their boundary between them."""
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"


def inside(kind: str, boundary: str, *parts: bytes) -> bytes:
    """Parts as one part."""
    return part(f'multipart/{kind}; boundary="{boundary}"', joined(boundary, *parts))


def file(name: str, content: bytes = b"content", kind: str = "application/octet-stream") -> bytes:
    """A part to be saved."""
    disposition = f'Content-Disposition: attachment; filename="{name}"'
    return part(kind, base64.encodebytes(content), "Content-Transfer-Encoding: base64", disposition)


def marked(email: Email, mark: str = "> ") -> str:
    """The letter as a quote, line by line."""
    return "\n".join(f"{mark}{line}".rstrip() for line in email.text.splitlines())


def page_of(email: Email) -> str:
    """The letter as HTML."""
    return "".join(f"<div>{line or '<br>'}</div>\n" for line in email.text.replace("<", "&lt;").splitlines())


SAID_HTML = "<div>Yes, please go ahead.</div><div><br></div><div>The title should be “Our photos”.</div>"

#: The line above a quote, as programs write it in each language.
GMAIL = {
    "English": "On Tue, 14 Mar 2034 at 10:00, Gallery support <support@example.org> wrote:",
    "US English": "On Tue, Mar 14, 2034 at 10:00 AM Gallery support <support@example.org> wrote:",
    "folded English": "On Tue, Mar 14, 2034 at 10:00 AM Gallery support\n<support@example.org> wrote:",
    "German": "Am Di., 14. März 2034 um 10:00 Uhr schrieb Gallery support <support@example.org>:",
    "folded German": "Am Di., 14. März 2034 um 10:00 Uhr schrieb Gallery support <\nsupport@example.org>:",
    "French": "Le mar. 14 mars 2034 à 10:00, Gallery support <support@example.org> a écrit :",
    "Spanish": "El mar, 14 mar 2034 a las 10:00, Gallery support (<support@example.org>) escribió:",
    "Japanese": "2034年3月14日(火) 10:00 Gallery support <support@example.org>:",
    "Italian": "Il giorno mar 14 mar 2034 alle ore 10:00 Gallery support <support@example.org> ha scritto:",
    "Dutch": "Op di 14 mrt 2034 om 10:00 schreef Gallery support <support@example.org>:",
    "Polish": "wt., 14 mar 2034 o 10:00 Gallery support <support@example.org> napisał(a):",
    "Swedish": "Den tis 14 mars 2034 kl 10:00 skrev Gallery support <support@example.org>:",
    "Danish": "Den tirs. 14. mar. 2034 kl. 10.00 skrev Gallery support <support@example.org>:",
    "Portuguese": "Em ter., 14 de mar. de 2034 às 10:00, Gallery support <support@example.org> escreveu:",
    "Czech": "út 14. 3. 2034 v 10:00 odesílatel Gallery support <support@example.org> napsal:",
}
APPLE = {
    "English": "On 14. Mar 2034, at 10:00, Gallery support <support@example.org> wrote:",
    "US English": "On Mar 14, 2034, at 10:00 AM, Gallery support <support@example.org> wrote:",
    "German": "Am 14.03.2034 um 10:00 schrieb Gallery support <support@example.org>:",
    "French": "Le 14 mars 2034 à 10:00, Gallery support <support@example.org> a écrit :",
    "Spanish": "El 14 mar 2034, a las 10:00, Gallery support <support@example.org> escribió:",
    "Japanese": "2034/03/14 10:00、Gallery support <support@example.org>のメール:",
    "Italian": "Il giorno 14 mar 2034, alle ore 10:00, Gallery support <support@example.org> ha scritto:",
}
THUNDERBIRD = {
    "English": "On 3/14/34 10:00, Gallery support wrote:",
    "German": "Am 14.03.34 um 10:00 schrieb Gallery support:",
    "French": "Le 14/03/2034 à 10:00, Gallery support a écrit :",
    "Spanish": "El 14/3/34 a las 10:00, Gallery support escribió:",
    "Japanese": "On 2034/03/14 10:00, Gallery support wrote:",
    "Dutch": "Op 14-03-2034 om 10:00 schreef Gallery support:",
}
#: The head of what Outlook puts below an answer.
OUTLOOK = {
    "English": ("From", "Sent", "To", "Subject", "Tuesday, March 14, 2034 10:00 AM"),
    "German": ("Von", "Gesendet", "An", "Betreff", "Dienstag, 14. März 2034 10:00"),
    "French": ("De", "Envoyé", "À", "Objet", "mardi 14 mars 2034 10:00"),
    "Spanish": ("De", "Enviado el", "Para", "Asunto", "martes, 14 de marzo de 2034 10:00"),
    "Italian": ("Da", "Inviato", "A", "Oggetto", "martedì 14 marzo 2034 10:00"),
    "Dutch": ("Van", "Verzonden", "Aan", "Onderwerp", "dinsdag 14 maart 2034 10:00"),
    "Polish": ("Od", "Wysłano", "Do", "Temat", "wtorek, 14 marca 2034 10:00"),
    "Japanese": ("差出人", "送信日時", "宛先", "件名", "2034年3月14日 10:00"),
}


def outlook_head(email: Email, language: str, mark: str = "") -> str:
    """Four lines that say what follows."""
    sender, sent, to, subject, date = OUTLOOK[language]
    values = ("Gallery support <support@example.org>", date, "Jane Doe", email.subject)
    names = (sender, sent, to, subject)
    return "\n".join(f"{mark}{name}:{mark} {value}" for name, value in zip(names, values, strict=True))


def quoting() -> Iterator[Case]:
    """Answers above, below and between quotes."""
    for language, line in GMAIL.items():
        yield Case(
            f"Gmail, {language}",
            bound(lambda m, line: plain(m, f"{SAID}\n\n{line}\n\n{marked(m)}\n", encoding="base64"), line),
        )
    for language, line in APPLE.items():
        yield Case(
            f"Apple Mail, {language}",
            bound(
                lambda m, line: plain(
                    m, f"{SAID}\n\n> {line}\n> \n{marked(m)}\n", encoding="quoted-printable"
                ),
                line,
            ),
        )
    for language, line in THUNDERBIRD.items():
        yield Case(
            f"Thunderbird, answer below, {language}",
            bound(lambda m, line: plain(m, f"{line}\n{marked(m)}\n\n{SAID}\n\n-- \nJane Doe\n"), line),
        )
    for language in OUTLOOK:
        yield Case(
            f"Outlook, {language}",
            bound(
                lambda m, language: plain(m, f"{SAID}\n\n{outlook_head(m, language)}\n\n{m.text}"), language
            ),
        )
        yield Case(
            f"Outlook with a line above, {language}",
            bound(
                lambda m, language: plain(
                    m, f"{SAID}\n\n{'_' * 32}\n{outlook_head(m, language)}\n\n{m.text}"
                ),
                language,
            ),
        )
    for words in (
        *("-----Original Message-----", "-----Ursprüngliche Nachricht-----", "-----Message d'origine-----"),
        *(
            "-----Mensaje original-----",
            "----- Messaggio originale -----",
            "-----Oorspronkelijk bericht-----",
        ),
        *("---------- Original Message ----------", "-------- Original-Nachricht --------"),
    ):
        yield Case(
            f"a divider, {words}", bound(lambda m, words: plain(m, f"{SAID}\n\n{words}\n{m.text}"), words)
        )
    yield Case("no quote at all", lambda m: plain(m, SAID))
    yield Case("our letter without any mark", lambda m: plain(m, f"{SAID}\n\n{m.text}"))
    yield Case("a signature", lambda m: plain(m, f"{SAID}\n\n-- \nJane Doe\nExample Club\n+49 30 123456\n"))
    yield Case(
        "the quote of an earlier answer in it",
        lambda m: plain(m, f"{SAID}\n\n{GMAIL['English']}\n{marked(m)}\n>> Old words.\n>>> Older ones.\n"),
    )
    between = "> Where is it?\n\nIn Cologne.\n\n> Since when?\n\nSince Monday."
    yield Case("answers between the lines", lambda m: plain(m, between), body=between)
    yield Case(
        "a quote that is not marked at its end",
        lambda m: plain(m, f"{SAID}\n\n{THUNDERBIRD['German']}\n\n{m.text}"),
    )
    thanks = "Thank you, that helped.\n\nBest way to go on:\n- first this\n- then that"
    yield Case("thanks and a list", lambda m: plain(m, thanks), body=thanks)
    typed = "On Monday I wrote:\nit fails."
    yield Case("words that look like a quote begins", lambda m: plain(m, typed), body=typed)
    code = "Here is the log:\n\n    if x:\n        y = 1\n\nThat is all."
    yield Case("indented lines", lambda m: plain(m, code), body=code)


def phones_and_web() -> Iterator[Case]:
    """Web mailers and telephones, which write HTML, and say so below."""
    quoted = '<blockquote class="gmail_quote" style="margin:0">{}</blockquote>'
    yield Case(
        "Gmail in a browser",
        lambda m: several(
            m,
            "alternative",
            part("text/plain; charset=utf-8", f"{SAID}\r\n\r\n{GMAIL['English']}\r\n\r\n{marked(m)}"),
            part(
                "text/html; charset=utf-8",
                f'<div dir="ltr">{SAID_HTML}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
                f"On Tue, 14 Mar 2034 at 10:00, Gallery support &lt;<a href=3D>support@example.org</a>&gt; wrote:<br></div>"
                + quoted.format(page_of(m)),
            ),
        ),
    )
    for language in ("English", "German", "French", "Spanish", "Japanese"):
        line = GMAIL[language].replace("<", "&lt;").replace(">", "&gt;")
        yield Case(
            f"Gmail, HTML alone, {language}",
            bound(
                lambda m, line: html(
                    m, f'<div dir="ltr">{SAID_HTML}</div><div>{line}<br></div>{quoted.format(page_of(m))}'
                ),
                line,
            ),
        )
    for language in ("English", "German", "French", "Japanese"):
        yield Case(
            f"Outlook, HTML alone, {language}",
            bound(
                lambda m, language: html(
                    m,
                    "<html><head><style>p.MsoNormal {margin:0cm}</style><!-- [if gte mso 9] --></head><body>"
                    "<p class=MsoNormal>Yes, please go ahead.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
                    "<p class=MsoNormal>The title should be “Our photos”.<o:p></o:p></p>"
                    "<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal>"
                    + outlook_head(m, language).replace("<", "&lt;").replace("\n", "<br>\n")
                    + f"</p></div>{page_of(m)}</body></html>",
                ),
                language,
            ),
        )
    yield Case(
        "Outlook on the web",
        lambda m: html(
            m,
            f"<html><body><div>{SAID_HTML}</div><hr style='display:inline-block;width:98%'>"
            f"<div id='divRplyFwdMsg'>{outlook_head(m, 'English').replace('<', '&lt;').replace(chr(10), '<br>')}</div>"
            f"<div>{page_of(m)}</div></body></html>",
        ),
    )
    for name, below in {
        "iPhone": "Sent from my iPhone",
        "iPhone in German": "Von meinem iPhone gesendet",
        "iPhone in French": "Envoyé de mon iPhone",
        "iPhone in Spanish": "Enviado desde mi iPhone",
        "iPhone in Japanese": "iPhoneから送信",
        "Android": "Sent from my Galaxy",
        "Outlook for iOS": "Get Outlook for iOS<https://example.com/x>",
        "Proton": "Sent with Proton Mail secure email.",
        "GMX": "Gesendet von meinem Mobiltelefon mit der GMX Mail App.",
    }.items():
        yield Case(
            name,
            bound(
                lambda m, below: plain(m, f"{SAID}\n\n{below}\n\n> {APPLE['English']}\n>\n{marked(m)}\n"),
                below,
            ),
        )
    yield Case(
        "Yahoo",
        lambda m: plain(
            m,
            f"{SAID}\n\n    On Tuesday, 14 March 2034 at 10:00:00 CET, Gallery support <support@example.org> wrote:\n\n{m.text}",
        ),
    )
    yield Case(
        "GMX in a browser",
        lambda m: html(
            m,
            f'<div style="font-family: Verdana">{SAID_HTML}<div>&nbsp;<div name="quote"><div><b>Gesendet:</b>&nbsp;Dienstag, '
            "14. März 2034 um 10:00 Uhr<br/><b>Von:</b>&nbsp;&quot;Gallery support&quot; &lt;support@example.org&gt;<br/>"
            f"<b>An:</b>&nbsp;jane@example.com<br/><b>Betreff:</b>&nbsp;x</div><div>{page_of(m)}</div></div></div></div>",
        ),
    )
    yield Case(
        "KMail, marked by a bar",
        lambda m: plain(m, f"{SAID}\n\n{THUNDERBIRD['English']}\n{marked(m, '|> ')}\n"),
    )
    yield Case(
        "flowed lines",
        lambda m: plain(
            m,
            "Yes, please \ngo ahead.\n\nThe title should \nbe “Our \nphotos”.\n\n"
            f"{THUNDERBIRD['English']}\n{marked(m)}\n",
            Content_Type="text/plain; charset=utf-8; format=flowed",
        ),
    )
    yield Case(
        "flowed lines that are joined without a space",
        lambda m: plain(
            m,
            "Yes, please go a \nhead.\n\nThe title should be “Our ph \notos”.\n",
            Content_Type="text/plain; charset=utf-8; format=flowed; delsp=yes",
        ),
    )


def systems() -> Iterator[Case]:
    """Other desks, whose people answer through a program."""
    marks = {
        "OTRS": "14/03/2034 10:00 (Europe/Berlin) - Gallery support schrieb:",
        "Request Tracker": "On Tue Mar 14 10:00:00 2034, support@example.org wrote:",
        "a forum": "2034-03-14 10:00 Gallery support <support@example.org>:",
    }
    for name, line in marks.items():
        yield Case(
            name,
            bound(lambda m, line: plain(m, f"{SAID}\n\n{line}\n{marked(m)}\n", X_Mailer="Desk 7.0"), line),
        )
    for name, lines in {
        "Zendesk's receipt": {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All"},
        "OTRS's receipt": {"Auto_Submitted": "auto-generated", "Precedence": "bulk", "X_Loop": "otrs"},
        "Request Tracker's receipt": {"Auto_Submitted": "auto-replied", "Precedence": "bulk"},
        "Jira's receipt": {"Auto_Submitted": "auto-generated", "Precedence": "bulk"},
        "osTicket's receipt": {"X_Auto_Response_Suppress": "DR, RN, OOF, AutoReply", "X_Autoreply": "yes"},
        "our own kind of receipt": {"Auto_Submitted": "auto-generated"},
    }.items():
        yield Case(
            name,
            bound(lambda m, lines: plain(m, "We have your mail. It is #4711.", **lines), lines),
            state="ignored",
            body=None,
        )


def automatic() -> Iterator[Case]:
    """What nobody has written."""
    for name, lines in {
        "vacation(1)": {"Auto_Submitted": "auto-replied (vacation)", "Precedence": "bulk"},
        "an old vacation(1)": {"Precedence": "junk", "Subject": "Away from my mail"},
        "Gmail's holidays": {"Auto_Submitted": "auto-replied", "X_Autoreply": "yes", "Precedence": "bulk"},
        "Exchange's holidays": {
            "Subject": "Automatic reply: your order",
            "X_Auto_Response_Suppress": "All",
            "Auto_Submitted": "auto-generated",
        },
        "an older Exchange's": {"Subject": "Out of Office: x", "X_Auto_Response_Suppress": "OOF"},
        "a German Exchange's": {"Subject": "Automatische Antwort: x", "X_Auto_Response_Suppress": "All"},
        "a French Exchange's": {"Subject": "Réponse automatique : x", "X_Auto_Response_Suppress": "All"},
        "a Spanish Exchange's": {"Subject": "Respuesta automática: x", "X_Auto_Response_Suppress": "All"},
        "a Japanese one": {"Subject": "=?utf-8?b?6Ieq5YuV5b+c562U?=", "X_Auto_Response_Suppress": "All"},
        "cPanel's": {"X_Autorespond": "x", "X_Precedence": "auto_reply", "Precedence": "auto_reply"},
        "GroupWise's": {"Auto_Submitted": "auto-generated", "Subject": "Re: x (out of the office)"},
        "Sieve's": {"Auto_Submitted": "auto-replied (vacation)"},
        "no return path": {"Return_Path": "<>"},
        "a program that says so in small letters": {"auto_submitted": "AUTO-REPLIED; owner-email=x"},
    }.items():
        yield Case(
            f"away: {name}",
            bound(lambda m, lines: plain(m, f"I am away.\n\n{marked(m)}", **lines), lines),
            state="ignored",
            body=None,
            reason="An automatic email",
        )
    yield Case("marked as written by a person", lambda m: plain(m, SAID, Auto_Submitted="no"))
    yield Case(
        "holidays in a person's subject", lambda m: plain(m, SAID, Subject="Out of office, and the order")
    )
    receipt = lambda m: several(
        m,
        "report; report-type=disposition-notification",
        part("text/plain", "Your mail was displayed."),
        part(
            "message/disposition-notification",
            f"Original-Message-ID: {m.message_id}\r\nDisposition: manual-action/MDN-sent-manually; displayed",
        ),
    )
    yield Case("a receipt for reading", receipt, state="ignored", body=None)
    for name, lines in {
        "a list": {"List_Id": "<club.example.net>", "Precedence": "list"},
        "a newsletter": {"List_Unsubscribe": "<https://example.net/u>", "List_Id": "News <n.example.net>"},
        "a group": {"List_Post": "<mailto:g@example.net>", "List_Unsubscribe": "<mailto:u@example.net>"},
        "an old list": {"Precedence": "bulk", "X_Mailing_List": "x"},
    }.items():
        new: dict[str, Any] = {
            "In_Reply_To": None,
            "References": None,
            "To": "support@example.org",
            "From": "x@example.net",
        }
        yield Case(
            f"{name}, to us",
            bound(lambda m, more: plain(m, "News.", **more), new | lines),
            body="News.",
            new=True,
        )
        yield Case(f"an answer through {name}", bound(lambda m, lines: plain(m, SAID, **lines), lines))
    yield Case(
        "an answer by somebody whose company adds a list's lines",
        lambda m: plain(m, SAID, List_Unsubscribe="<https://example.com/u>"),
    )
    alone: dict[str, Any] = {"To": "support@example.org", "References": None, "In_Reply_To": None}
    for sender in ("no-reply@example.net", "donotreply@example.net"):
        yield Case(
            f"from {sender}",
            bound(lambda m, lines: plain(m, "x", **lines), alone | {"From": sender}),
            body="x",
            new=True,
        )
    yield Case(
        "from a mail server, by no report",
        lambda m: plain(m, "x", **alone | {"From": "MAILER-DAEMON@example.net"}),
        state="ignored",
        body=None,
    )
    for name, sender in {
        "a program": "wordpress@example.net",
        "no reply": "Form <no-reply@example.net>",
        "our own address": "Gallery support <support@example.org>",
    }.items():
        yield Case(
            f"a form, from {name}",
            bound(
                lambda m, lines: plain(m, "x", **lines),
                alone | {"From": sender, "Reply_To": "Kim <kim@example.com>"},
            ),
            body="x",
            new=True,
        )
    yield Case(
        "a form with our token and the customer to be answered",
        lambda m: plain(m, "x", From="no-reply@example.net", Reply_To="jane@example.com"),
        state="quarantined",
        body=None,
        reason="another address",
    )


def report(
    email: Email, *, kind: str = "text/rfc822-headers", action: str = "failed", **more: str | None
) -> bytes:
    """A bounce in the form of RFC 3464."""
    back = f"From: support@example.org\r\nMessage-ID: {email.message_id}\r\nSubject: x\r\n"
    if kind == "message/rfc822":
        back += "\r\nThe letter.\r\n"
    more = {
        "From": "MAILER-DAEMON@mx.example.net",
        "Subject": "Undelivered Mail Returned to Sender",
        "To": email.return_path,
        "References": None,
        "In_Reply_To": None,
        "Return_Path": "<>",
        **more,
    }
    status = (
        "Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; jane@example.com\r\n"
        f"Action: {action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user here\r\n"
    )
    return several(
        email,
        "report; report-type=delivery-status",
        part("text/plain", "This is the mail system at host mx.example.net."),
        part("message/delivery-status", status),
        part(kind, back),
        **more,
    )


#: What servers that know no reports write, with the letter's head or the letter itself below.
OWN_WORDS = {
    "qmail": (
        "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<jane@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n"
    ),
    "an old Exim": (
        "This message was created automatically by mail delivery software.\n\n  jane@example.com\n"
        "    550 unknown user\n\n------ This is a copy of the message, including all the headers. ------\n\n"
    ),
    "an old sendmail": (
        "   ----- The following addresses had permanent fatal errors -----\n<jane@example.com>\n    (reason: 550 5.1.1 User unknown)\n\n"
        "   ----- Original message follows -----\n\n"
    ),
    "an old Exchange": (
        "Your message did not reach some or all of the intended recipients.\n\njane@example.com\n"
        "The e-mail account does not exist at the organization this message was sent to. <mx #5.1.1>\n\n"
    ),
    "Lotus": "Your message could not be delivered because: User jane not listed in directory, no such user\n\n",
    "a German provider": "Ihre Nachricht war unzustellbar: Postfach existiert nicht.\n\n",
    "a full mailbox": "jane@example.com\n552 5.2.2 mailbox full, quota exceeded\n\n",
    "a quoted head": "The mail was refused.\n550 spam\n\n> From: x\n> ",
}


def bounces() -> Iterator[Case]:
    """Letters that come back."""
    same: dict[str, Any] = {"state": "ignored", "body": None, "bounced": True}
    servers: dict[str, dict[str, Any]] = {
        "Postfix": {"Auto_Submitted": "auto-replied"},
        "Exim": {
            "From": "Mail Delivery System <Mailer-Daemon@mx.example.net>",
            "X_Failed_Recipients": "jane@example.com",
        },
        "sendmail": {"From": "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>"},
        "Gmail": {"From": "Mail Delivery Subsystem <mailer-daemon@googlemail.example.net>"},
        "Exchange": {"From": "postmaster@example.net", "X_MS_Exchange_Message_Is_Ndr": ""},
        "Exchange Online": {"From": "Microsoft Outlook <MicrosoftExchange329e71ec88ae@example.net>"},
        "Amazon": {"From": "MAILER-DAEMON@eu-west-1.example.net"},
        "Yahoo": {"From": "MAILER-DAEMON@yahoo.example.net", "Return_Path": None},
        "a provider in Japan": {"From": "Mail Delivery Subsystem <postmaster@example.net>"},
    }
    for name, lines in servers.items():
        yield Case(
            f"bounce: {name}",
            bound(lambda m, lines: report(m, **lines), lines),
            reason="550 5.1.1 no such user",
            **same,
        )
        yield Case(
            f"bounce with the letter: {name}",
            bound(lambda m, lines: report(m, kind="message/rfc822", **lines), lines),
            **same,
        )
    for name, words in OWN_WORDS.items():
        yield Case(
            f"bounce: {name}",
            bound(
                lambda m, words: plain(
                    m,
                    f"{words}Message-ID: {m.message_id}\nSubject: x\n\nThe letter.\n",
                    From="MAILER-DAEMON@mx.example.net",
                    To="support@example.org",
                    References=None,
                    In_Reply_To=None,
                    Subject="failure notice",
                ),
                words,
            ),
            state="quarantined",
            body=None,
            reason="without proof",
        )
    for action in ("delayed", "relayed", "delivered", "expanded"):
        yield Case(
            f"bounce: {action}",
            bound(lambda m, action: report(m, action=action), action),
            state="ignored",
            body=None,
        )
    stranger: dict[str, Any] = {"state": "ignored", "body": None}
    yield Case(
        "bounce of a letter that is not ours",
        lambda m: report(Email(m.reply_to, "<foreign@example.org>", "x", "x")),
        **stranger,
    )
    yield Case(
        "a person who forwards a bounce",
        lambda m: plain(m, f"What is this?\n\nMessage-ID: {m.message_id}\n550 no such user"),
        body="What is this?\n\nMessage-ID: {id}\n550 no such user",
    )


def charsets() -> Iterator[Case]:
    """Words of all kinds in bytes of all kinds."""
    texts = {
        "iso-8859-1": "Grüße aus Köln",
        "iso-8859-15": "Preis: 20 €",
        "windows-1252": "„Fotos“ – ja…",
        "windows-1251": "Да, пожалуйста",
        "koi8-r": "Да, пожалуйста",
        "iso-8859-2": "Proszę bardzo, dziękuję",
        "iso-2022-jp": "はい、お願いします",
        "shift_jis": "はい、お願いします",
        "euc-jp": "はい、お願いします",
        "gb18030": "好的,请继续",
        "big5": "好的,請繼續",
        "euc-kr": "네, 부탁합니다",
        "utf-16": "Ja, gärne",
        "iso-8859-8": "כן, בבקשה",
        "windows-1256": "نعم من فضلك",
        "iso-8859-7": "Θέλω",
        "utf-7": "Ja, größer",
        "iso-8859-9": "Evet, lütfen",
        "tis-620": "ใช่ ได้โปรด",
        "utf-8": "👍 ja",
    }
    for charset, text in texts.items():
        yield Case(
            charset, bound(lambda m, pair: plain(m, pair[1], pair[0], "base64"), (charset, text)), body=text
        )
    yield Case(
        "a charset nobody knows",
        lambda m: plain(m, "Größe", Content_Type="text/plain; charset=x-nobody-knows"),
        body="Größe",
    )
    yield Case(
        "Windows' marks in what says it is Latin",
        lambda m: plain(m, "„Fotos“ – ja", "windows-1252", Content_Type="text/plain; charset=iso-8859-1"),
        body="„Fotos“ – ja",
    )
    yield Case(
        "Latin that says it is UTF-8",
        lambda m: plain(m, "Grüße", "iso-8859-1", Content_Type="text/plain; charset=utf-8"),
        body="Grüße",
    )
    yield Case(
        "ASCII that is not",
        lambda m: plain(m, "Grüße", Content_Type="text/plain; charset=us-ascii"),
        body="Grüße",
    )
    yield Case("no charset at all", lambda m: plain(m, "Grüße", Content_Type="text/plain"), body="Grüße")
    yield Case(
        "a page that says its charset itself",
        lambda m: (
            headers(m, Content_Type="text/html").encode()
            + b'\r\n<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"></head>'
            + "<p>Да, пожалуйста".encode("windows-1251")
        ),
        body="Да, пожалуйста",
    )
    yield Case("no type at all", lambda m: plain(m, SAID, Content_Type=None))
    yield Case(
        "a codec that is no charset",
        lambda m: plain(m, "Hello.", Content_Type="text/plain; charset=rot13"),
        body="Hello.",
    )
    yield Case(
        "bytes that no text has",
        lambda m: plain(m, "a\x00b\x07c\x1b[31md\x7f", Content_Type="text/plain; charset=utf-8"),
        body="abc[31md",
    )
    subject = "=?utf-8?q?Gr=C3=BC=C3=9Fe?= =?iso-8859-1?q?_aus_K=F6ln?= =?broken"
    yield Case("encoded words, one of them broken", lambda m: plain(m, SAID, Subject=subject))
    yield Case("eight bits in the header", lambda m: plain(m, SAID, Subject="Grüße an Sie"))


def files_of_all_kinds() -> Iterator[Case]:
    """What is attached, and how it is called."""
    text = part("text/plain; charset=utf-8", SAID)
    b64 = "Content-Transfer-Encoding: base64"
    yield Case("one file", lambda m: several(m, "mixed", text, file("plan.pdf")), files=("plan.pdf",))
    yield Case(
        "files between texts",
        lambda m: several(
            m,
            "mixed",
            part("text/plain", "Yes, please go ahead."),
            file("a.png"),
            part("text/plain; charset=utf-8", "The title should be “Our photos”."),
        ),
        files=("a.png",),
    )
    for name, line, called in (
        ("RFC 2231", "filename*=utf-8''%E2%82%AC%20rates.txt", "€ rates.txt"),
        (
            "RFC 2231 in pieces",
            "filename*0*=utf-8''Gr%C3%BC; filename*1*=%C3%9Fe; filename*2=.txt",
            "Grüße.txt",
        ),
        ("RFC 2047 where it must not be", 'filename="=?utf-8?b?R3LDvMOfZS50eHQ=?="', "Grüße.txt"),
        ("eight bits", 'filename="Grüße.txt"', "Grüße.txt"),
        ("a path", 'filename="../../etc/passwd"', "passwd"),
        ("a path of Windows", 'filename="C:\\\\temp\\\\plan.doc"', "plan.doc"),
        ("no name", "", "file"),
        ("a name of dots", 'filename="..."', "file"),
        ("a name that turns around", 'filename="cod\u202etxt.exe"', "codtxt.exe"),
        ("a name in several lines", 'filename="a\r\n b.txt"', "a b.txt"),
        ("an unknown charset", "filename*=x-nobody''a%E4.txt", "aä.txt"),
        ("no quotes around a space", "filename=my plan.pdf", "my plan.pdf"),
    ):
        kind = "application/octet-stream"
        yield Case(
            f"file name: {name}",
            bound(
                lambda m, both: several(
                    m,
                    "mixed",
                    text,
                    part(both[1], "aGVsbG8=", f"Content-Disposition: attachment; {both[0]}", b64),
                ),
                (line, kind),
            ),
            files=(called,),
        )
    yield Case(
        "a picture in the page",
        lambda m: several(
            m,
            "related",
            part("text/html; charset=utf-8", f'{SAID_HTML}<img src="cid:logo">'),
            part("image/png", "aGVsbG8=", b64, "Content-ID: <logo>", "Content-Disposition: inline"),
        ),
        files=("image.png",),
    )
    yield Case(
        "an invitation",
        lambda m: several(
            m, "alternative", text, part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR\r\nEND:VCALENDAR")
        ),
        files=("invitation.ics",),
    )
    yield Case(
        "winmail.dat",
        lambda m: several(m, "mixed", text, part("application/ms-tnef; name=winmail.dat", "eJ8+Ig==", b64)),
        files=("winmail.dat",),
    )
    yield Case(
        "signed by S/MIME",
        lambda m: several(
            m, "signed; protocol=x", text, part("application/pkcs7-signature; name=smime.p7s", "MIAG", b64)
        ),
        files=("smime.p7s",),
    )
    yield Case(
        "signed by PGP",
        lambda m: several(
            m, "signed", text, part("application/pgp-signature", "-----BEGIN PGP SIGNATURE-----")
        ),
        files=("signature.asc",),
    )
    yield Case(
        "encrypted by PGP",
        lambda m: several(
            m,
            "encrypted; protocol=application/pgp-encrypted",
            part("application/pgp-encrypted", "Version: 1"),
            part("application/octet-stream; name=encrypted.asc", "-----BEGIN PGP MESSAGE-----"),
        ),
        body="[The email has no text, only attachments.]",
        files=("pgp.txt", "encrypted.asc"),
    )
    yield Case(
        "encrypted by S/MIME",
        lambda m: (
            headers(m, Content_Type="application/pkcs7-mime; smime-type=enveloped-data")
            + f"{b64}\r\n\r\nMIAG"
        ).encode(),
        body="[The email has no text, only attachments.]",
        files=("smime.p7m",),
    )
    yield Case(
        "a mail in the mail",
        lambda m: several(
            m,
            "mixed",
            text,
            part("message/rfc822", "From: x@example.net\r\nSubject: inner\r\n\r\nInner words."),
        ),
        files=("mail.eml",),
    )
    yield Case(
        "text as a file",
        lambda m: several(
            m, "mixed", text, part("text/plain; name=log.txt", "a log", "Content-Disposition: attachment")
        ),
        files=("log.txt",),
    )
    yield Case(
        "a page as a file",
        lambda m: several(
            m,
            "mixed",
            text,
            part("text/html; name=x.html", "<script>x</script>", "Content-Disposition: attachment"),
        ),
        files=("x.html",),
    )
    yield Case(
        "parts in parts",
        lambda m: several(
            m,
            "mixed",
            inside(
                "related", "r", inside("alternative", "a", text, part("text/html", SAID_HTML)), file("b.png")
            ),
            file("c.png"),
        ),
        files=("b.png", "c.png"),
    )
    yield Case(
        "an empty text beside the page",
        lambda m: several(
            m, "alternative", part("text/plain", " \r\n"), part("text/html; charset=utf-8", SAID_HTML)
        ),
    )
    yield Case(
        "six files",
        lambda m: several(m, "mixed", text, *(file(f"{n}.png") for n in range(6))),
        files=tuple(f"{n}.png" for n in range(5)),
        body=None,
    )
    yield Case(
        "only a file",
        lambda m: several(m, "mixed", file("a.pdf")),
        body="[The email has no text, only attachments.]",
        files=("a.pdf",),
    )


def broken() -> Iterator[Case]:
    """What no standard allows, and what comes in all the same."""
    text = part("text/plain; charset=utf-8", SAID)
    end = b"--=_frontier--\r\n"
    yield Case("the last boundary is missing", lambda m: several(m, "mixed", text).removesuffix(end))
    yield Case(
        "cut in the middle of a file",
        lambda m: several(m, "mixed", text, file("a.png", b"content" * 100))[:-60],
        files=("a.png",),
    )
    yield Case(
        "no boundary is named", lambda m: several(m, "mixed", text, Content_Type="multipart/mixed"), body=None
    )
    yield Case(
        "another boundary is named",
        lambda m: several(m, "mixed", text, Content_Type="multipart/mixed; boundary=x"),
        body=None,
    )
    yield Case(
        "an empty boundary",
        lambda m: several(m, "mixed", text, Content_Type='multipart/mixed; boundary=""'),
        body=None,
    )
    yield Case(
        "base64 that is none",
        lambda m: headers(m).encode() + b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\xff",
        body=None,
    )
    yield Case(
        "base64 without its end",
        lambda m: plain(m, SAID, encoding="base64").rstrip().rstrip(b"=")[:-1],
        body=None,
    )
    yield Case(
        "quoted-printable that is none",
        lambda m: plain(m, "100% = x =ZZ", Content_Transfer_Encoding="quoted-printable"),
        body="100% = x =ZZ",
    )
    yield Case(
        "an encoding nobody knows",
        lambda m: plain(m, SAID, encoding="8bit").replace(b"Encoding: 8bit", b"Encoding: magic"),
    )
    yield Case(
        "no empty line before the text",
        lambda m: headers(m).encode() + b"Yes, please go ahead.\r\n",
        body=None,
    )
    yield Case("bare ends of line", lambda m: plain(m, SAID).replace(b"\r\n", b"\n"))
    yield Case(
        "old Macintosh's ends of line",
        lambda m: (
            headers(m, Content_Type="text/plain; charset=utf-8").encode()
            + b"\r\n"
            + SAID.replace("\n", "\r").encode()
        ),
    )
    yield Case("an empty mail", lambda m: headers(m).encode() + b"\r\n", body="[The email has no text.]")
    yield Case(
        "spaces before the colon", lambda m: plain(m, SAID).replace(b"Subject:", b"Subject :"), body=None
    )
    yield Case(
        "a line that is no header",
        lambda m: b"X-Odd: 1\r\nnonsense without a colon\r\n" + plain(m, SAID),
        body=None,
        state="any",
    )
    yield Case("two types", lambda m: b"Content-Type: text/plain; charset=utf-8\r\n" + plain(m, SAID))
    yield Case("a type that is no type", lambda m: plain(m, SAID, Content_Type="text"))
    yield Case("an address that breaks parsers", lambda m: plain(m, SAID, Cc="<>,,<"))
    yield Case("a date that is none", lambda m: plain(m, SAID, Date="yesterday at noon"))
    yield Case("no date", lambda m: plain(m, SAID, Date=None))
    yield Case("no id", lambda m: plain(m, SAID, Message_ID=None))
    yield Case("an id of nonsense", lambda m: plain(m, SAID, Message_ID="\t<a b@[c]> (x) ü"))
    yield Case("no subject", lambda m: plain(m, SAID, Subject=None))
    yield Case("a hundred Received lines", lambda m: b"Received: from a by b\r\n" * 100 + plain(m, SAID))
    yield Case("a page that never ends", lambda m: html(m, f"<div>{SAID_HTML}<div><!-- <b <i"))
    yield Case(
        "a page with a script",
        lambda m: html(m, f"<script>alert('x')</script>{SAID_HTML}<style>p{{}}</style>"),
    )
    deep = "multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
    thirty = "".join(deep.replace("b\r\n", f"b{n}\r\n") for n in range(30))
    yield Case(
        "a thousand parts in each other",
        lambda m: (headers(m) + "Content-Type: " + deep * 1000 + "text/plain\r\n\r\nx").encode(),
        state="failed",
        body=None,
        reason="parts",
    )
    yield Case(
        "thirty parts in each other",
        lambda m: (headers(m) + "Content-Type: " + thirty + "text/plain\r\n\r\nx").encode(),
        state="failed",
        body=None,
        reason="deep",
    )
    yield Case(
        "a thousand parts",
        lambda m: several(m, "mixed", *[part("text/plain", "x")] * 1000),
        state="failed",
        body=None,
        reason="parts",
    )
    yield Case(
        "a line of a header without an end",
        lambda m: headers(m, X_Long="x" * 100_000).encode() + b"\r\nx",
        state="failed",
        body=None,
        reason="too long",
    )
    yield Case(
        "a header of two thousand lines",
        lambda m: b"X-A: b\r\n" * 2000 + plain(m, "x"),
        state="failed",
        body=None,
        reason="too many lines",
    )


def without_proof() -> Iterator[Case]:
    """Mails that belong to no ticket, or only say so."""
    new: dict[str, Any] = {"In_Reply_To": None, "References": None, "To": "support@example.org"}
    yield Case(
        "a new mail of the customer",
        lambda m: plain(m, SAID, **new),
        new=True,
    )
    yield Case(
        "with our subject",
        lambda m: plain(m, m.text, **new | {"Subject": f"Re: {m.subject}"}),
        body=None,
        new=True,
    )
    yield Case("a stranger", lambda m: plain(m, SAID, **new | {"From": "eve@example.net"}), new=True)
    yield Case(
        "a stranger with the token",
        lambda m: plain(m, SAID, From="eve@example.net"),
        state="quarantined",
        body=None,
        reason="another address",
    )
    yield Case(
        "a stranger under the customer's name",
        lambda m: plain(m, SAID, From='"jane@example.com" <eve@example.net>'),
        state="quarantined",
        body=None,
    )
    yield Case(
        "two senders",
        lambda m: plain(m, SAID, From="jane@example.com, eve@example.net"),
        state="quarantined",
        body=None,
    )
    yield Case("no sender", lambda m: plain(m, SAID, From=None), state="quarantined", body=None)
    yield Case(
        "a token of nothing",
        lambda m: plain(m, SAID, **new | {"To": "support+x@example.org"}),
        state="quarantined",
        body=None,
        reason="token",
    )
    yield Case(
        "from ourselves",
        lambda m: plain(m, SAID, From="support@example.org"),
        state="ignored",
        body=None,
        reason="our own",
    )
    yield Case(
        "our letter itself",
        lambda m: plain(m, SAID, Message_ID=m.message_id),
        state="ignored",
        body=None,
        reason="our own",
    )
    yield Case(
        "by the token alone", lambda m: plain(m, SAID, In_Reply_To=None, References=None, Subject="Another")
    )
    yield Case(
        "by the reference alone", lambda m: plain(m, SAID, To="support@example.org", Subject="Another")
    )
    yield Case(
        "by the last of many references",
        lambda m: plain(
            m, SAID, To="x@example.org", In_Reply_To=None, References="<a@b> " * 60 + m.message_id
        ),
    )


CASES = [
    case
    for group in (
        *(quoting, phones_and_web, systems, automatic, bounces, charsets, files_of_all_kinds, broken),
        without_proof,
    )
    for case in group()
]
