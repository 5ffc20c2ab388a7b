"""MantisBT as a kind of connection."""

from __future__ import annotations

from paidsupport.connect.trackers.kinds import tracker_kind
from paidsupport.connect.trackers.protocol import Abilities, Tracker
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.i18n.messages import gettext as _


def _make(values: Values) -> Tracker:
    from paidsupport.connect.trackers.mantis import mantis  # noqa: PLC0415  # late: workers alone need it

    return mantis(values)


MANTISBT = tracker_kind(
    "mantisbt",
    _("MantisBT"),
    abilities=Abilities(private_issue=True, private_note=True, etag=True),
    values=(
        Value(
            "token",
            _("API token"),
            _("Of an account made for the desk, with the access level “developer” in the project."),
            secret=True,
        ),
        Value("project", _("Project"), _("Its name, exactly as MantisBT shows it.")),
        Value(
            "category",
            _("Category"),
            _("Of the issues that the desk files. Leave it empty if the project needs none."),
            required=False,
        ),
        Value(
            "versions",
            _("Releases that MantisBT doesn't know"),
            choices={"add": _("Add them to the project"), "leave": _("Don't add them, and say so")},
            default="add",
        ),
    ),
    make=_make,
    help=_(
        "In MantisBT, add an account for the desk with the access level “developer” in the project."
        " Sign in with it and make an API token."
    ),
)
