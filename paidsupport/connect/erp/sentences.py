"""What is kept of the answers of an ERP, in sentences.

Pages say them in the language of their reader, and know those alone that their process has imported: so they
are apart from what calls an ERP, which only workers need.
"""

from __future__ import annotations

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable

UNREACHED = storable(_("The ERP could not be reached: %(error)s."))
BROKEN = storable(_("The connection to the ERP broke off, so it is unknown what it did: %(error)s."))
UNREADABLE = storable(_("The ERP’s answer could not be read."))
REDIRECTED = storable(_("The ERP sends us elsewhere. The key is never sent along. Correct its address."))
ANSWERED = storable(_("The ERP answered with status %(status)s."))
KEY_REFUSED = storable(_("The ERP refuses the key. Make a new one there and enter it."))
NOT_ALLOWED = storable(_("The ERP does not allow our user to do this. Give it more rights there."))
REFUSED = storable(_("The ERP refused it: %(said)s"))
NOT_THERE = storable(_("There is no Tryton with this database at this address, or it offers no REST."))
NO_ODOO = storable(_("There is no Odoo 19 at this address."))
NO_DOLIBARR = storable(_("There is no Dolibarr at this address, or it offers no REST."))
NO_ERPNEXT = storable(_("There is no ERPNext at this address."))
NO_FIELD = storable(_("The ERP has no unique field “%(field)s” for %(model)s. Add it there."))
NO_SUCH = storable(_("The ERP has no “%(name)s” (%(model)s). Correct it in the connection."))
GONE = storable(_("The ERP has no such record any more."))
NO_MODULE = storable(_("The ERP does not know “%(model)s”. Activate its module there."))
NO_COMPANY = storable(_("The ERP’s user for the desk belongs to no company. Enter one there."))
NO_EMPLOYEE = storable(_("The ERP’s user for the desk is no employee, and leads need one. Enter one there."))
NO_JOURNAL = storable(_("The ERP has no journal for revenue. Add one there."))
NO_CURRENCY = storable(_("The ERP does not know the currency %(currency)s. Add it there."))
NO_ACCOUNT = storable(_("The ERP has no open revenue account %(account)s. Correct its code."))
NO_USUAL_ACCOUNT = storable(
    _("The ERP has no usual revenue account. Enter the code of the one for our invoices.")
)
NO_RECEIVABLE = storable(_("The ERP has no usual account for what customers owe. Enter one there."))
NO_PARTY = storable(_("The ERP has no customer %(ref)s yet."))
NO_LEAD = storable(_("The ERP has no lead %(ref)s yet."))
NO_INVOICE = storable(_("The ERP has no invoice %(ref)s yet."))
STUCK = storable(_("The lead cannot be moved on in the ERP. Look there what it waits for."))
