"""The ERPs that the desk knows, as kinds of connections."""

from __future__ import annotations

from paidsupport.connect.erp.kinds import erp_kind
from paidsupport.connect.erp.protocol import Erp
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.i18n.messages import gettext as _


def _tryton(values: Values) -> Erp:
    from paidsupport.connect.erp.tryton import tryton  # noqa: PLC0415  # late: workers alone need it

    return tryton(values)


def _odoo(values: Values) -> Erp:
    from paidsupport.connect.erp.odoo import odoo  # noqa: PLC0415  # as above

    return odoo(values)


def _dolibarr(values: Values) -> Erp:
    from paidsupport.connect.erp.dolibarr import dolibarr  # noqa: PLC0415  # as above

    return dolibarr(values)


def _erpnext(values: Values) -> Erp:
    from paidsupport.connect.erp.erpnext import erpnext  # noqa: PLC0415  # as above

    return erpnext(values)


TRYTON = erp_kind(
    "tryton",
    _("Tryton"),
    values=(
        Value("database", _("Database"), _("Its name, as people choose it when they sign in.")),
        Value("key", _("Key"), _("Of a user made for the desk, for the application “rest”."), secret=True),
        Value(
            "account",
            _("Revenue account"),
            _("The code of the account for our invoices. Leave it empty for the usual one."),
            required=False,
        ),
    ),
    make=_tryton,
    binding=("database",),
    help=_(
        "In Tryton 8, add a user for the desk who is an employee of the company, and a key of that user for"
        " the application “rest”."
    ),
)

ODOO = erp_kind(
    "odoo",
    _("Odoo"),
    values=(
        Value(
            "database",
            _("Database"),
            _("Its name. Leave it empty if there is only one at this address."),
            required=False,
        ),
        Value("key", _("API key"), _("Of a user made for the desk."), secret=True),
    ),
    make=_odoo,
    binding=("database",),
    help=_("In Odoo 19, add a user for the desk with rights for sales and invoicing, and an API key of it."),
)

DOLIBARR = erp_kind(
    "dolibarr",
    _("Dolibarr"),
    values=(Value("key", _("API key"), _("Of a user made for the desk."), secret=True),),
    make=_dolibarr,
    help=_(
        "In Dolibarr, activate the modules for third parties, projects, invoices, agenda and REST, and add a"
        " user for the desk with an API key."
    ),
)

ERPNEXT = erp_kind(
    "erpnext",
    _("ERPNext"),
    values=(
        Value("key", _("API key"), _("Of a user made for the desk."), secret=True),
        Value("secret", _("API secret"), _("It belongs to the API key."), secret=True),
        Value("company", _("Company"), _("The name of the one that sells.")),
        Value("item", _("Item"), _("The code of the service that stands on our invoices.")),
    ),
    make=_erpnext,
    help=_(
        "In ERPNext 15 or 16, add a user for the desk with an API key, an item for services, and three fields"
        " that are unique and not copied: “custom_desk_customer” for Customer, “custom_desk_lead” for"
        " Opportunity, and “custom_desk_invoice” for Sales Invoice."
    ),
)

#: All of them.
KINDS = (TRYTON, ODOO, DOLIBARR, ERPNEXT)
