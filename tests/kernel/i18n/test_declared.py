"""What is declared once for many places can be translated: states, transitions, conditions, histories."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

from paidsupport.kernel.i18n.languages import language_of, speaking, translate
from paidsupport.kernel.i18n.messages import Message, gettext
from paidsupport.kernel.i18n.stored import filled, storable, stored
from paidsupport.testing import mount_of
from paidsupport.workflows import SHIPPED


def _declared(app: Flask) -> Iterator[tuple[str, object]]:
    for flow in SHIPPED.values():
        for state in flow.states:
            yield f"{flow.name}: {state.name}", state.label
            yield f"{flow.name}: {state.name}", state.meaning
        for move in flow.transitions:
            yield from (
                (f"{flow.name}: {move.name}", text) for text in (move.label, move.note_label, move.done)
            )
            for guard in move.guards:
                yield from ((f"{flow.name}: {guard.name}", text) for text in (guard.met, guard.unmet))
            yield from ((f"{flow.name}: {reason.name}", reason.label) for reason in move.reasons)
    for kind in mount_of(app).events:
        if kind.history and isinstance(kind.sentence, str) and not kind.is_transition:
            yield f"{kind.history}: {kind.name}", kind.sentence


def test_what_is_declared_is_a_message(lite_app: Flask) -> None:
    """Whoever adds a state, a reason or a kind of event and forgets it, reads here which one."""
    assert not {where for where, text in _declared(lite_app) if text and not isinstance(text, Message)}


def test_what_was_stored_is_said_in_the_language_of_its_reader() -> None:
    """It lies in the database in English; what nobody declared, such as what others said, stays as it is."""
    away, failed = storable(gettext("The other side is away.")), storable(gettext("It failed: %(why)s"))
    kept = str.__str__(filled(failed, why=away))
    assert kept == "It failed: The other side is away."
    with speaking(language_of("en-XA")):
        assert translate(stored(kept)).startswith("⟦Ít fáíléd: ⟦Thé óthér")
        assert translate(stored("550 No such user")) == "550 No such user"
