"""A greeting is no title."""

from __future__ import annotations

import pytest

from paidsupport.kernel.titles import opening_of, says_more, title_of

pytestmark = pytest.mark.row("T2")


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (("", "Hello,\n\nthe upload fails.\nKarla"), "The upload fails"),
        (("Hello", "Hi there!\nNo pictures"), "No pictures"),
        (("", "Dear Ada, dear Ben,\n\nAlbums are gone"), "Albums are gone"),
        (("", "Sehr geehrte Damen und Herren,\ndie Galerie ist leer"), "Die Galerie ist leer"),
        (("", "Bonjour Madame Dupont,\nle site est vide"), "Le site est vide"),
        (("", "Hello, the upload fails"), "The upload fails"),
        (("", "Hello, iPhone pictures fail"), "iPhone pictures fail"),
        (("", "Hi Ada\n\nIt is slow. Since Monday."), "It is slow"),
        (("", "Can visitors order prints?! We sell forty a week."), "Can visitors order prints?"),
        (("", "https://x.example/ is down! Help."), "https://x.example/ is down"),
        (("Upload fails", "Hello,\nit does"), "Upload fails"),
        (("", "Hide the menu, please"), "Hide the menu, please"),
        (("", "Hello world example crashes at start"), "Hello world example crashes at start"),
        (
            ("", "Hi,\nsince the last update none of the albums that we keep\nopens any more. Why?"),
            "Since the last update none of the albums that we keep opens any more",
        ),
        (("", "Hello,"), ""),
        (("Hello,", "Hi!", "https://gallery.example.org"), "https://gallery.example.org"),
        (("", ""), ""),
        (("", f"Hi,\n{'x' * 50}"), f"{'x' * 19}…"),
    ],
)
def test_it_is_the_first_sentence_that_says_something(texts: tuple[str, ...], title: str) -> None:
    """Of the subject, else of the text; a greeting alone is none."""
    assert title_of(*texts, limit=80 if "…" not in title else 20) == title


def test_an_opening_goes_on_after_the_first_sentence() -> None:
    """“I'm Ada.” alone would say nothing in a list."""
    said = "Hello Karla,\n\nI'm Ada. Here is our offer.\nIt stands until May.\n\nAda"
    assert opening_of(said, 90) == "I'm Ada. Here is our offer. It stands until May"
    assert opening_of(said, 28) == "I'm Ada. Here is our offer.…"
    assert opening_of("Hello Karla,\n", 90) == ""


@pytest.mark.parametrize(
    ("title", "text", "more"),
    [
        ("Upload fails", "Hello,\nit does since Monday.", True),
        ("The upload fails on every…", "Hello,\n\nthe upload fails on\r\nevery phone.", False),
        ("GALLERY.example.org", "See below.", False),
        ("Strasse", "Die Straße fehlt.", False),
        ("…", "See below.", False),
        ("", "See below.", False),
    ],
)
def test_a_title_out_of_the_text_says_no_more(title: str, text: str, *, more: bool) -> None:
    """Whatever its lines and its letters are, and whether it was shortened."""
    assert says_more(title, text, "https://gallery.example.org/") is more
