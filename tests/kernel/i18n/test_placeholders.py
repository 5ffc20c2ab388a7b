"""Names between braces: read and written in each language, stored in English (G20, P15)."""

from __future__ import annotations

import pytest

from paidsupport.kernel.i18n.languages import ENGLISH, Language, language_of
from paidsupport.kernel.i18n.messages import CONTEXT_END, pgettext
from paidsupport.kernel.i18n.placeholders import localised, shown, stored
from paidsupport.tickets.conversation.operations import boilerplate
from tests.people import Desk

pytestmark = [pytest.mark.row("G20"), pytest.mark.row("P15")]

NAMES = {name: pgettext("placeholder", name) for name in ("code", "customer", "price", "service")}


class Words(Language):
    """A language with a few words."""

    def __init__(self, **words: str) -> None:
        super().__init__("de")
        self._one = {f"placeholder{CONTEXT_END}{name}": word for name, word in words.items()}


GERMAN = Words(customer="Kunde", price="preis", service="leistung")


def test_each_reads_and_writes_their_own_names() -> None:
    """What a German writes is shown in English to others, and the other way round."""
    typed = "Hallo {kunde}, {Leistung} kostet {price}. {x} und {} bleiben."
    kept = stored(typed, NAMES, [ENGLISH, GERMAN])
    assert kept == "Hallo {customer}, {service} kostet {price}. {x} und {} bleiben."
    assert shown(kept, NAMES, GERMAN) == "Hallo {kunde}, {leistung} kostet {preis}. {x} und {} bleiben."
    assert shown(kept, NAMES, None) == kept
    assert stored(kept, NAMES, [ENGLISH, GERMAN]) == kept


@pytest.mark.parametrize(
    "words",
    [
        {"customer": "the customer"},
        {"customer": "{kunde}"},
        {"customer": "price"},
        {"price": "wert", "service": "wert"},
    ],
)
def test_a_translation_that_cannot_be_a_name_is_not_used(words: dict[str, str]) -> None:
    """It would be no word, or mean two things: then the English name stays."""
    local = localised(NAMES, Words(**words))
    assert len({*local.values()}) == len(NAMES)
    for name in NAMES:
        assert stored(f"{{{local[name]}}}", NAMES, [Words(**words)]) == f"{{{name}}}"


def test_a_canned_reply_is_stored_with_english_names(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever languages the desk speaks later, it is filled in."""
    monkeypatch.setattr(boilerplate, "language_of", lambda tag: GERMAN if tag == "de" else language_of(tag))
    with lite_desk.ctx(lite_desk.ada) as ctx:
        german = {"de": {"title": "Preis", "body": "{kunde}: {preis}"}}
        row = boilerplate.keep(
            ctx, None, title="Price", body="{kunde}: {price}", shared=True, languages=german
        )
        assert row.body == "{customer}: {price}"
        assert row.translations["de"]["body"] == "{customer}: {price}"
