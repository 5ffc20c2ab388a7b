"""What somebody wrote now, apart from what they quote and how they sign.

Whoever wants to be sure reads the whole: it is kept. So the cut may be wrong, but it must never be silent
about words that stand between quotes.
"""

from __future__ import annotations

import re
from functools import cache

from paidsupport.domain.letters import ANSWER_ABOVE

#: Languages in which the line above a quote is recognised.
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "cs", "ja", "ko", "zh")
#: So much of a text is looked at for the line above a quote: expressions for many languages are not cheap.
_LOOKED_AT = 20_000
_LONGEST_LINE = 300
#: More lines than that below two hyphens are no signature.
_LONGEST_SIGNATURE = 20

#: What the library does not know, or knows only without a date; always one or two whole lines.
_WROTE = re.compile(
    r"""^(?:
      (?:On|Am|Le|El|Il|Op|Den|Em|Dnia|Dne|W[ ]dniu)\b[^\n]{4,200}?(?:\n[^\n]{1,200}?)?
      (?:wrote|writes|schrieb[^\n:]{0,120}|a[ ]écrit|ha[ ]scritto|escribió|schreef[^\n:]{0,120}
         |escreveu|skrev[^\n:]{0,120}|napisał(?:\(a\))?|napsal(?:\(a\))?)\s?:
      | [^\n]{0,120}\d{4}[^\n]{0,120}(?:のメール|wrote|schrieb|さんは書きました)[^\n]{0,40}[:\uff1a]
      | \d{4}年[^\n]{4,160}[:\uff1a]
      | \d{4}[-/.]\d\d?[-/.]\d\d?[^\n]{1,160}[:\uff1a]
      | [^\n]{0,80}<[^\s<>@]+@[^\s<>@]+>[^\n]{0,60}[:\uff1a]
    )[ ]*$""",
    re.VERBOSE | re.MULTILINE,
)
#: Everything below is another mail, whether its lines are marked or not.
_DIVIDER = re.compile(
    r"""^(?:
      [-_]{3,}[ ]*(?:Original[ ]Message|Original[ ]Appointment|Ursprüngliche[ ]Nachricht
        |Originalnachricht|Message[ ]d['’]origine|Message[ ]original|Mensaje[ ]original
        |Messaggio[ ]originale|Oorspronkelijk[ ]bericht|Weitergeleitete[ ]Nachricht
        |Forwarded[ ]message|Original-Nachricht|元のメッセージ|Mensagem[ ]original
        |Oryginalna[ ]wiadomość|Ursprungligt[ ]meddelande|Original[ ]Mail)[ ]*[-_]*
      | _{30,}
      | \*?(?:From|Von|De|Da|Van|Od|Fra|Från|差出人|发件人|보낸[ ]사람)\*?[ ]?[:\uff1a][^\n]{1,200}
        \n\*?(?:Sent|Gesendet|Envoyé(?:[ ]le)?|Enviado(?:[ ]el)?|Inviato|Verzonden|Wysłano|Sendt|Skickat
            |Odesláno|Date|Datum|Fecha|Data|送信日時|发送时间|日時|To|An|À|Para
            |보낸[ ]날짜)\*?[ ]?[:\uff1a][^\n]*
      | \*?(?:Sent|Gesendet|Envoyé|Enviado|Inviato|Verzonden)\*?[ ]?:[^\n]{1,200}
        \n\*?(?:From|Von|De|Da|Van)\*?[ ]?:[^\n]*
    )$""",
    re.VERBOSE | re.MULTILINE,
)
#: What the line above a quote begins with; one that does not goes on from the line before it.
_BEGINS = re.compile(r"(?:On|Am|Le|El|Il|Op|Den|Em|Dnia|Dne|W dniu)\b|\d{4}")
_SENT_FROM = re.compile(
    r"""^(?:
      Sent[ ](?:from|with|via)[ ][^\n]{1,60} | Get[ ]Outlook[ ]for[ ][^\n]{1,60}
      | (?:Von[ ]meinem|Gesendet[ ]von)[ ][^\n]{1,60}
      | Diese[ ]Nachricht[ ]wurde[ ]von[ ][^\n]{1,60}[ ]gesendet\.?
      | (?:Envoyé|Télécharger)[ ](?:de(?:puis)?|à[ ]partir[ ]de)[ ][^\n]{1,60}
      | Enviado[ ]desde?[ ][^\n]{1,60}
      | Inviato[ ]da[ ][^\n]{1,60} | Verzonden[ ]vanaf?[ ][^\n]{1,60} | [^\n]{1,30}から送信
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_DIGIT_OR_ADDRESS = re.compile(r"[\d@]")


def visible_reply(text: str) -> str:
    """The part of a mail's `text` that was written now, or all of it where that cannot be told."""
    own = _without_signature(_above_our_letter(_above_divider(text)))
    return own if re.search(r"\w", own) else text.strip()


def _above_divider(text: str) -> str:
    """Without what programs put below a mark of their own, and never mark line by line."""
    cut = _DIVIDER.search(text)
    return text if not cut or not re.search(r"\w", text[: cut.start()]) else text[: cut.start()]


def _above_our_letter(text: str) -> str:
    """Without the quote of what was answered, wherever in the mail it stands."""
    lines = text.split("\n")
    quoted = [line.startswith((">", "|>", "\uff1e")) for line in lines]
    for number, line in enumerate(lines):
        if ANSWER_ABOVE in line and not quoted[number]:
            # a letter of ours, quoted without marks: it goes down to the end
            lines, quoted = _without_attribution(lines[:number]), quoted[:number]
            return "\n".join(lines) if not any(quoted) else _above_our_letter("\n".join(lines))
    if not any(quoted):
        return _above_unmarked_quote(text)
    return _around_quotes(lines, quoted)


def _around_quotes(lines: list[str], quoted: list[bool]) -> str:
    """Quotes are dropped where they are one block; between answers to single lines they stay."""
    first, last = quoted.index(True), len(quoted) - 1 - quoted[::-1].index(True)
    above = _without_attribution(lines[:first])
    below = lines[last + 1 :]
    between = [line for line, marked in zip(lines[first:last], quoted[first:last], strict=True) if not marked]
    answered = [line for line in between if line.strip() and not _is_attribution(line)]
    if answered:
        return "\n".join([*above, *lines[first:]]).strip("\n")
    return "\n".join([*above, *([""] if above and any(below) else []), *below]).strip("\n")


def _above_unmarked_quote(text: str) -> str:
    """What stands above “On … wrote:”, if that line is one: it has a date or an address."""
    places = [match.start() for match in _attributions(text) if _DIGIT_OR_ADDRESS.search(match[0])]
    above = text[: min(places)] if places else text
    return above if re.search(r"\w", above) else text


def _without_attribution(lines: list[str]) -> list[str]:
    """The lines above a quote, without the one or two at their end that say who is quoted."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    for count in (1, 2, 3) if lines and _BEGINS.match(lines[-1].strip()) else (3, 2, 1):
        if len(lines) >= count and _is_attribution("\n".join(lines[-count:])):
            return lines[:-count]
    return lines


def _is_attribution(text: str) -> bool:
    """Whether all of `text` is a line such as “On … wrote:”."""
    whole = text.strip()
    return any(
        match.start() == 0 and match.end() >= len(whole) and _DIGIT_OR_ADDRESS.search(whole)
        for match in _attributions(whole)
    )


def _attributions(text: str) -> list[re.Match[str]]:
    looked_at = text[:_LOOKED_AT]
    found = list(_WROTE.finditer(looked_at))
    if all(len(line) <= _LONGEST_LINE for line in looked_at.split("\n")):
        found += [match for match in _of_the_library().finditer(looked_at) if match[0].strip()]
    return found


def _without_signature(text: str) -> str:
    """What stands above the line of two hyphens, or above “Sent from my …”."""
    lines = text.rstrip().split("\n")
    for number, line in enumerate(lines):
        if number and line.rstrip() == "--" and len(lines) - number <= _LONGEST_SIGNATURE:
            lines = lines[:number]
            break
    while len(lines) > 1 and (not lines[-1].strip() or _SENT_FROM.match(lines[-1].strip())):
        lines = lines[:-1]
    return "\n".join(lines).strip("\n").rstrip()


@cache
def _of_the_library() -> re.Pattern[str]:
    """What mail-parser-reply knows of the lines above quotes, in many languages.

    Of the library only these expressions are used: what it takes for a signature begins with “Thank you,”
    or with a hyphen, and so do questions and lists of customers.
    """
    from mailparser_reply.parser import EmailMessage  # noqa: PLC0415  # an extra that not every site has

    return re.compile(
        EmailMessage(text="", languages=list(LANGUAGES)).HEADER_REGEX.pattern, re.MULTILINE | re.IGNORECASE
    )
