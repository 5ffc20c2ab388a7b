"""How many requests a token may make within an hour, counted for all processes of a desk (P12).

The database hands out shares of the limit, a sixtieth each; a process counts its share down by itself. So
one request in many writes, and the limit of an hour holds for all processes together, up to the rest of a
share that each of them may have from the hour before.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from paidsupport.kernel import limits
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import TooManyError
from paidsupport.kernel.limits import HOUR
from paidsupport.kernel.mount import Mount

_KIND = "api"
#: Into so many shares a limit is cut.
_SHARES = 60
_MINUTE = timedelta(minutes=1)
_lock = threading.Lock()


class ShareNeededError(Exception):
    """This process has none of a token's requests left, and may ask for more."""

    def __init__(self, token_id: int) -> None:
        self.token_id = token_id
        super().__init__(token_id)


@dataclass
class Share:
    """What this process may answer to one token.

    Attributes:
        left: So many requests; with none, there are none for all processes until it ends.
        until: When it ends.
        elsewhere: What was handed out to no process yet.
        more: When the next share becomes free.
    """

    left: int
    until: datetime
    elsewhere: int
    more: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left to a token: requests, and the seconds until there are more."""

    left: int
    seconds: int


def spend(mount: Mount, token_id: int, now: datetime) -> Standing:
    """Count one request.

    Raises:
        ShareNeededError: Take a share first, outside of any transaction.
        TooManyError: There is none before some minutes have passed.
    """
    with _lock:
        share = mount.shares.get(token_id)
        if not isinstance(share, Share) or share.until <= now or (share.left <= 0 and share.more <= now):
            raise ShareNeededError(token_id)
        if share.left <= 0:
            if share.elsewhere:
                raise ShareNeededError(token_id)
            raise TooManyError(max(1, ceil((share.more - now) / _MINUTE)))
        share.left -= 1
        return Standing(share.left + share.elsewhere, max(1, ceil((share.more - now).total_seconds())))


def take(mount: Mount, token_id: int, ctx: Context) -> None:
    """Take a share, or note that there is none. Needs a transaction of its own."""
    size, number = _cut(mount.settings.api_per_hour)
    try:
        limits.spend(ctx, _KIND, str(token_id), number)
    except TooManyError:
        taken = 0
    else:
        taken = size
    spent, oldest = limits.standing(ctx, _KIND, str(token_id))
    more = (oldest or ctx.now) + HOUR
    until = ctx.now + HOUR if taken else more
    with _lock:
        mount.shares[token_id] = Share(taken, until, max(0, number - spent) * size, more)


def policy(limit: int) -> str:
    """The value of `RateLimit-Policy`."""
    size, number = _cut(limit)
    return f'"hour";q={size * number};w={int(HOUR.total_seconds())}'


def _cut(limit: int) -> tuple[int, int]:
    """How large a share is, and how many there are."""
    size = max(1, limit // _SHARES)
    return size, limit // size
