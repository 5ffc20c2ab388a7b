"""Acting as a person some time ago, to create the past of the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.context import Context
from paidsupport.kernel.mail.transports import KeepTransport
from paidsupport.kernel.mount import current
from paidsupport.kernel.worker import Worker


@contextmanager
def acting(by: Actor, ago: timedelta = timedelta()) -> Iterator[Context]:
    """A context in which `by` acts, some time ago."""
    mount = current()
    with mount.database.writing() as session:
        yield Context(mount.services, session, by, mount.clock() - ago)


def deliver(ago: timedelta) -> None:
    """Send the emails of a story at the time they were written, not today."""
    mount = current()
    Worker(mount.services, mount.database, KeepTransport(), lambda: mount.clock() - ago).once()
