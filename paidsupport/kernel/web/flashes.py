"""Notices for the next page of ours.

Flask's flashed messages belong to the host: its layout shows all there are, so ours would stand there twice,
and asking for ours would use up theirs.
"""

from __future__ import annotations

from flask import session

from paidsupport.kernel.i18n.languages import translate

_KEY = "paidsupport_notices"


def flash(text: str, kind: str) -> None:
    """Keep `text` for the next page, in the language spoken; `kind` is ps-ok, ps-warn or ps-bad."""
    session[_KEY] = [*session.get(_KEY, []), (kind, str(translate(text)))]


def take() -> list[tuple[str, str]]:
    """What was kept, as pairs of kind and text; it is shown once."""
    return list(session.pop(_KEY)) if _KEY in session else []
