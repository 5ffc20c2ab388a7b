"""Where other capabilities take part in what happens to an issue, without being known here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from paidsupport.kernel.hooks import Hook


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a customer beside their ticket; empty where nothing is."""

    organisation: str = ""
    phone: str = ""


#: What is known of the customers of these tickets (their ids), so that no issue names them.
CALLERS: Hook[[Session, Collection[int]], Iterable[Caller]] = Hook("callers")
#: Pages that customers are pointed to, the newest first: their hosts are not personal.
PUBLIC_PAGES: Hook[[Session], Iterable[str]] = Hook("public pages")

HOOKS = (CALLERS, PUBLIC_PAGES)
