"""Markdown of the guides as HTML: a parser that knows no HTML, and a sanitiser that trusts no parser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from paidsupport.kernel.i18n.languages import translate

if TYPE_CHECKING:
    from markdown_it.token import Token

#: Everything a guide may be made of; images would be fetched from elsewhere.
_TAGS = {
    *("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "ul", "ol", "li"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


def markdown(text: str) -> Markup | None:
    """`text` as HTML for a page that has its `<h1>` already; None without the extra `markdown`."""
    try:
        import nh3  # noqa: PLC0415  # an extra: a site without it shows its guides as plain text
        from markdown_it import MarkdownIt  # noqa: PLC0415  # likewise
    except ImportError:
        return None
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    tokens = parser.parse(translate(text))
    _lower_headings(tokens)
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704  # the sanitiser made it


def _lower_headings(tokens: Sequence[Token]) -> None:
    """Let a text's highest kind of heading be h2, the next one h3: whatever its author began with."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    used = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(2 + used.index(token.tag), 6)}"
