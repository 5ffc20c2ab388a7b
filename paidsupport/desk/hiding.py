"""What a customer has just given as a secret, and was said before: hidden from the public, and told (G15).

An issue that says it is private from then on, and a note on the ticket tells its owner where it stands. An
ordinary word gives nothing away by having been said before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from paidsupport.desk import annotation, exposure
from paidsupport.desk.issues import access
from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import CLOCK
from paidsupport.domain.codes import new_key
from paidsupport.store.tickets import Ticket

#: Shorter secrets are ordinary words, and so are those of letters alone up to this length.
_SHORTEST, _LONGEST_WORD = 6, 12


def tell(visit: Visit, ticket: Ticket, secret: str) -> list[str]:
    """Hide the issues that say what was just given, and note on the ticket where it stands.

    The caller holds the ticket's lock. The issues are locked as well: what is written on them at that
    moment is either seen here, or compared with the secret. Returns where it stands.
    """
    if len(secret) < _SHORTEST or (secret.isalpha() and len(secret) <= _LONGEST_WORD):
        return []
    found = [place for place in exposure.places(visit, ticket) if exposure.says(place.text, secret)]
    if not found:
        return []
    hidden = {place.issue.code for place in found if place.issue and not place.issue.private}
    clock = replace(visit, by=CLOCK)
    for code in sorted(hidden):
        access.set_private(clock, code, private=True, key=new_key())
    names = list(dict.fromkeys(place.name for place in found))
    annotation.keep(clock, ticket, _note(names, sorted(hidden)), about="exposed")
    visit.session.flush()
    return names


def _note(names: Sequence[str], hidden: Sequence[str]) -> str:
    text = f"What the customer has just given as a secret stands in {', '.join(names)} already."
    if hidden:
        text += f" Hidden until it is taken out there: {', '.join(hidden)}."
    return f"{text} Ask the customer for another secret if others may have read it."
