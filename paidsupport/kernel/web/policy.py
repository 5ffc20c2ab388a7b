"""The Content-Security-Policy of our pages: strict, and as wide as the layout of the host needs it."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections import defaultdict
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask import g, request

from paidsupport.kernel.mount import Mount
from paidsupport.kernel.web.csrf import field_name
from paidsupport.settings import CSP, LAYOUT

log = logging.getLogger("paidsupport.policy")

#: By directive, the sources that a layout needs beyond those of the policy.
Guards = Mapping[str, tuple[str, ...]]

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
#: Which directives an attribute of a tag concerns. The fonts of a sheet come from where it does.
_LOADS = {
    ("script", "src"): ("script-src",),
    ("img", "src"): ("img-src",),
    ("iframe", "src"): ("frame-src",),
    ("form", "action"): ("form-action",),
}
_BODIES = re.compile(
    r"<(?:script|style)\b[^<>]*+>((?:[^<]++|<(?!/(?:script|style)))*+)", re.DOTALL | re.IGNORECASE
)
_INLINE = {"script": "script-src", "style": "style-src"}


class _Reader(HTMLParser):
    """Collects what a layout has inline, and what it loads from elsewhere."""

    def __init__(self, own: str) -> None:
        super().__init__()
        self.found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._own = own
        self._inside: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _INLINE and not given.get("src"):
            self._inside = []
        for name, value in given.items():
            if name == "style":
                self._guard("style-src-attr", "'unsafe-inline'")
            elif name.startswith("on"):
                self._guard("script-src-attr", "'unsafe-hashes'")
                self._guard("script-src-attr", _hash(value))
            for directive in _LOADS.get((tag, name), ()):
                self._load(directive, value)
        if tag == "link" and "stylesheet" in given.get("rel", "").lower().split():
            self._load("style-src", given.get("href", ""))
            self._load("font-src", given.get("href", ""))

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self._inside.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in _INLINE and self._inside is not None:
            self._guard(_INLINE[tag], _hash("".join(self._inside)))
            self._inside = None

    def _load(self, directive: str, address: str) -> None:
        try:
            host = urlsplit(address).netloc.rpartition("@")[2]
        except ValueError:
            return
        if host and host != self._own and _HOST.fullmatch(host):
            self._guard(directive, host)

    def _guard(self, directive: str, source: str) -> None:
        self.found[directive][source] = None


def guards_of(layout: str, own: str) -> Guards:
    """What a layout needs of a policy that allows nothing inline and nothing from other hosts than `own`."""
    reader = _Reader(own)
    reader.feed(layout)
    reader.close()
    return {directive: tuple(sources) for directive, sources in reader.found.items()}


def widened(policy: str, guards: Guards) -> str:
    """`policy` with what is needed added to each directive, which begins with what holds without it."""
    parts = [part.split() for part in policy.split(";") if part.strip()]
    directives = {name: sources for name, *sources in parts}
    for directive, sources in guards.items():
        fallback = [] if directive.endswith("-attr") else directives.get("default-src", [])
        directives[directive] = [*directives.get(directive, fallback), *sources]
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


def without_passing(layout: str, *values: str) -> str:
    """A layout without attributes that are different on each page, if no script has these values.

    So it is read once, and not again for each token. A script that holds one is another script each time.
    """
    inside = "".join(_BODIES.findall(layout))
    for value in values:
        if value and value not in inside:
            for name in ("value", "content", "nonce"):
                layout = layout.replace(f' {name}="{value}"', "")
    return layout


def note_needs(mount: Mount, layout: str) -> None:
    """Keep, for the headers of this answer, what the layout around it needs; the log is told once."""
    settings = mount.settings
    if settings.csp != CSP or settings.layout == LAYOUT:
        return
    lasting = without_passing(layout, g.get(field_name(), ""), mount.nonce())
    guards = mount.drawn.get(("layout", lasting), lambda: guards_of(layout, request.host))
    if not guards:
        return
    g.paidsupport_csp = widened(CSP, guards)
    if "layout" not in mount.warned:
        mount.warned.add("layout")
        log.warning(
            "the layout %s needs more than our Content-Security-Policy allows (%s): it is added on each page."
            " What its scripts and sheets load in turn is not known: set PAIDSUPPORT_CSP if something is"
            " missing.",
            *(settings.layout, ", ".join(sorted(guards))),
        )


def _hash(text: str) -> str:
    """The source expression for exactly this text, as browsers see it."""
    seen = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'sha256-{base64.b64encode(hashlib.sha256(seen.encode()).digest()).decode()}'"
