"""Moving one of several things by buttons, as `ui.moves` draws them."""

from __future__ import annotations

from flask import redirect, request
from werkzeug import Response
from wtforms import HiddenField

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form


class MoveForm(Form):
    """Which of its buttons was pressed, and the place that was typed."""

    # the fields have other ids on the page, so that no sentence can lead to them
    to = HiddenField()
    place = HiddenField()

    @property
    def wanted(self) -> str:
        """Where the thing goes, as `kernel.configuration.order.moved` takes it."""
        to = self.to.data or ""
        return (self.place.data or "") if to == "place" else to

    def pressed(self, id_: str) -> str:
        """The id of the button that was pressed, in the form of the thing whose buttons begin with `id_`."""
        to = self.to.data or ""
        return f"{id_}-{'go' if to == 'place' else to}"


def moved(name: str, at: int, number: int, there: str) -> Response:
    """Say where a thing is now, and go back to the list.

    Args:
        name: What it is called.
        at: Its place, from 1.
        number: How many there are.
        there: The address of the list, with the button that has the focus again as `focus`.
    """
    flash(_("“%(name)s” is now %(at)s of %(number)s.", name=name, at=at, number=number), "ps-ok")
    return redirect(there, 303)


def focused() -> str:
    """The id of the button that was pressed before the page was shown."""
    return request.args.get("focus", "")
