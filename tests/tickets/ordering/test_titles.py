"""A greeting is no title."""

from __future__ import annotations

import pytest

from paidsupport.tickets.ordering.titles import title_of

pytestmark = pytest.mark.row("T2")


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (("", "Hello,\n\nthe upload fails.\nKarla"), "the upload fails."),
        (("Hello", "Hi there!\nNo pictures"), "No pictures"),
        (("", "Dear Ada, dear Ben,\n\nAlbums are gone"), "Albums are gone"),
        (("", "Sehr geehrte Damen und Herren,\ndie Galerie ist leer"), "die Galerie ist leer"),
        (("", "Bonjour Madame Dupont,\nle site est vide"), "le site est vide"),
        (("", "Hello, the upload fails"), "The upload fails"),
        (("", "Hi Ada\n\nIt is slow"), "It is slow"),
        (("Upload fails", "Hello,\nit does"), "Upload fails"),
        (("", "Hide the menu, please"), "Hide the menu, please"),
        (("", "Hello world example crashes at start"), "Hello world example crashes at start"),
        (("", "Hello,"), "Hello,"),
        (("", ""), ""),
        (("", f"Hi,\n{'x' * 50}"), f"{'x' * 19}…"),
    ],
)
def test_it_is_the_first_line_that_says_something(texts: tuple[str, ...], title: str) -> None:
    """Of the subject, else of the text; where there is nothing else, the first line stands."""
    assert title_of(*texts, limit=40 if "…" not in title else 20) == title
