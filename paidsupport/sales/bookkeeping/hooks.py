"""Hooks of bookkeeping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from paidsupport.kernel.context import Context
from paidsupport.kernel.hooks import Hook
from paidsupport.kernel.i18n.messages import Message

#: A sentence like “3 bank lines have no ticket”, the name of the page where that is done, and what stands
#: in its address.
ToDecide: TypeAlias = tuple[Message, str, Mapping[str, str]]

#: A manager looks at the payments. Asks for what they have to decide before the sums are right;
#: None if there is nothing.
TO_DECIDE: Hook[[Context], ToDecide | None] = Hook("to decide")

HOOKS = (TO_DECIDE,)
