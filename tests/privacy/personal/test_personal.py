"""Personal data is recognised in what people write, and nothing of it stays after the cut (T3, N5)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paidsupport.privacy.personal.numbers import is_card, is_iban
from paidsupport.privacy.personal.recognition import Kind, Known, cut, find, pieces
from paidsupport.privacy.personal.text import fold

pytestmark = [pytest.mark.row("T3"), pytest.mark.row("N5")]

KNOWN = Known(
    names=("Ann Müller-Doe",),
    organisations=("Acme Books GmbH",),
    emails=("ann.doe@acme-books.example",),
    phones=("+49 (0)30 1234567",),
    hosts=("https://shop.acme-books.example/pay",),
    public_hosts=("docs.example.org", "github.com"),
)

#: “ANN” in the wide letters of Asian typefaces.
WIDE = "\uff21\uff2e\uff2e"
#: Whole mails: what was written, what must be gone, and what must have stayed.
MAILS = {
    "a bank in English": (
        """Dear Ben,

since the upgrade to version 1.2.3 on 2026-11-24 14:05 our customers cannot withdraw; the log says
"exchange: HTTP 409, code 1700". We read https://docs.example.org/bank.html#limits already.

You can reach me at 030 123 45 67 or on my mobile +49 170 7654321. The account we tested with is
account no. 4711-08, IBAN DE89 3704 0044 0532 0130 00.

Kind regards,
Ann Müller-Doe
Head of Payments
Acme Books GmbH
Hauptstraße 12a, 10115 Berlin
""",
        (
            "Ben",
            "Ann",
            "Müller",
            "Doe",
            "Acme",
            "123 45",
            "170 7",
            "4711",
            "3704",
            "Hauptstra",
            "10115",
            "Head of",
        ),
        (
            "version 1.2.3 on 2026-11-24 14:05",
            "HTTP 409, code 1700",
            "https://docs.example.org/bank.html#limits",
        ),
    ),
    "a shop in German": (
        """Sehr geehrte Damen und Herren,

hier ist Frau Krämer von Blumen Vogt. Unsere Kasse (Version 0.14.2) meldet seit dem 12.11.2026 „Fehler 5001“.
Meine Kundennummer: 998877. Die Seite ist https://kasse.blumen-vogt.de/admin?user=kraemer und der Rechner
hat die Adresse 192.168.14.20. Erreichbar unter 0711/234567.

Mit freundlichen Grüßen
Petra Krämer
""",
        ("Krämer", "kraemer", "998877", "blumen-vogt", "192.168", "234567", "Petra"),
        ("Sehr geehrte Damen und Herren", "Version 0.14.2", "12.11.2026", "„Fehler 5001“"),
    ),
    "somebody in small letters": (
        """hi,
my name is jane roe and i use firefox 128.0 on debian 12. the wallet says it cannot annotate the coin.
my username: jroe81, born 12.03.1981
thanks,
jane""",
        ("jane", "roe", "jroe81", "1981"),
        ("firefox 128.0 on debian 12", "cannot annotate the coin"),
    ),
    "a mail that quotes another one": (
        """It still fails, see below.

On Mon, 3 Nov 2026 at 10:12, Peter Silie <peter@silie.example> wrote:
> Hi Jane,
> the order 2026-307 gave "500 Internal Server Error" after 30 s, 1 200 000 requests, 12.50 EUR.
> Peter
""",
        ("Peter", "Silie", "silie", "Jane"),
        (
            "It still fails",
            "3 Nov 2026 at 10:12",
            "500 Internal Server Error",
            "1 200 000 requests",
            "12.50 EUR",
        ),
    ),
    "a signature behind its mark": (
        "The page stays white.\n\n-- \nSven Öst\nKungsgatan 4\n111 43 Stockholm\nwww.ost.se",
        ("Sven", "Öst", "Kungsgatan", "Stockholm", "ost.se"),
        ("The page stays white.",),
    ),
    "disguises": (
        (
            "Mail ann.doe (at) acme-books (dot) example, call 0\u200b30\u00a0123\u202f45\u00a067,"
            f" Ann\u00a0Mu\u0308ller\u2010Doe's wallet, {WIDE}, \u0661\u0662\u0663 items, MUELLER"
        ),
        ("ann", "acme", "123", "ller", WIDE, "MUELLER"),
        ("wallet", "\u0661\u0662\u0663 items"),
    ),
    "a password": (
        "The login is jane_1, password: Tr0ub4dor&3. It fails.",
        ("jane_1", "Tr0ub"),
        ("It fails",),
    ),
    "French": (
        (
            "Bonjour,\nje m'appelle Hélène Dupré, 12 rue de la Paix. Téléphone : 06 12 34 56 78.\n"
            "Cordialement,\nHélène Dupré"
        ),
        ("Hélène", "Dupré", "Paix", "06 12"),
        ("Bonjour", "Cordialement"),
    ),
}

#: What nobody would call personal, however many figures and capitals are in it.
HARMLESS = (
    "Version 1.2.3 of 2026-11-24 14:05:00, build 20261124, epoch 1700000000.",
    "Commit 3fa85f64-5717-4562-b3fc-2c963f66afa6, 9ab12cd, error 0x00000123 in line 1234.",
    "EUR 1 200 000.50, KUDOS:10.00, 12.50 €, 1.000,00 €, 99 %, 1024 MB.",
    "5-7 days, port 8080, rows 100-200, 10 000 requests, 3 of 12, 1/2.",
    "std::vector, a::b, Ab::Cd, 14:05:00, config.py, index.html, README.md, org.example.Main.",
    "paidsupport/kernel/text.py, `self.name`, `request.page`, `order.email` are empty.",
    "500 Internal Server Error; 404 Not Found; 127.0.0.1:5000 and http://localhost:8080/ answer, ::1 not.",
    "https://github.com/example/project/issues/12 and https://docs.example.org/a?b=c#d say how.",
    "Nobody cannot annotate an annual plan. The account is blocked. The user interface hangs. A login page.",
    "Thanks for the help. Best practices say otherwise. Dear support team,\nhello everyone,\nHi there,",
    "htmx@4.0.1 and node@18 were installed.",
    "This is Broken. I am Using it, I'm Not sure. @Ben look. user: nobody, `apt install x-merchant=1.0.2`.",
    "Sehr geehrter Kunde,\nwir haben es behoben.\n\nMit freundlichen Grüßen\nIhr Support-Team",
    "Expected KUDOS:4.50, got 1.0.2-4; #12345, CVE-2026-12345, IS-2222-2222, 768 x 1024, 2026.328-03.",
    "Steps:\n1. Open the page\n2. Press “Pay”\n3. See error 0x00000123 in line 1234",
    "[name] wrote with [host], [e-mail]; call [phone] on account [account]\nRegards,\n[name]\n[signature]",
)


@pytest.mark.parametrize("mail", MAILS)
def test_a_mail_keeps_its_matter_and_loses_its_people(mail: str) -> None:
    """Whole mails in several languages lose who wrote them and keep what they say."""
    text, gone, stayed = MAILS[mail]

    left = cut(text, find(text, KNOWN))

    assert [word for word in gone if word in left] == [], left
    assert [word for word in stayed if word not in left] == [], left


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_not_personal_stays_as_it_is(text: str) -> None:
    """Versions, moments, sums, files and public pages are nobody's."""
    assert [(span.kind, span.text) for span in find(text, KNOWN)] == []


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("mail to o'neil.j+desk@sub.example.co.uk.", Kind.EMAIL, "o'neil.j+desk@sub.example.co.uk"),
        ("ssh -p 22 root@db1 hangs", Kind.EMAIL, "root@db1"),
        ("(555) 123-4567", Kind.PHONE, "(555) 123-4567"),
        ("0049301234567", Kind.PHONE, "0049301234567"),
        ("ext. 4711", Kind.PHONE, "4711"),
        ("gb82west12345698765432", Kind.IBAN, "gb82west12345698765432"),
        ("IBAN: DE00 1234 5678 9012 3456 78", Kind.IBAN, "DE00 1234 5678 9012 3456 78"),
        ("4111-1111-1111-1111", Kind.CARD, "4111-1111-1111-1111"),
        ("from 2001:db8::1:0/64,", Kind.IP, "2001:db8::1:0/64"),
        ("10.1.2.3", Kind.IP, "10.1.2.3"),
        ("00:1a:2b:3c:4d:5e", Kind.IP, "00:1a:2b:3c:4d:5e"),
        ("see ftp://files.somebody.net/a/b.", Kind.HOST, "ftp://files.somebody.net/a/b"),
        ("kasse.blumen.de/login hangs", Kind.HOST, "kasse.blumen.de/login"),
        ("on pay.github.com.evil.net", Kind.HOST, "pay.github.com.evil.net"),
        ("customer no. 12-77", Kind.ACCOUNT, "12-77"),
        ('user "mrs" is', Kind.ACCOUNT, "mrs"),
        ("12 Baker Street, London", Kind.PLACE, "12 Baker Street, London"),
        ("in NW1 6XE", Kind.PLACE, "NW1 6XE"),
        ("geboren am 1.2.1970", Kind.BIRTH, "1.2.1970"),
        ("Dr. med. Vera Lind says", Kind.NAME, "Vera Lind"),
        ("From: Vera Lind <v@l.example>", Kind.NAME, "Vera Lind"),
        ("ich heiße Max von der Au.", Kind.NAME, "Max von der Au"),
    ],
)
def test_each_kind_is_recognised_where_it_stands(text: str, kind: Kind, found: str) -> None:
    """Every kind is found by its shape, to the character."""
    assert (kind, found) in [(span.kind, span.text) for span in find(text, KNOWN)]


def test_the_customers_names_are_found_in_every_form_and_in_no_other_word() -> None:
    """“Ann” is in “ann_doe” and not in “cannot”."""
    text = "Ann's, ANN, ann_doe, doe.ann, adoe, muellerdoe, Doe’s, does, annmuellerdoe, Anna, annual, cannot"

    assert cut(text, find(text, KNOWN)) == (
        "[name], [name], [name], [name], [account], [name], [name], does, [name], Anna, annual, cannot"
    )


def test_a_name_that_is_also_a_word_is_found_with_a_capital_only() -> None:
    """A Mr Will does not take “will” out of everything."""
    text = "Mark will mark the page; Will may too, at the bank."

    spans = find(text, Known(names=("Mark Will",), organisations=("Bank of the Hills",)))

    assert [span.text for span in spans] == ["Mark", "Will"]


def test_a_name_without_spaces_around_it_is_found() -> None:
    """Scripts that put no spaces between words hide no name."""
    assert [span.text for span in find("私は山田太郎です", Known(names=("山田太郎",)))] == ["山田太郎"]


def test_the_host_of_a_customer_is_theirs_even_below_a_public_one_and_without_a_dot() -> None:
    """What is known to be theirs wins."""
    known = Known(hosts=("acme.github.com", "kassenrechner"), public_hosts=("github.com",))
    text = "https://acme.github.com/x, https://github.com/y, Kassenrechner"

    assert cut(text, find(text, known)) == "[host], https://github.com/y, [host]"


def test_a_name_that_a_letter_ends_with_is_found_in_all_of_it() -> None:
    """Whoever signs is meant above, too."""
    text = "The till of Olga is broken, says Olga.\n\nRegards,\nOlga Petrowa"

    assert "Olga" not in cut(text, find(text, Known()))


def test_what_is_kept_stays_wherever_it_stands() -> None:
    """Keeping is decided for what is said, not for each place."""
    text = "10.1.2.3 answers, ANN does not; 10.1.2.3!"
    spans = find(text, KNOWN)

    assert cut(text, spans, kept={spans[0].key}) == "10.1.2.3 answers, [name] does not; 10.1.2.3!"


def test_the_parts_of_a_text_are_the_whole_of_it() -> None:
    """A page can show both, and nothing is lost."""
    text = MAILS["a bank in English"][0]
    spans = find(text, KNOWN)
    parts = pieces(text, spans)

    assert "".join(part.text for part in parts) == text
    assert [part.span for part in parts if part.span] == spans


@pytest.mark.parametrize("typed", ["DE89 3704 0044 0532 0130 01", "DE89", "XX89370400440532013000"])
def test_a_wrong_account_number_is_none(typed: str) -> None:
    """Length and check digits decide."""
    assert not is_iban(typed)


def _iban(digits: str) -> str:
    return next(f"DE{check:02}{digits}" for check in range(98) if is_iban(f"DE{check:02}{digits}"))


def _card(digits: str) -> str:
    return next(f"{digits}{check}" for check in range(10) if is_card(f"{digits}{check}"))


_FIGURES = st.text("0123456789", min_size=18, max_size=18)
_NAMES = st.sampled_from(
    ("Ann", "Müller", "Doe", "ANN", "doe's", "Ann Müller-Doe", "ann.doe", "Acme", "MUELLER")
)
_PHONE = st.builds(
    "{}{}{} {}{}".format,
    st.sampled_from(("+49 ", "0049", "+41/", "0", "(0")),
    st.integers(20, 89),
    st.sampled_from(("", " ", "/", "-", ")")),
    st.integers(123, 987),
    st.integers(4567, 98765),
).filter(lambda number: ("(" in number) == (")" in number) and len(set(number)) > 5)
_PERSONAL = st.one_of(
    _NAMES,
    _PHONE,
    st.builds(_iban, _FIGURES),
    st.builds(_card, _FIGURES.map(lambda figures: f"4{figures[:14]}")).filter(
        lambda card: len(set(card)) > 3
    ),
    st.builds("{}.{}@{}.example".format, *[st.text("abcdefghij", min_size=2, max_size=9)] * 3),
    st.builds("https://{}.{}.net/{}".format, *[st.text("abcdefghij", min_size=2, max_size=9)] * 3),
    st.builds("10.{}.{}.{}".format, *[st.integers(0, 255)] * 3),
    st.builds("2001:db8::{:x}:{:x}".format, *[st.integers(16, 65535)] * 2),
)
_HARMLESS = st.sampled_from(
    (
        *(
            "the wallet shows",
            "version 1.2.3",
            "cannot",
            "on 2026-11-24 14:05",
            "error 409",
            "12.50 EUR",
            "annual",
        ),
        *(
            "and then",
            "README.md",
            "after 30 s",
            "https://docs.example.org/a",
            "The page hangs.",
            "[name]",
            "(see above)",
        ),
    )
)


@given(
    st.lists(st.tuples(_HARMLESS, _PERSONAL), min_size=1, max_size=8),
    st.sampled_from((" ", "\n", ", ", "; ", "\u00a0")),
)
@settings(max_examples=300)
def test_nothing_personal_stays_after_the_cut(parts: list[tuple[str, str]], between: str) -> None:
    """Whatever is put into a text is gone after the cut, and the rest is there."""
    text = between.join(f"{said}{between}“{personal}”" for said, personal in parts)

    left = fold(cut(text, find(text, KNOWN)))

    for _, personal in parts:
        assert f"“{fold(personal)}”" not in left
    for said, _ in parts:
        assert fold(said) in left


@given(st.lists(_HARMLESS, max_size=20).map(" ".join))
def test_a_text_without_anything_personal_is_not_changed(text: str) -> None:
    """Harmless words stay harmless in any order."""
    assert cut(text, find(text, KNOWN)) == text


_WORDS = st.sampled_from(
    (
        *(
            "Dear",
            "Hi",
            "Regards,\n",
            "Thanks",
            "\n",
            "Ann",
            "Jane",
            "doe",
            "account",
            "user",
            ":",
            "is",
            "my name is",
        ),
        *(
            "tel.",
            "+49 30 1234567",
            "030 123",
            "4711",
            "a@b.de",
            "x.de",
            "https://x.de/",
            "10.1.2.3",
            ",",
            ".",
            " - ",
            "@",
        ),
        *(
            "Hauptstraße 12",
            "10115 Berlin",
            "-- \n",
            "[name]",
            "“",
            "1",
            "2026-11-24",
            "DE89 3704 0044 0532 0130 00",
            "_",
        ),
        *(
            "password:",
            "Herr",
            "Dr.",
            "von",
            "On 3 Nov 2026,",
            "wrote:",
            "<a@b.de>",
            "\u200b",
            "é",
            "e\u0301",
            "'s",
            "Best",
        ),
    )
)


@given(st.lists(st.tuples(_WORDS, st.sampled_from(("", " ", "\n"))), max_size=14))
@example([("Hi", " "), ("Jane", " "), ("doe", "\n")])
@settings(max_examples=1000)
def test_cutting_twice_cuts_no_more(words: list[tuple[str, str]]) -> None:
    """What stands in place of something is never taken for something."""
    once = "".join(word + space for word, space in words)
    once = cut(once, find(once, KNOWN))

    assert cut(once, find(once, KNOWN)) == once


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_any_text_can_be_read(text: str) -> None:
    """No text breaks it; places are right and do not overlap."""
    spans = find(text, KNOWN)

    assert all(text[span.start : span.end] == span.text for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))


@pytest.mark.parametrize(
    "closing",
    [
        "Meier Fotografie\nHauptstrasse 12\n79098 Freiburg",
        "\nMeier Fotografie\nTel. 0761 1234567\nHinter dem Dorf 3a\nFreiburg im Breisgau\nwww.meier-foto.de",
        "\nAltes Rathaus\n\nUntere Zeile 4\nNeustadt",
        "12 High Road\nLittle Snoring\nNorfolk\n\n> Ada wrote: What do you see?",
    ],
)
def test_all_of_a_closing_block_goes(closing: str) -> None:
    """Street and town with it, also where the text ends there, below a blank line, and above a quote."""
    text = f"The upload fails.\n\nKind regards\nKarla Meier\n{closing}"
    said = cut(text, find(text, Known(names=("Karla Meier",))))
    assert said.startswith("The upload fails.\n\nKind regards\n[name]\n[signature]")
    for word in ("Meier", "Haupt", "Freiburg", "Dorf", "Rathaus", "Zeile", "Neustadt", "Snoring", "Norfolk"):
        assert word not in said


def test_sentences_below_a_name_stay() -> None:
    """What somebody goes on to say is no closing block."""
    text = "Thanks,\nKarla\n\nI also found that uploads stop.\nThe log says timeout\n"
    assert cut(text, find(text, Known())) == text.replace("Karla", "[name]")


def test_what_people_log_in_with_is_called_an_account() -> None:
    """It is no name, though it may be made of one."""
    known = Known(names=("Karla Meier",), accounts=("photos4all",))
    text = "Login: kmeier, account: karla, and photos4all; Karla"
    assert cut(text, find(text, known)) == "Login: [account], account: [account], and [account]; [name]"
