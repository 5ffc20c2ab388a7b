"""The log of an organisation's record: who did what and when, never what was typed (T8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Log
from paidsupport.sales.organisations.queries.records import by_reference
from paidsupport.sales.organisations.tables import Organisation, OrganisationChange

_Row = tuple[Organisation, Mapping[str, object], Mapping[str, Any]]


class _Log(Log[Context, Organisation]):
    """Its lines are not chained; the version of the record grows with each."""

    def open(
        self,
        context: Context,
        record: Organisation,
        kind: str,
        data: Mapping[str, object],
        line: Mapping[str, Any],
    ) -> None:
        """Write the record first, because the line needs its id."""
        context.session.add(record)
        context.session.flush()
        self.write_lines(context, kind, [(record, data, line)])

    def write(
        self,
        context: Context,
        record: Organisation,
        kind: str,
        data: Mapping[str, object],
        line: Mapping[str, Any],
        columns: Mapping[str, object],
    ) -> None:
        """Write the columns together with the next version."""
        for name, value in columns.items():
            setattr(record, name, value)
        record.version += 1
        record.changed_at = context.now
        self.write_lines(context, kind, [(record, data, line)])

    def write_lines(self, context: Context, kind: str, lines: Iterable[_Row]) -> None:
        """Add the lines to the session, and flush."""
        for record, _, line in lines:
            context.session.add(
                OrganisationChange(
                    organisation_id=record.id,
                    kind=kind,
                    by_id=context.by.id,
                    by_name=context.by.name,
                    at=context.now,
                    key=line.get("key"),
                    fingerprint=line.get("fingerprint"),
                )
            )
        context.session.flush()


ORGANISATIONS = _Log(
    OrganisationChange,
    "organisation_id",
    lock=lambda ctx, reference: by_reference(ctx.session, reference, lock=True),
    salt=("organisation",),
)
edit, create, tell = ORGANISATIONS.edit, ORGANISATIONS.create, ORGANISATIONS.tell
