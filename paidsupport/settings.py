"""What a deployment may change: the `PAIDSUPPORT_*` keys of the Flask configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from datetime import timedelta
from difflib import get_close_matches

from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.i18n.languages import offered
from paidsupport.kernel.seller import Seller, read_seller

#: Our own layout, for sites that name none.
LAYOUT = "paidsupport/_page.html"
#: What our pages need and no more: everything from here, nothing inline.
CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
#: What PAIDSUPPORT_HTMX can be.
HTMX = ("bundled", "host", "none")


@dataclass(frozen=True, slots=True)
class Settings:
    """One value per key; the field `claim_hours` is `PAIDSUPPORT_CLAIM_HOURS` in the configuration."""

    #: Where the desk is mounted in the site.
    url_prefix: str = "/support"
    #: The host template our pages extend; it needs the blocks `title` and `content`.
    layout: str = LAYOUT
    #: The languages that the desk speaks, its usual one first, with commas between. Empty: English and all
    #: others that are complete.
    languages: str = ""
    #: The address of the site's page for signing out, for the menu of whoever is signed in. Empty: the site's
    #: own layout leads there.
    sign_out: str = ""
    #: What the desk calls itself, in pages and mails.
    name: str = "Paid support"
    #: Absolute address of the site, for links in mails: https://example.org
    base_url: str = "http://127.0.0.1:5000"
    #: How mail leaves: smtp://user:password@host:port (smtps:// for TLS, ?starttls=1), console: or keep:
    mail_url: str = "console:"
    #: Sender of all mail.
    mail_from: str = "support@example.org"
    #: The mailbox replies go to; `+` and a token are put before its @. Empty: no Reply-To.
    mail_reply_to: str = "support@example.org"
    #: Let reports of undeliverable mail come to that mailbox, under a signed return path for each email. Turn
    #: it off if the mail server only lets its own address send: such reports are then shown to people only.
    mail_signed_return_path: bool = True
    #: Mailboxes to fetch from, with commas between: imaps://user:password@host/INBOX?purpose=support
    mailboxes: str = ""
    #: Whether mails are shown at <prefix>/dev/mail to everybody. For demonstrations only.
    dev_mail: bool = False
    #: Where files are kept. Empty: `paidsupport-files` in the instance folder.
    files: str = ""
    #: Largest file, in megabytes.
    file_megabytes: int = 10
    #: Most files in one form.
    files_at_once: int = 5
    #: All files of one ticket together, in megabytes.
    ticket_megabytes: int = 50
    #: The master keys of the vault, with commas between them: the first seals, all open. Empty: it is closed.
    vault_keys: str = field(default="", repr=False)
    #: Minutes after signing in during which staff may look into the vault, at sites with Flask-Login.
    fresh_minutes: int = 15
    #: Hours after which a claim lapses when its owner does nothing, and in states that take their time.
    claim_hours: int = 48
    work_hours: int = 14 * 24
    #: Working hours within which feedback on an issue is due: others wait for it.
    feedback_hours: int = 16
    #: Hosts that an issue may point to, with all below them and with commas between; the site's own is one.
    public_hosts: str = "github.com,gitlab.com,codeberg.org"
    #: When the desk works: the zone, the ranges in it (or `always`), and whose public holidays are free.
    time_zone: str = "UTC"
    working_hours: str = "Mon-Fri 09:00-17:00"
    holidays: str = ""
    #: The workflows whose unclaimed tickets climb the roster, with commas between, and the working minutes
    #: after which the next person is told.
    cascade: str = "request"
    cascade_minutes: int = 30
    #: Of how many requests within 90 days a page or a question must not have helped, and how many must have
    #: asked the same, until a documentation issue is opened.
    gap_unhappy: int = 2
    gap_repeated: int = 5
    #: A TOML file of the site's own with rules for the tone of emails, beside those that come with the desk.
    tone_rules: str = ""
    #: An address of the site's own that hears of events, and the secret they are signed with. Empty: none.
    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    #: Let the webhook be in the site's own network: private addresses, and http without TLS.
    webhook_private: bool = False
    #: Orders and messages per hour from one address of the network.
    orders_per_hour: int = 20
    #: Codes and links asked for per hour from one address of the network.
    lookups_per_hour: int = 60
    #: Mails per hour to one address that nobody at the desk has written.
    automatic_mails_per_hour: int = 5
    #: Acknowledgements of mails per hour, to all addresses together.
    acknowledgements_per_hour: int = 200
    #: Days that the customer's private page stays open after the ticket has ended.
    link_days: int = 180
    #: Whether customers are asked to rate the work when it is done.
    ratings: bool = True
    #: Seconds between two looks of an open queue for news.
    poll_seconds: int = 3
    #: Who invoices are from, as a mapping (name, street, …). None: this desk writes no invoices.
    seller: Seller | None = None
    #: Years for which the law wants invoices kept, also when their customer is erased.
    invoices_kept_years: int = 10
    #: `bundled` serves our htmx; `host` if the layout loads htmx 4 itself; `none` for pages without it.
    htmx: str = "bundled"
    #: The Content-Security-Policy of our pages. Empty: none, the host sets its own.
    csp: str = CSP
    #: Accept a PostgreSQL that may forget what it acknowledged (synchronous_commit = off).
    relaxed_durability: bool = False

    @classmethod
    def from_config(cls, config: Mapping[str, object]) -> Settings:
        """Read the `PAIDSUPPORT_*` keys. Raises ConfigurationError for unknown keys and wrong types."""
        known = {f"PAIDSUPPORT_{setting.name.upper()}": setting for setting in fields(cls)}
        given = {key: value for key, value in config.items() if key.startswith("PAIDSUPPORT_")}
        if unknown := sorted(set(given) - set(known)):
            raise ConfigurationError(f"Unknown setting {unknown[0]}. {_instead_of(unknown[0], known)}")
        values = {
            known[key].name: _seller(value)
            if key == "PAIDSUPPORT_SELLER"
            else _checked(key, value, known[key])
            for key, value in given.items()
        }
        settings = cls(**values)  # type: ignore[arg-type]  # each value has the type of its default
        if settings.url_prefix and not settings.url_prefix.startswith("/"):
            raise ConfigurationError(
                f"PAIDSUPPORT_URL_PREFIX must begin with /, not {settings.url_prefix!r}."
            )
        if settings.htmx not in HTMX:
            raise ConfigurationError(f"PAIDSUPPORT_HTMX must be one of {', '.join(HTMX)}.")
        try:
            offered(settings.languages)
        except ValueError as error:
            raise ConfigurationError(f"PAIDSUPPORT_LANGUAGES: {error}") from None
        # both are put before paths that begin with a slash
        return replace(
            settings, url_prefix=settings.url_prefix.rstrip("/"), base_url=settings.base_url.rstrip("/")
        )

    def lease(self, *, patient: bool) -> timedelta:
        """How long a claim holds without an operation of its owner; longer in a `patient` state."""
        return timedelta(hours=self.work_hours if patient else self.claim_hours)


#: What values must be, in words.
_KINDS = {bool: "True or False", int: "a whole number", str: "text"}


def _instead_of(key: str, known: Iterable[str]) -> str:
    """The key that was probably meant; compared without the prefix that all keys share."""
    names = {name.removeprefix("PAIDSUPPORT_"): name for name in known}
    if near := get_close_matches(key.removeprefix("PAIDSUPPORT_").upper(), names, n=1):
        return f"Did you mean {names[near[0]]}?"
    return "No setting has a similar name; docs/mounting.md lists them all."


def _seller(value: object) -> Seller | None:
    if not value:
        return None
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"PAIDSUPPORT_SELLER must be a mapping, not {type(value).__name__}.")
    try:
        return read_seller(value)
    except ValueError as error:
        raise ConfigurationError(f"PAIDSUPPORT_SELLER: {error}") from None


def _checked(key: str, value: object, setting: Field[object]) -> object:
    default = setting.default
    wanted = type(default)
    # bool is an int in Python: PAIDSUPPORT_CLAIM_HOURS=true must not mean one hour
    if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(default, bool):
        told = repr(value) if setting.repr else type(value).__name__
        raise ConfigurationError(f"{key} must be {_KINDS[wanted]}, not {told}.")
    if isinstance(value, int) and not isinstance(value, bool) and value < 1:
        raise ConfigurationError(f"{key} must be at least 1, not {value}.")
    return value
