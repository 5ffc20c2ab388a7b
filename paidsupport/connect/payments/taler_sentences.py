"""What is kept of the answers of a merchant backend, in sentences.

Pages say them in the language of their reader, and know those alone that their process has imported: so they
are apart from what calls the backend, which only workers need.
"""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable

UNREACHED = storable(_("The merchant backend could not be reached: %(error)s."))
BROKEN = storable(_("The merchant backend did not say what it did: %(error)s."))
UNREADABLE = storable(_("The merchant backend answered something else than expected: %(error)s."))
REDIRECTED = storable(
    _("The merchant backend sends us elsewhere. The access token is never sent along. Correct its address.")
)
REFUSED = storable(_("The merchant backend refuses the access token. Make a new one there and enter it."))
NOT_ALLOWED = storable(_("The access token does not reach so far. Make one with more rights and enter it."))
NO_INSTANCE = storable(_("The merchant backend has no such instance. Correct its address."))
DELETED = storable(_("The order was deleted at the merchant backend."))
TAKEN = storable(_("The merchant backend has another order %(order)s: %(said)s."))
LAWFUL = storable(_("The payment service must not take this payment for legal reasons: %(said)s."))
TOO_LATE = storable(_("The time for refunds of this payment has passed. Pay back in another way."))
TOO_MUCH = storable(_("The merchant backend does not pay back so much: %(said)s."))
NO_REFUNDS = storable(_("This payment was made without refunds, or the access token allows none: %(said)s."))
NOT_PAID = storable(_("The merchant backend has no such payment to pay back."))
ANSWERED = storable(_("The merchant backend answered %(status)s: %(said)s."))
