"""What is kept of the answers of receivers of webhooks and of chats, in sentences; see `erp.sentences`."""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable

UNREACHED = storable(_("The webhook could not be reached: %(error)s."))
REFUSED = storable(_("The webhook answered with status %(status)s."))
REDIRECTED = storable(_("The webhook answered with status %(status)s. Redirects are not followed."))
NO_NAME = storable(_("The webhook's host could not be looked up: %(error)s."))
NOWHERE = storable(_("The webhook's host has no address."))
PRIVATE = storable(_("The webhook's host has an address that is not public. Nothing was sent."))
UNWANTED = storable(_("The webhook answered with status %(status)s: it wants no more events."))
UNSIGNED = storable(_("There is no secret to sign with. Make one."))
