"""A person's notification settings, on their profile (P8)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.staff.concerns import Concern
from paidsupport.kernel.staff.views import profile_page, to_profile
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.notices.forms import NoticesForm
from paidsupport.tickets.notices.operations import digests


@route("/desk/profile/notices", Who.STAFF, ("POST",))
def prefer(ctx: Context) -> ResponseReturnValue:
    """Save how this person wants to be notified."""
    form = NoticesForm()
    wanted = {name.value: form[name].data or "" for name in Concern}
    hour = whole_number(form.digest_hour.data or "", digits=2)
    if form.send(ctx, lambda: digests.prefer(ctx, wanted, -1 if hour is None else hour)):
        return to_profile(_("Notifications saved."))
    return profile_page(ctx, form), form.status


@section("profile", "tickets/notices/_preferences_section.html", 10)
def _preferences_section(ctx: Context, _view: None, refused: Form) -> dict[str, Any]:
    if isinstance(refused, NoticesForm):
        return {"form": refused}
    kept = digests.preference(ctx)
    return {"form": NoticesForm(formdata=None, data=kept.said | {"digest_hour": str(kept.digest_hour)})}


#: The sections it adds to the profiles of staff.
SECTIONS = (_preferences_section,)
