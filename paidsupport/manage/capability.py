"""What managers set up in the browser, as a capability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Area, Entry, Group
from paidsupport.manage.audit import views as audit
from paidsupport.manage.file import views as file
from paidsupport.manage.first import views as first
from paidsupport.manage.reasons import views as reasons
from paidsupport.manage.settings import views as settings
from paidsupport.manage.setup import views as setup
from paidsupport.manage.staff.views import invitations, people, roles
from paidsupport.manage.ways import views as ways


def _background() -> Background:
    from paidsupport.manage.file import cli as file_commands  # noqa: PLC0415  # late: no page needs it
    from paidsupport.manage.file.jobs import JOBS as FILES  # noqa: PLC0415  # as above
    from paidsupport.manage.first import cli as first_cli  # noqa: PLC0415  # as above
    from paidsupport.manage.settings import cli  # noqa: PLC0415  # as above
    from paidsupport.manage.staff.jobs import JOBS  # noqa: PLC0415  # as above

    commands = (cli.commands, first_cli.command, file_commands.commands)
    return Background((*JOBS, *FILES), commands=commands)


def _configured() -> Sequence[Any]:
    from paidsupport.manage.file.parts import PARTS  # noqa: PLC0415  # late: it needs tomlkit
    from paidsupport.manage.reasons.file import Reasons  # noqa: PLC0415  # as above
    from paidsupport.manage.ways.file import Ways  # noqa: PLC0415  # as above

    return (*PARTS, Reasons(), Ways())


def _things() -> Mapping[str, Mapping[str, Any]]:
    from paidsupport.manage.telling import things  # noqa: PLC0415  # late: few pages tell changes

    return things()


def _api(_mounted: frozenset[str]) -> Sequence[ModuleType]:
    from paidsupport.manage.staff import api  # noqa: PLC0415  # late: it needs pydantic

    return (api,)


MANAGE = Capability(
    name="manage",
    requires=("tickets",),
    views=(setup, first, settings, reasons, ways, audit, file, people, invitations, roles),
    navigation=(
        Entry(92, _("Set up"), "paidsupport.setup", "e", Group.MANAGEMENT, "edit", for_managers=True),
    ),
    areas=(
        Area(
            40,
            _("Reasons"),
            _("Why tickets and issues end: what staff choose from, and what customers are told."),
            "paidsupport.reasons_setup",
            "tag",
        ),
        Area(
            45,
            _("Ways to pay"),
            _("How customers can pay the staff: bank transfer, PayPal and others."),
            "paidsupport.ways_setup",
            "state-paid",
        ),
        Area(
            50,
            _("Staff"),
            _("Who works here, invitations, roles, and the tokens of programs."),
            "paidsupport.staff_list",
            "person",
        ),
        Area(
            60,
            _("Settings"),
            _("Name, working hours, limits, claims, emails, files, invoices and the webhook."),
            "paidsupport.settings",
            "edit",
        ),
        Area(
            85,
            _("Export and import"),
            _("Everything that is set up here as one file."),
            "paidsupport.setup_file",
            "note",
        ),
        Area(
            90,
            _("Changes"),
            _("Who changed what here, and what it was before."),
            "paidsupport.changes",
            "clock",
        ),
    ),
    configured=_configured,
    things=_things,
    background=_background,
    api=_api,
)
