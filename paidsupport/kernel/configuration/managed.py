"""What managers set up themselves, each declared once: where it stands, its words, and what it can be.

A field of `Settings` belongs to the deployment (`DEPLOYED`), is a setting that managers change (`MANAGED`),
or is what rows of another page start from (`STARTING`). A `PAIDSUPPORT_*` key of the last two still works: it
is the value until a manager changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum, auto

from paidsupport.kernel.i18n.messages import Message, _
from paidsupport.kernel.seller import Seller

#: What only the deployment decides: how the desk is built into the site, and the keys to everything.
DEPLOYED = (
    *("url_prefix", "layout", "sign_out", "base_url", "mail_url", "files", "vault_keys", "dev_mail"),
    *("htmx", "csp", "relaxed_durability", "webhook_private", "connections_private"),
    *("api_per_hour", "poll_seconds"),
    *("fresh_minutes", "mail_signed_return_path"),
)
#: What is configured and managed elsewhere: mailboxes, and rules of tone.
STARTING = ("mailboxes", "tone_rules")
#: What stands before the names of the fields of the seller.
SELLER = "seller_"


class Kind(StrEnum):
    """What a setting holds."""

    LINE = auto()
    NUMBER = auto()
    YES_NO = auto()
    ADDRESS = auto()
    ZONE = auto()
    HOURS = auto()
    HOLIDAYS = auto()
    CLOSED = auto()
    HOSTS = auto()
    LANGUAGES = auto()
    WORKFLOWS = auto()
    LINK = auto()
    SECRET = auto()
    #: A part of the setting `seller`, which is one value.
    SELLER = auto()


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that stand on one page."""

    name: str
    label: Message
    hint: Message
    #: When a change of them holds, if not at once.
    note: Message | None = None


@dataclass(frozen=True, slots=True)
class Managed:
    """A setting, or a field of one, that managers change.

    Attributes:
        name: The field of `Settings`; that of a seller has `SELLER` before it.
        group: The name of its group.
        least: The smallest number that it can be.
        most: The greatest.
        needed: Whether it cannot be empty.
    """

    name: str
    group: str
    kind: Kind
    label: Message
    hint: Message | None = None
    least: int = 1
    most: int = 100_000
    needed: bool = False

    @property
    def setting(self) -> str:
        """The name of the setting that it is, or belongs to."""
        return "seller" if self.kind is Kind.SELLER else self.name


GROUPS = (
    Group("name", _("Name and languages"), _("What the desk is called, and what it speaks.")),
    Group("times", _("Working hours"), _("When the desk works: its time zone, hours and public holidays.")),
    Group("limits", _("Limits"), _("How much one visitor can send, and what the desk sends by itself.")),
    Group(
        "claims",
        _("Claims and deadlines"),
        _("How long claims last, who is told next, and when feedback is due."),
        _(
            "A change applies to claims that begin or are renewed from now on: none that runs gets shorter. A"
            " service can have claims of its own length."
        ),
    ),
    Group("emails", _("Emails"), _("Who emails are from, and where replies go.")),
    Group("files", _("Files"), _("How large files may be, and how many.")),
    Group(
        "invoices",
        _("Invoices"),
        _("Who invoices are from, and how long they are kept."),
        _("Leave the company's fields empty if the desk writes no invoices. Issued invoices never change."),
    ),
    Group("connections", _("Connections"), _("The webhook, and the hosts that issues may point to.")),
)

_TEXTS = (
    Managed("name", "name", Kind.LINE, _("Name of the desk"), _("In pages and emails."), needed=True),
    Managed(
        "languages",
        "name",
        Kind.LANGUAGES,
        _("Languages"),
        _("Their tags, separated by commas, the usual one first: en, de. Empty: all that the desk speaks."),
    ),
    Managed("ratings", "name", Kind.YES_NO, _("Ask customers to rate the work when it is done")),
)
_TIMES = (
    Managed(
        "time_zone",
        "times",
        Kind.ZONE,
        _("Time zone"),
        _("For the working hours, and for every time that is shown or entered: Europe/Berlin, for example."),
        needed=True,
    ),
    Managed(
        "working_hours",
        "times",
        Kind.HOURS,
        _("Hours of the week"),
        _("Like Mon-Thu 09:00-12:00, 13:00-17:00, Fri 09:00-13:00; or always."),
        needed=True,
    ),
    Managed(
        "holidays",
        "times",
        Kind.HOLIDAYS,
        _("Public holidays"),
        _("Of a country or one of its regions, by their ISO codes: DE, DE-BY. Empty: none."),
    ),
    Managed(
        "closed_days",
        "times",
        Kind.CLOSED,
        _("Closed days"),
        _(
            "When the desk is closed as well, separated by commas: 2026-12-24 to 2027-01-01, 2027-05-14. No"
            " deadline runs then."
        ),
    ),
)
_LIMITS = (
    Managed(
        "orders_per_hour",
        "limits",
        Kind.NUMBER,
        _("Orders and messages per hour"),
        _("From one network address."),
    ),
    Managed(
        "lookups_per_hour",
        "limits",
        Kind.NUMBER,
        _("Requests for codes and links per hour"),
        _("From one network address."),
    ),
    Managed(
        "automatic_mails_per_hour",
        "limits",
        Kind.NUMBER,
        _("Automatic emails per hour"),
        _("To one address."),
    ),
    Managed(
        "acknowledgements_per_hour",
        "limits",
        Kind.NUMBER,
        _("Acknowledgements of email per hour"),
        _("To all addresses together."),
    ),
    Managed(
        "link_days",
        "limits",
        Kind.NUMBER,
        _("Days that private pages stay open"),
        _("After the ticket has ended."),
        most=3650,
    ),
    Managed(
        "gap_unhappy",
        "limits",
        Kind.NUMBER,
        _("Requests in which a page did not help"),
        _("So many within 90 days open a documentation issue."),
        most=1000,
    ),
    Managed(
        "gap_repeated",
        "limits",
        Kind.NUMBER,
        _("Requests with the same question"),
        _("So many within 90 days open a documentation issue."),
        most=1000,
    ),
)
_CLAIMS = (
    Managed(
        "claim_hours",
        "claims",
        Kind.NUMBER,
        _("Hours of a claim"),
        _("After so many hours a claim lapses if its owner does nothing."),
        most=8760,
    ),
    Managed(
        "work_hours",
        "claims",
        Kind.NUMBER,
        _("Hours of a claim during work"),
        _("The same once work has started, and while the ticket waits for the customer."),
        most=8760,
    ),
    Managed(
        "cascade",
        "claims",
        Kind.WORKFLOWS,
        _("Tickets that climb the roster"),
        _("If one of these isn't claimed, the people on duty are told one after the other."),
    ),
    Managed(
        "cascade_minutes",
        "claims",
        Kind.NUMBER,
        _("Working minutes until the next person is told"),
        most=10_000,
    ),
    Managed(
        "feedback_hours",
        "claims",
        Kind.NUMBER,
        _("Working hours until feedback on an issue is due"),
        most=2000,
    ),
)
_EMAILS = (
    Managed(
        "mail_from",
        "emails",
        Kind.ADDRESS,
        _("Sender"),
        _("Of all emails. Your mail server must allow it."),
        needed=True,
    ),
    Managed(
        "mail_reply_to",
        "emails",
        Kind.ADDRESS,
        _("Mailbox for replies"),
        _("A plus sign and a token are put before its @. Empty: emails say nothing about replies."),
    ),
)
_FILES = (
    Managed("file_megabytes", "files", Kind.NUMBER, _("Largest file, in megabytes"), most=2000),
    Managed("files_at_once", "files", Kind.NUMBER, _("Most files in one form"), most=50),
    Managed("ticket_megabytes", "files", Kind.NUMBER, _("All files of one ticket, in megabytes")),
)


def _of_seller(name: str, label: Message, hint: Message | None = None) -> Managed:
    return Managed(f"{SELLER}{name}", "invoices", Kind.SELLER, label, hint)


_INVOICES = (
    _of_seller("name", _("Name of the company")),
    _of_seller("street", _("Street")),
    _of_seller("postcode", _("Postcode")),
    _of_seller("city", _("City")),
    _of_seller("country", _("Country"), _("Its two letters, like DE.")),
    _of_seller("email", _("Email address")),
    _of_seller("phone", _("Phone")),
    _of_seller("iban", _("IBAN"), _("The account that customers pay to.")),
    _of_seller("bic", _("BIC")),
    _of_seller("vat_id", _("VAT number"), _("With the letters of the country, like DE123456788.")),
    _of_seller("tax_number", _("Tax number"), _("Needed if there is no VAT number.")),
    _of_seller(
        "registration",
        _("Registration"),
        _("The number in a register of companies. Needed if there is no VAT number."),
    ),
    _of_seller("tax_percent", _("Tax in percent"), _("What a draft begins with: 19, 8.1 or 0.")),
    _of_seller("pay_days", _("Days to pay"), _("What a draft begins with.")),
    _of_seller("untaxed_reason", _("Why nothing bears tax"), _("If your company charges none.")),
    Managed(
        "invoices_kept_years",
        "invoices",
        Kind.NUMBER,
        _("Years that invoices are kept"),
        _("As the law requires, from the end of their year, even if their customer is erased."),
        most=50,
    ),
)
_CONNECTIONS = (
    Managed(
        "webhook_url",
        "connections",
        Kind.LINK,
        _("Address of the webhook"),
        _("It gets events of tickets and issues. Empty: none."),
    ),
    Managed(
        "webhook_secret",
        "connections",
        Kind.SECRET,
        _("Secret of the webhook"),
        _("Signs what is sent: any text, or whsec_ and Base64."),
    ),
    Managed(
        "public_hosts",
        "connections",
        Kind.HOSTS,
        _("Hosts that an issue may point to"),
        _("With their subdomains, separated by commas. This site is always allowed."),
    ),
)
#: All of them, by name, in the order in which they stand.
MANAGED: Mapping[str, Managed] = {
    each.name: each
    for each in (*_TEXTS, *_TIMES, *_LIMITS, *_CLAIMS, *_EMAILS, *_FILES, *_INVOICES, *_CONNECTIONS)
}
#: The names of the fields of a seller.
SELLER_FIELDS = tuple(each.name for each in fields(Seller))
#: The names of the settings that they are.
SETTINGS = tuple(dict.fromkeys(each.setting for each in MANAGED.values()))


def of_group(name: str) -> list[Managed]:
    """The settings on the page of a group; none if there is no such group."""
    return [each for each in MANAGED.values() if each.group == name]
