"""The blueprint and what is true for every page of ours, and for no page of the host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NoReturn

from flask import Blueprint, Response, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import BaseLoader
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.db.keys import is_second_use_of_a_key
from paidsupport.kernel.errors import ConfigurationError, KeyReusedError, NotFoundError, PaidSupportError
from paidsupport.kernel.i18n.languages import spoken
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import ngettext
from paidsupport.kernel.mount import current
from paidsupport.kernel.routes import add_routes
from paidsupport.kernel.web import filters, kept, speech
from paidsupport.kernel.web import flashes as notices
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.loader import CapabilityLoader
from paidsupport.kernel.web.static_files import FOLDER, KEPT_SECONDS, version

#: Addresses of customers' pages are secrets: other sites never see them.
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
_MEGABYTE = 1024 * 1024
#: Room for everything in a form that is no file.
_TEXT_MEGABYTES = 4


def catch_up() -> None:
    """Take over what managers have changed, before anything of a request depends on it, like its language.

    Files are the same for all, and are there while the database is not.
    """
    if request.endpoint != "paidsupport.static":
        current().refresh()


def limit_size() -> None:
    """Our own limits, whatever the host allows elsewhere."""
    environ = request.environ
    if not environ.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" not in environ:
        return  # nothing came that could be too large
    settings = current().settings
    with_files = request.mimetype == "multipart/form-data"
    files = settings.files_at_once * settings.file_megabytes if with_files else 0
    # the number of fields is limited in multipart forms alone: others cost time by their size
    texts = _TEXT_MEGABYTES if with_files else 1
    request.max_content_length = (files + texts) * _MEGABYTE
    request.max_form_memory_size = texts * _MEGABYTE


def harden(response: Response) -> Response:
    """Headers of our pages; a host that sets its own keeps them."""
    headers, own = response.headers, dict(_HEADERS)
    if csp := g.get("paidsupport_csp", current().settings.csp):
        own["Content-Security-Policy"] = csp
    theirs = set(headers.keys(lower=True))
    for name, value in own.items():
        if name.lower() not in theirs:
            headers.add(name, value)
    if request.endpoint != "paidsupport.static":
        headers["Cache-Control"] = "no-store"
        speech.tell(response)
    return response


def refused(error: PaidSupportError) -> ResponseReturnValue:
    """A sentence on a page of its own, for what no form has shown already."""
    return show("error.html", title=error.title, error=error), error.status


def misconfigured(error: ConfigurationError) -> NoReturn:
    """For the site's log and its own page for errors, not for visitors."""
    raise error


def nothing_here(_error: Exception) -> ResponseReturnValue:
    """The one page for everything that is not there or not yours."""
    return refused(NotFoundError())


def too_large(_error: Exception) -> ResponseReturnValue:
    """Say how large files may be, since the form itself could not be read."""
    settings = current().settings
    sentence = ngettext(
        "That was too much at once. Send at most %(num)s file of up to %(megabytes)s MB."
        " Go back in your browser to find what you typed.",
        "That was too much at once. Send at most %(num)s files of up to %(megabytes)s MB each."
        " Go back in your browser to find what you typed.",
        settings.files_at_once,
        megabytes=settings.file_megabytes,
    )
    return show("error.html", title=_("Too large"), error=PaidSupportError(sentence)), 413


def done_already(error: IntegrityError) -> ResponseReturnValue:
    """The database itself refused to do a thing twice; anything else it refuses is a fault of ours."""
    if not is_second_use_of_a_key(error):
        raise error
    return refused(KeyReusedError())


def no_such_value(_error: DataError) -> ResponseReturnValue:
    """An address held something that no column can: then nothing is there."""
    return refused(NotFoundError())


def database_away(error: OperationalError) -> ResponseReturnValue:
    """The database cannot be reached or has no room, and we say so."""
    current_app.logger.error("paidsupport: database unavailable: %s", type(error.orig).__name__)
    notices.take()  # what a page wanted to tell of has not happened
    # without the host's template context: looking up who is signed in may need the same database
    page = current().templates.get_template("paidsupport/away.html")
    style = url_for("paidsupport.static", filename="paidsupport.css", v=version("paidsupport.css"))
    return page.render(name=current().settings.name, style=style, language=spoken()), 503


_HANDLERS: Sequence[tuple[type[Exception] | int, Callable[[Any], ResponseReturnValue]]] = (
    (PaidSupportError, refused),
    (ConfigurationError, misconfigured),
    (404, nothing_here),
    (413, too_large),
    (IntegrityError, done_already),
    (DataError, no_such_value),
    (OperationalError, database_away),
)


class Pages(Blueprint):
    """A blueprint whose templates lie beside the code of each capability."""

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """A year for a file at the address of its present content, otherwise what the host app says.

        Not in debug mode, in which people change our files and look.
        """
        if filename and not current_app.debug and request.args.get("v") == version(filename):
            return KEPT_SECONDS
        return super().get_send_file_max_age(filename)

    @cached_property
    def jinja_loader(self) -> BaseLoader | None:
        """Where Flask looks for templates after the host's."""
        return CapabilityLoader()


def pages_of(capabilities: Capabilities) -> Blueprint:
    """The blueprint of a desk's pages, with the templates and static files of all."""
    blueprint = Pages(
        "paidsupport",
        "paidsupport",
        static_folder=str(FOLDER),
        static_url_path="/static",
    )
    add_routes(blueprint, capabilities.all("views"))
    for name, each in {**filters.ALL, **capabilities.merged("filters")}.items():
        blueprint.add_app_template_filter(each, f"paidsupport_{name}")
    blueprint.before_request(catch_up)
    blueprint.before_request(speech.begin)
    blueprint.before_request(limit_size)
    blueprint.after_request(harden)
    blueprint.after_request(kept.by_redirect)  # before that: they run from the last to the first
    blueprint.teardown_request(speech.end)
    for kind, handler in _HANDLERS:
        blueprint.register_error_handler(kind, handler)
    return blueprint
