"""Acting as somebody, some time ago: how stories of the demonstration come about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import Actor
from paidsupport.mount import current


@contextmanager
def acting(by: Actor, ago: timedelta = timedelta()) -> Iterator[Visit]:
    """A visit of `by`, some time ago."""
    mount = current()
    with mount.database.writing() as session:
        yield Visit(mount.house, session, by, mount.clock() - ago)
