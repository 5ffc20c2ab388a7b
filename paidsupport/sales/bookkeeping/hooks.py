"""Hooks of bookkeeping."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook
from paidsupport.kernel.i18n.messages import Message

#: A manager looks at the payments. Asks for what they have to decide before the sums are right: a sentence
#: like “3 bank lines have no ticket”, and the name of the page where that is done; None if there is nothing.
TO_DECIDE: Hook[[Context], tuple[Message, str] | None] = Hook("to decide")

HOOKS = (TO_DECIDE,)
