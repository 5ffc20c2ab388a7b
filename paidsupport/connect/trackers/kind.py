"""Trackers as kinds of connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from paidsupport.connect.trackers.kinds import tracker_kind
from paidsupport.connect.trackers.protocol import Abilities, Stage, Tracker
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.i18n.messages import Message
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

_MILESTONES = Value(
    "milestones",
    _("Releases without a milestone"),
    choices={"add": _("Add them to the project"), "leave": _("Don't add them, and say so")},
    default="add",
)
_REPOSITORY = Value("repository", _("Repository"), _("Its owner and its name, such as example/gallery."))
_TOKEN = _("Of an account made for the desk, which may read and write issues of the repository.")
_PATH = _("Enter the owner and the name with a slash between them.")
_GROUPS = _("Enter the path with its groups, with slashes between them.")
#: Open and closed is all that they tell apart, and the milestone is the release.
_OPEN_OR_CLOSED = Abilities(stages=frozenset({Stage.NEW, Stage.CLOSED}), one_release=True)


def _is_path(typed: str, most: int) -> bool:
    """Whether it is names with slashes between them, as addresses have them."""
    parts = typed.split("/")
    plain = typed.isascii() and all(each.isalnum() or each in "-_./" for each in typed)
    return plain and 2 <= len(parts) <= most and not {"", ".", ".."} & set(parts)  # noqa: PLR2004


def _wrong_repository(values: Values) -> Mapping[str, Message]:
    return {} if _is_path(values.get("repository", ""), 2) else {"repository": _PATH}


def _make_github(values: Values) -> Tracker:
    from paidsupport.connect.trackers.github import github  # noqa: PLC0415  # late, as above

    return github(values)


def _make_forgejo(values: Values) -> Tracker:
    from paidsupport.connect.trackers.forgejo import forgejo  # noqa: PLC0415  # late, as above

    return forgejo(values)


GITHUB = tracker_kind(
    "github",
    _("GitHub"),
    abilities=_OPEN_OR_CLOSED,
    values=(Value("token", _("Access token"), _TOKEN, secret=True), _REPOSITORY, _MILESTONES),
    make=_make_github,
    wrong=_wrong_repository,
    help=_(
        "In GitHub, make a fine-grained access token for the repository that may read and write issues."
        " The address is https://github.com, or that of your own server. Private issues aren't filed there."
    ),
)
FORGEJO = tracker_kind(
    "forgejo",
    _("Forgejo"),
    abilities=_OPEN_OR_CLOSED,
    values=(Value("token", _("Access token"), _TOKEN, secret=True), _REPOSITORY, _MILESTONES),
    make=_make_forgejo,
    wrong=_wrong_repository,
    help=_(
        "In Forgejo, make an access token that may read the user and the repository and write issues."
        " Private issues aren't filed there."
    ),
)


def _wrong_project(values: Values) -> Mapping[str, Message]:
    return {} if _is_path(values.get("project", ""), 20) else {"project": _GROUPS}


def _make_gitlab(values: Values) -> Tracker:
    from paidsupport.connect.trackers.gitlab import gitlab  # noqa: PLC0415  # late, as above

    return gitlab(values)


GITLAB = tracker_kind(
    "gitlab",
    _("GitLab"),
    abilities=replace(_OPEN_OR_CLOSED, private_issue=True, private_note=True),
    values=(
        Value(
            "token",
            _("Access token"),
            _("Of an account made for the desk, with a role that sees confidential issues in the project."),
            secret=True,
        ),
        Value("project", _("Project"), _("Its path, such as example/gallery.")),
        _MILESTONES,
    ),
    make=_make_gitlab,
    wrong=_wrong_project,
    help=_(
        "In GitLab, make a project access token with the role Developer and the scope “api”."
        " The address is https://gitlab.com, or that of your own server."
    ),
)
