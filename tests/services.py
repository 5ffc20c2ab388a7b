"""Changing services in tests as a manager does: their drafts first, and then a new version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations.publishing import publish
from paidsupport.catalogue.tables import Service
from paidsupport.kernel.configuration import history as configuration
from paidsupport.tickets import tables as tickets
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


def paid_to(desk: Desk, payee: str, code: str) -> str:
    """A ticket as if its service had been paid like that when it was ordered; returns its code."""
    with desk.ctx() as ctx:
        tickets.lock(ctx.session, code).payee = payee
    return code


def billed(desk: Desk, **order: Any) -> str:  # noqa: ANN401  # fields of an Order
    """An order that is paid by invoice."""
    return paid_to(desk, "after", desk.order(**order))
