"""The settings as they are now: what is configured, and over it what managers have changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from paidsupport.kernel.calendars import hours_of
from paidsupport.kernel.configuration import queries
from paidsupport.kernel.configuration.reasons import overlaid
from paidsupport.kernel.context import Services
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.ways.overlay import ways_of
from paidsupport.kernel.ways.rules import WayToPay
from paidsupport.kernel.workflow import Workflow
from paidsupport.settings import Settings

log = logging.getLogger("paidsupport.settings")

#: How long another process may go on with the settings from before a change.
EVERY = timedelta(seconds=2)


class Present:
    """The settings of one mounted desk in this process.

    Args:
        configured: What the deployment has configured.
        changed: Called once there is something to take over.
        opened: Gives the secret that a sealed setting holds, by its name and value.
        declared: The workflows of all records, without what managers made of their reasons.
    """

    def __init__(
        self,
        configured: Settings,
        changed: Callable[[], None],
        opened: Callable[[str, Any], Any] = lambda _name, value: value,
        declared: Mapping[str, Workflow] = MappingProxyType({}),
    ) -> None:
        self._configured = self.settings = configured
        self._hours = hours_of(configured)
        self.declared = self.workflows = declared
        self.ways: Sequence[WayToPay] = ways_of(())
        self.edition = 0
        self._changed, self._opened = changed, opened
        self._looked_at: datetime | None = None

    @property
    def configured(self) -> Settings:
        """What the deployment has configured, without any change of a manager."""
        return self._configured

    def expire(self, session: Session) -> None:
        """Look again before the next operation, and once `session` commits: it has just changed a setting."""
        self._forget()
        # until then other threads see what was before, and would keep it for two seconds
        if not event.contains(session, "after_commit", self._forget):
            event.listen(session, "after_commit", self._forget)

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to look what managers have changed."""
        return self._looked_at is None or not -EVERY < now - self._looked_at < EVERY

    def of(self, services: Services, session: Session, now: datetime) -> Services:
        """The services with the settings as they are at `now`; the same ones if nothing has changed."""
        if self.is_due(now):
            # noted first: if a change is committed while this looks, it is looked again
            self._looked_at = now
            try:
                self._look(session.connection())
            except BaseException:
                self._forget()
                raise
        return services if services.edition == self.edition else self.taken_over(services)

    def taken_over(self, services: Services) -> Services:
        """The services with what managers had changed when it was looked at last."""
        return replace(
            services,
            settings=self.settings,
            hours=self._hours,
            workflows={name: self.workflows.get(name, flow) for name, flow in services.workflows.items()},
            edition=self.edition,
        )

    def _forget(self, _session: Session | None = None) -> None:
        self._looked_at = None

    def _look(self, connection: Connection) -> None:
        edition = queries.edition(connection)
        if edition != self.edition:
            self.settings = self._overlaid(queries.values(connection))
            # once for each change: a worker takes it over anew in every operation
            self._hours = hours_of(self.settings)
            self.workflows = overlaid(self.declared, queries.reasons(connection))
            self.ways = ways_of(queries.ways(connection))
            self.edition = edition
            self._changed()

    def _overlaid(self, values: Mapping[str, Any]) -> Settings:
        """What is configured with the values over it; one that cannot be used any more is left out."""
        settings = self._configured
        for name, value in values.items():
            if value is None:
                continue
            try:
                tried = settings.overlaid({name: self._opened(name, value)})
                hours_of(tried)
            except ConfigurationError as error:
                log.error("the setting %s is left as it is configured: %s", name, error)  # noqa: TRY400  # it says all
                continue
            settings = tried
        return settings
