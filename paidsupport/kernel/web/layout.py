"""A page of ours inside the layout of a host, each rendered with nothing of the other in its context.

First the page is rendered by itself, into its title and its content; then the layout is, and of us it finds
nothing but `paidsupport`. So a layout may have a `form`, a `page` or a `title` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from flask import current_app, g, render_template, request, url_for
from jinja2 import Template
from markupsafe import Markup

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.counts import MOST_UNREAD
from paidsupport.kernel.i18n.languages import Language, spoken
from paidsupport.kernel.mount import current
from paidsupport.kernel.navigation import Navigation
from paidsupport.kernel.unsent.drafts import Saved
from paidsupport.kernel.web import flashes as notices
from paidsupport.kernel.web import policy
from paidsupport.kernel.web.forms import Sealed
from paidsupport.kernel.web.loader import ROOT

#: What `_layout.html` puts between title and content. It cannot be typed: what people type is escaped.
SEPARATOR = Markup("<!-- paidsupport: the content begins -->")
_EMPTY = Markup()
#: The page that leads to all that managers set up.
_SETUP = "paidsupport.setup"
_HTMX = "vendor/htmx.min.js"
#: Our script files, in the order in which they run. Every page loads them: each does nothing where it finds
#: no marks of its own.
SCRIPTS = ("paidsupport.js", "drafts.js")
#: Those that only pages of staff load.
STAFF_SCRIPTS = ("palette.js", "lists.js")
#: The addresses below that of the queue whose pages belong to its entry in the bar.
_OF_THE_QUEUE = {"tickets", "mine"}


@dataclass(slots=True)
class PageContext:
    """What templates of ours, and the host's layout around them, know as `paidsupport`."""

    layout: str
    name: str
    #: The script files of a page.
    scripts: Sequence[str]
    #: What marks scripts as the host's own, if its policy wants such a mark.
    nonce: str
    language: Language
    person: Actor | None
    #: Their notices that are not read yet.
    unread: int
    poll_seconds: int
    dev_mail: bool
    notices: Callable[[], list[tuple[str, str]]]
    #: The links of the mounted capabilities, as far as they are for this person.
    navigation: Navigation
    #: The address of the site's page for signing out, if it has one.
    sign_out: str
    #: The names of the mounted capabilities: a page links to those alone.
    capabilities: Collection[str]
    separator: Markup = SEPARATOR
    #: The page itself, for the layout around it.
    title: Markup = _EMPTY
    content: Markup = _EMPTY

    @property
    def unread_shown(self) -> str:
        """How many notices are not read, as far as they are counted: “99+”."""
        return f"{MOST_UNREAD}+" if self.unread > MOST_UNREAD else str(self.unread)

    @property
    def drafts(self) -> list[Saved]:
        """Drafts of forms on this page."""
        return list(g.get("paidsupport_drafts", list)())

    @property
    def sealed(self) -> Markup:
        """What a form of buttons sends unseen."""
        return Sealed().sealed

    @property
    def bar(self) -> Sequence[str]:
        """What stands before the search and what after it, with the link to this page marked.

        Drawn once for a person and the number of their news.
        """
        # a person stands for their links; the address of the queue for where this visitor reaches the desk
        key = ("bar", queue := url_for("paidsupport.queue"), self.person, self.unread_shown)
        bar = current().drawn.get(key, lambda: draw("_bar.html", {"paidsupport": self}))
        for address, kind in _marked(request.script_root + request.path, queue).items():
            here = f'href="{address}"'
            bar = bar.replace(here, Markup(f'{here} aria-current="{kind}"'), 1)  # noqa: S704
        return bar.split(SEPARATOR)

    @property
    def trail(self) -> list[tuple[str, str]]:
        """The way from “Set up” to this page, if it is below it: labels with their addresses."""
        entry = next((each for each in self.navigation.all if each.endpoint == _SETUP), None)
        if not entry:
            return []
        path, top = request.script_root + request.path, url_for(entry.endpoint)
        areas = [(each.label, url_for(each.endpoint)) for each in current().capabilities.areas]
        above = [(label, url) for label, url in areas if f"{path}/".startswith(f"{url}/")]
        if path == top or not (above or path.startswith(top)):
            return []
        return [(entry.label, top), *((label, url) for label, url in above if url != path)]

    def keys_dialog(self, own: Sequence[tuple[str, str]] = ()) -> Markup:
        """The list of keys, with a page's `own` on top, and the palette; drawn once for everybody."""
        key = ("keys", url_for("paidsupport.queue"), *own)
        return current().drawn.get(key, lambda: draw("_keys.html", {"own_keys": list(own)}))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page of ours without the layout around it, and the mark that its scripts carry."""

    title: Markup
    content: Markup
    nonce: str


def page_context() -> PageContext:
    """Everything our own layout needs, for the present request."""
    mount = current()
    settings = mount.settings
    person = g.get("paidsupport_person")
    manages = person is not None and person.is_manager
    return PageContext(
        layout=settings.layout,
        name=settings.name,
        scripts=_scripts(bundled=settings.htmx == "bundled", staff=person is not None),
        nonce=mount.nonce(),
        language=spoken(),
        person=person,
        unread=g.get("paidsupport_unread", 0),
        poll_seconds=settings.poll_seconds,
        dev_mail=settings.dev_mail,
        notices=notices.take,
        navigation=mount.capabilities.navigation(manages=manages),
        sign_out=settings.sign_out,
        capabilities=mount.capabilities.names,
    )


def _marked(path: str, queue: str) -> dict[str, str]:
    """The addresses of the bar that a page is at or below, with what is said of each there."""
    first = path.removeprefix(queue).partition("/")[0]
    section = queue if first in _OF_THE_QUEUE else queue + first
    return {section: "true", path: "page"}


def _scripts(*, bundled: bool, staff: bool) -> Sequence[str]:
    return (*((_HTMX,) if bundled else ()), *SCRIPTS, *(STAFF_SCRIPTS if staff else ()))


def draw(template: str, context: Mapping[str, object]) -> Markup:
    """A part of a page that knows nothing of who asks for it but what it is given, to be kept."""
    mount = current()
    shared = SimpleNamespace(capabilities=mount.capabilities.names)
    html = mount.templates.get_template(f"paidsupport/{template}").render({"paidsupport": shared, **context})
    return Markup(html.strip())  # noqa: S704  # Jinja escaped it


@cache
def _is_ours(filename: str) -> bool:
    return Path(filename).is_relative_to(ROOT)


def within(page: Template, ours: PageContext, context: Mapping[str, object]) -> dict[str, object]:
    """What `page` is rendered with: ours, and the host's too if the host has a version of its own."""
    theirs: dict[str, object] = {}
    if not _is_ours(page.filename or ""):
        current_app.update_template_context(theirs)
    return {**theirs, "paidsupport": ours, **context}


def in_layout(page: Template, context: Mapping[str, object]) -> str:
    """The whole page, in the layout of the host."""
    ours = page_context()
    html = Markup(page.render(within(page, ours, context)))  # noqa: S704  # Jinja escaped it
    if SEPARATOR not in html:
        return html  # a version of the host's that is a page by itself
    title, _, content = html.partition(SEPARATOR)
    g.paidsupport_drawn = Drawn(title, content, ours.nonce)
    return framed(ours, title, content)


def framed(ours: PageContext, title: Markup, content: Markup) -> str:
    """A page of ours that is drawn already, in the layout of the host."""
    mount = current()
    frame = mount.templates.get_template("paidsupport/_frame.html")
    ours.title, ours.content = title, content
    whole = render_template(frame, paidsupport=ours)
    # the layout alone, the same for every page
    policy.note_needs(mount, whole.replace(content, "", 1).replace(title, "", 1))
    return whole
