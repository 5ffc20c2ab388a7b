"""A hundred more mails with the habits of real programs, each with what a reader must find in it.

They were written before the parser was changed for them. Each is a builder call of a few lines; all
addresses and words are made up.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

KIM = "kim@example.net"
WORDS = "The upload stops at 2 MB. What can I do?"
UPLOAD = "Upload stops"
TYPE = "Content-Type"
CODING = "Content-Transfer-Encoding"


@dataclass(frozen=True, slots=True)
class Written:
    """One mail, and its sender's address, its subject, its whole text and the names of its files."""

    name: str
    raw: bytes
    sender: str = KIM
    subject: str = UPLOAD
    text: str = WORDS
    files: tuple[str, ...] = ()


def raw(
    body: bytes | str = WORDS, *, lines: tuple[bytes | str, ...] = (), **changed: str | bytes | None
) -> bytes:
    """A mail: a usual header with lines changed (`None` takes one out), further lines, a body."""
    header: dict[str, str | bytes | None] = {
        "From": f"Kim Doe <{KIM}>",
        "To": "support@example.org",
        "Subject": UPLOAD,
        "Date": "Wed, 15 Mar 2034 08:12:00 +0100",
        "Message-ID": "<4711@example.net>",
        "MIME-Version": "1.0",
        TYPE: "text/plain; charset=utf-8",
        CODING: "8bit",
    }
    header |= {name.replace("_", "-"): value for name, value in changed.items()}
    whole = [
        b"%s: %s" % (name.encode(), _bytes(value)) for name, value in header.items() if value is not None
    ]
    return b"\r\n".join([*whole, *map(_bytes, lines), b"", _bytes(body)]).rstrip(b"\r\n") + b"\r\n"


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.replace("\n", "\r\n").encode()


def from_(name: str, line: str | bytes, sender: str = KIM) -> Written:
    """A mail whose From is written in an odd way."""
    return Written(f"from: {name}", raw(From=line), sender)


def subject(name: str, line: str | bytes, said: str, charset: str = "utf-8") -> Written:
    """A mail whose Subject is written in an odd way, above a text in a charset."""
    return Written(
        f"subject: {name}",
        raw(Subject=line, Content_Type=f"text/plain; charset={charset}"),
        subject=said,
    )


def charset(name: str, content: bytes, said: str) -> Written:
    """A text in a charset that goes by this name."""
    return Written(
        f"charset: {name}, {said[:12]}",
        raw(
            base64.encodebytes(content),
            Content_Type=f"text/plain; charset={name}",
            Content_Transfer_Encoding="base64",
        ),
        text=said,
    )


def page(name: str, html: str, said: str = WORDS) -> Written:
    """A mail of HTML alone."""
    return Written(f"page: {name}", raw(html, Content_Type="text/html; charset=utf-8"), text=said)


def parts(*contents: bytes | str, kind: str = "mixed") -> bytes:
    """A mail of several parts, each with its own header."""
    body = b"".join(b"--b\r\n%s\r\n" % _bytes(content) for content in contents) + b"--b--\r\n"
    return raw(body, Content_Type=f"multipart/{kind}; boundary=b")


def text(content: str = WORDS, more: str = "") -> str:
    """A part of plain text."""
    return f"Content-Type: text/plain; charset=utf-8{more}\nContent-Transfer-Encoding: 8bit\n\n{content}"


def file(lines: str, content: str = "ZGF0YQ==", kind: str = "application/octet-stream") -> str:
    """A part to be saved."""
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n{lines}\n\n{content}"


def attached(name: str, disposition: str, called: str) -> Written:
    """A mail with one file whose name is written in an odd way."""
    part = file(f"Content-Disposition: attachment; {disposition}")
    return Written(f"file: {name}", parts(text(), part), files=(called,))


ICONS = [
    file(f"Content-Disposition: inline; filename=icon{n}.png\nContent-ID: <icon{n}>", kind="image/png")
    for n in range(5)
]

FROM = [
    from_("a comma", f"Doe, Kim <{KIM}>"),
    from_("the address itself", f"{KIM} <{KIM}>"),
    from_("brackets", f"Kim [Sales] <{KIM}>"),
    from_("apostrophes", f"'{KIM}' <{KIM}>"),
    from_("a semicolon behind", f"Kim Doe <{KIM}>;"),
    from_("doubled angles", f"<<{KIM}>>"),
    from_("mailto", f"<mailto:{KIM}>"),
    from_("no angles", f"Kim {KIM}"),
    from_("a comma in an encoded word", f"=?utf-8?Q?Doe,_Kim?= <{KIM}>"),
    from_("an encoded comma", f"=?utf-8?Q?Doe=2C_Kim?= <{KIM}>"),
    from_("somebody else's address as the name", '"kim@example.net" <eve@example.com>', "eve@example.com"),
    from_("a comment behind", f"{KIM} (Kim Doe)"),
    from_("a comment with an address", f"{KIM} (once old@example.com)"),
    from_("escaped quotes", f'"Kim \\"K\\" Doe" <{KIM}>'),
    from_("folded", f"Kim\n Doe\n\t<{KIM}>"),
    from_("no blank", f"Kim Doe<{KIM}>"),
    from_("a colon", f"Example Club: Kim <{KIM}>"),
    from_("a comma behind", f"{KIM},"),
    from_("a name in Latin bytes", b"Kim M\xfcller <kim@example.net>"),
    from_("a quote that is not closed", f'"Kim Doe <{KIM}>'),
    from_("an at sign in the name", f"Kim @ Example <{KIM}>"),
    from_("dots in the name", f"Dr. K. Doe <{KIM}>"),
    from_("blanks in the angles", f"Kim Doe < {KIM} >"),
    from_("apostrophe and plus", "Kim <kim.o'neil+shop@example.net>", "kim.o'neil+shop@example.net"),
    from_("two people", f"{KIM}, eve@example.com", ""),
]

HEADS = [
    Written("head: a line that lost its blank", raw(Subject="Upload\nstops"), subject=UPLOAD),
    Written(
        "head: blanks before the colon",
        raw().replace(b"From:", b"From :").replace(b"Subject:", b"Subject\t:"),
    ),
    Written("head: a mailbox's line, quoted", b">From kim@example.net Wed Mar 15 08:12:00 2034\r\n" + raw()),
    Written("head: a mailbox's line", b"From kim@example.net Wed Mar 15 08:12:00 2034\r\n" + raw()),
    Written(
        "head: a mailbox's line in the middle",
        raw(lines=(">From kim@example.net Wed Mar 15 08:12", "X-A: b")),
    ),
    Written(
        "head: a list of hosts that lost its blanks",
        raw(lines=("Received: from a", "by b.example", "with SMTP", "X-A: b")),
    ),
    Written("head: small letters", raw().replace(b"From:", b"FROM:").replace(b"Subject:", b"subject:")),
    Written(
        "head: text in it is no header",
        raw("Hello,\n\nFrom: me\nplain words"),
        text="Hello,\n\nFrom: me\nplain words",
    ),
]

SUBJECTS = [
    subject("Latin bytes", b"Gr\xfc\xdfe", "Grüße", "iso-8859-1"),
    subject("Cyrillic bytes", "Привет".encode("cp1251"), "Привет", "windows-1251"),
    subject("Japanese bytes", "写真".encode("cp932"), "写真", "shift_jis"),
    subject("UTF-8 bytes", "Grüße", "Grüße"),
    subject("a broken word behind a good one", "=?utf-8?B?R3LDvMOfZQ==?= =?utf-8?B?=", "Grüße =?utf-8?B?="),
    subject("base64 without padding", "=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
    subject("one character in two words", "=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"),
    subject("blanks in Q", "=?utf-8?Q?Gr=C3=BC=C3=9Fe aus K=C3=B6ln?=", "Grüße aus Köln"),
    subject("words without a blank between", "Re:=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Re:Grüße"),
    subject("a language", "=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    subject("folded words", "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n =?utf-8?Q?_aus_K=C3=B6ln?=", "Grüße aus Köln"),
    subject("quoted words", '"=?utf-8?Q?Gr=C3=BC=C3=9Fe?="', '"Grüße"'),
    subject("Japanese words", "=?ISO-2022-JP?B?GyRCPEw/PxsoQg==?=", "写真"),
    subject("an unknown charset", "=?x-nobody?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
]

ROUND = b"\x1b$B-!\x1b(B"
CHARSETS = [
    charset("Shift_JIS", "①\uff5e髙".encode("cp932"), "①\uff5e髙"),
    charset("EUC-KR", "똠방각하".encode("cp949"), "똠방각하"),
    charset("TIS-620", b"\x93\xa1\xa2\x94 \x85", "“กข” …"),
    charset("ISO-2022-JP", ROUND + b" OK", "① OK"),
    charset("iso-2022-jp", "はい、写真".encode("cp932"), "はい、写真"),
    charset("x-euc-jp", "写真".encode("euc-jp"), "写真"),
    charset("x-gbk", "请继续".encode("gbk"), "请继续"),
    charset("windows-31j", "①写真".encode("cp932"), "①写真"),
    charset("x-windows-1251", "Привет".encode("cp1251"), "Привет"),
    charset("win-1251", "Привет".encode("cp1251"), "Привет"),
    charset("koi8r", "Привет".encode("koi8-r"), "Привет"),
    charset("x-mac-ce", "Žluť".encode("mac-latin2"), "Žluť"),
    charset("x-mac-cyrillic", "Привет".encode("mac-cyrillic"), "Привет"),
    charset("iso-2022-jp-ms", ROUND, "①"),
    charset("utf-8", "Grüße aus K".encode() + b"\xff" + "ln, größer".encode(), "Grüße aus K\ufffdln, größer"),
    charset("UTF-8", b"\xef\xbb\xbf" + "Grüße".encode(), "Grüße"),
    charset("utf8", "Grüße".encode(), "Grüße"),
    charset("cp-850", "Grüße".encode("cp850"), "Grüße"),
]

PAGES = [
    page("less and greater", "<p>if x < 5 and y > 3 then stop</p>", "if x < 5 and y > 3 then stop"),
    page(
        "greater in an attribute",
        '<p>See <a title="a>b" href="https://example.net/x">this</a>.</p>',
        "See this <https://example.net/x>.",
    ),
    page("title closed by itself", f"<html><head><title/></head><body><p>{WORDS}</p></body></html>"),
    page(
        "style closed by itself",
        f'<html><head><style type="text/css" /></head><body><p>{WORDS}</p></body></html>',
    ),
    page(
        "script closed by itself",
        f'<html><head><script src="x.js"/></head><body><p>{WORDS}</p></body></html>',
    ),
    page("what nobody sees", f'<div style="display:none;max-height:0">Preview</div><p>{WORDS}</p>'),
    page(
        "hidden in capitals", f'<span style="DISPLAY: NONE !important">Preview <b>x</b></span><p>{WORDS}</p>'
    ),
    page("a picture that is a word", '<div><img src="cid:e1" alt="👍" data-emoji="👍"></div>', "👍"),
    page("a picture in the text", f'<p>{WORDS}<img src="cid:x" alt=""></p>'),
    page(
        "Word's own elements", f"<p class=MsoNormal>{WORDS}<o:p></o:p></p><!--[if mso]><p>x</p><![endif]-->"
    ),
    page("entities", "<p>a &lt; b &amp;&amp; c &gt; d &#8364;&nbsp;5 &copy</p>", "a < b && c > d € 5 ©"),
    page(
        "a list and a table", "<ul><li>one<li>two</ul><table><tr><td>a<td>b</tr></table>", "- one\n- two\na b"
    ),
    page("lines of code", "<pre>if x:\n    y = 1</pre>", "if x:\n    y = 1"),
    page(
        "an email address in angles",
        "<p>Write to <kim@example.net> please</p>",
        "Write to <kim@example.net> please",
    ),
]

FILES = [
    attached("utf-8 with a language", "filename*=utf-8'de'R%C3%BCckmeldung.txt", "Rückmeldung.txt"),
    attached(
        "Latin under the name of ASCII",
        "filename*=\"us-ascii''Platte%20W%F6lbung.jpg\"",
        "Platte Wölbung.jpg",
    ),
    attached(
        "encoded words in pieces", 'filename="=?utf-8?B?R3LD?=\n =?utf-8?B?vMOfZS50eHQ=?="', "Grüße.txt"
    ),
    attached("Japanese words", 'filename="=?ISO-2022-JP?B?GyRCPEw/PxsoQi5wbmc=?="', "写真.png"),
    attached("both forms", "filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt", "Grüße.txt"),
    attached("escapes without a charset", 'filename="Gr%C3%BC%C3%9Fe.txt"', "Gr%C3%BC%C3%9Fe.txt"),
    Written(
        "file: an empty encoded word",
        parts(text(), file('Content-Disposition: inline; filename="=?utf-8?b??="', kind="image/jpeg")),
        files=("image.jpg",),
    ),
    Written(
        "file: named by its type alone",
        parts(text(), file("Content-ID: <x>", kind='application/pdf; name="plan.pdf"')),
        files=("plan.pdf",),
    ),
    Written(
        "file: a mail in the mail",
        parts(
            text(),
            "Content-Type: message/rfc822\nContent-Disposition: attachment\n\nSubject: Older talk\n\nWords.",
        ),
        files=("mail.eml",),
    ),
    Written(
        "file: five icons and a plan",
        parts(text(), *ICONS, file("Content-Disposition: attachment; filename=plan.pdf")),
        files=(*(f"icon{n}.png" for n in range(5)), "plan.pdf"),
    ),
    Written(
        "file: uuencode in the text",
        raw(f"{WORDS}\n\nbegin 644 a.txt\n$9&%T80``\n`\nend\n"),
        files=("a.txt",),
    ),
    Written(
        "file: an encoding with more behind it",
        parts(
            text(),
            file("X-A: b; Content-Disposition: x", kind="image/png; name=a.png").replace(
                "base64", 'base64; charset="x"'
            ),
        ),
        files=("a.png",),
    ),
]

REACTION = '{"emoji":"👍","version":1}'
BODIES = [
    Written(
        "body: an encoding with more behind it",
        raw("Gr=C3=B6=C3=9Fe =3D 2 MB", Content_Transfer_Encoding="quoted-printable (soft)"),
        text="Größe = 2 MB",
    ),
    Written(
        "body: an encoding in quotes",
        raw("R28gb24u", Content_Transfer_Encoding='"base64"'),
        text="Go on.",
    ),
    Written(
        "body: nothing visible in the plain part",
        parts(
            text("\u200b\u00a0\u034f"),
            f"Content-Type: text/html; charset=utf-8\n\n<p>{WORDS}</p>",
            kind="alternative",
        ),
    ),
    Written(
        "body: a reaction",
        parts(
            text("👍\n\nKim reacted"),
            f"Content-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n{REACTION}",
            "Content-Type: text/html\n\n<p>x</p>",
            kind="alternative",
        ),
        text="👍\n\nKim reacted",
    ),
    Written(
        "body: a page for reading machines",
        parts(text(), "Content-Type: text/x-amp-html\n\n<html amp4email>", kind="alternative"),
    ),
    Written(
        "body: flowed",
        raw("The upload stops \nat 2 MB. What \ncan I do?", Content_Type="text/plain; format=flowed"),
    ),
    Written(
        "body: HTML under the name of text",
        raw(WORDS, Content_Type="TEXT/PLAIN; CHARSET=UTF-8; Format=Flowed"),
    ),
    Written("body: no type", raw(WORDS, Content_Type=None, Content_Transfer_Encoding=None)),
    Written(
        "body: text, file, text",
        parts(text("One."), file("Content-Disposition: attachment; filename=a.pdf"), text("Two.")),
        text="One.\n\nTwo.",
        files=("a.pdf",),
    ),
]

MAILS = [*FROM, *HEADS, *SUBJECTS, *CHARSETS, *PAGES, *FILES, *BODIES]
