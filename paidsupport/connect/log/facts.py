"""What lines of histories keep, by name, for the documentation of what other programs hear (P12)."""

from __future__ import annotations

from collections.abc import Mapping

from paidsupport.kernel.events import Fact

_WORD = ("string", "null")
_NUMBER = ("integer", "null")

#: What is kept under each name. Every name is left out of an event that has nothing to say about it.
KEPT: Mapping[str, Fact] = {
    "before": Fact("What it was before", ("string", "integer", "null")),
    "choice": Fact("What the customer chose", _WORD),
    "claim": Fact("The number of the claim: it grows each time that someone takes it", ("integer",)),
    "colleague": Fact("The id of the member of staff it is about", ("integer", "null")),
    "currency": Fact("The currency, ISO 4217", _WORD),
    "decision": Fact("The reference of what was decided, or the decision", _WORD),
    "from": Fact("The state before", _WORD),
    "invoice": Fact("The name of the invoice in addresses", _WORD),
    "kind": Fact("Which kind, in a word of its own", _WORD),
    "language": Fact("The code of the language", _WORD),
    "letter": Fact("The reference of an email", _WORD),
    "mentions": Fact("The ids of the members of staff who are mentioned", ("integers", "null")),
    "message": Fact("The id of a message", _NUMBER),
    "number": Fact("The number of the decision on its ticket", _NUMBER),
    "of": Fact("Which one it is about", _WORD),
    "on": Fact("The day, `YYYY-MM-DD`", _WORD),
    "other": Fact("Another ticket (its code) or invoice", _WORD),
    "payment": Fact("The reference of the payment", _WORD),
    "price": Fact("The amount, in the smallest unit of the currency", _NUMBER),
    "priority": Fact("The priority", ("string", "integer", "null")),
    "provider": Fact("The name of the provider of payments", _WORD),
    "reason": Fact("The reason, in a word of the workflow", _WORD),
    "refund": Fact("The reference of the refund", _WORD),
    "refunded": Fact("What was refunded so far, in the smallest unit of the currency", _NUMBER),
    "serial": Fact("The number of the invoice in its year", _WORD),
    "service": Fact("The name of the service in addresses", _WORD),
    "source": Fact("The name of the system that it was moved in from", _WORD),
    "step": Fact("Which step it is: 1 for the first", _NUMBER),
    "to": Fact("The state after", _WORD),
    "version": Fact("The version", ("string", "integer", "null")),
}
#: What a name is that a site's own events keep.
OTHER = Fact("A figure or a word", ("string", "integer", "boolean", "integers", "null"))
