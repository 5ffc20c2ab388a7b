"""What a host's tests may use: a clock that is set by hand, and mail that stays where it can be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from flask import Flask

from paidsupport.kernel.mail.transports import MemoryTransport
from paidsupport.kernel.mount import KEY, Mount
from paidsupport.kernel.worker import Worker


class Clock:
    """A clock for `Mount.clock` that only moves when it is told to."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime(2034, 3, 14, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> datetime:
        """Move on by a timedelta's arguments: `clock.forward(hours=3)`."""
        self.now += timedelta(**length)
        return self.now


def mount_of(app: Flask) -> Mount:
    """The desk of `app`."""
    mount: Mount = app.extensions[KEY]
    return mount


def take_over(app: Flask, clock: Clock | None = None) -> tuple[Clock, MemoryTransport]:
    """Give `app` a clock set by hand and a memory for its mail; returns both."""
    mount = mount_of(app)
    clock, transport = clock or Clock(), MemoryTransport()
    mount.clock, mount.transport = clock, transport
    return clock, transport


def worker_of(app: Flask) -> Worker:
    """A worker for the desk of `app`."""
    mount = mount_of(app)
    with app.app_context():
        return Worker(mount.services, mount.database, mount.transport, mount.clock)


def work(app: Flask) -> list[EmailMessage]:
    """Do everything that a worker would do now; returns the mails that left, for `take_over`'s transport.

    As in a worker, no application is current while it is done.
    """
    mount = mount_of(app)
    before = len(mount.transport.sent) if isinstance(mount.transport, MemoryTransport) else 0
    worker_of(app).once()
    return mount.transport.sent[before:] if isinstance(mount.transport, MemoryTransport) else []
