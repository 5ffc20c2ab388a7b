"""Acting as somebody, some time ago: how stories of the demonstration come about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.context import Context
from paidsupport.kernel.mount import current


@contextmanager
def acting(by: Actor, ago: timedelta = timedelta()) -> Iterator[Context]:
    """A context of `by`, some time ago."""
    mount = current()
    with mount.database.writing() as session:
        yield Context(mount.services, session, by, mount.clock() - ago)
