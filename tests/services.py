"""Changing services in tests as a manager does: their drafts first, and then a new version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations.publishing import publish
from paidsupport.catalogue.tables import Service
from paidsupport.kernel.configuration import history as configuration
from tests.people import Desk


@contextmanager
def published(desk: Desk, slug: str = "installation", word: str = "For a test.") -> Iterator[Service]:
    """The draft of a service, which is published afterwards."""
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
        service = ctx.session.scalars(select(Service).where(Service.slug == slug)).one()
        yield service
        ctx.session.flush()
        if not publish(ctx, change, [service], word):
            change.nothing_new()


def publish_all(desk: Desk, word: str = "For a test.") -> None:
    """Publish every draft that has changed."""
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
        if not publish(ctx, change, catalogue.every_service(ctx.session), word):
            change.nothing_new()
