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
    #: The languages of the desk, the default first, separated by commas. Empty: English and all others that
    #: are complete.
    languages: str = ""
    #: The address of the site's page for signing out, for the user menu. Empty: the layout has a link.
    sign_out: str = ""
    #: The name of the desk, in pages and emails.
    name: str = "Paid support"
    #: Absolute address of the site, for links in emails: https://example.org
    base_url: str = "http://127.0.0.1:5000"
    #: How emails leave: smtp://user:password@host:port (smtps:// for TLS, ?starttls=1), console: or keep:
    mail_url: str = "console:"
    #: Sender of all emails.
    mail_from: str = "support@example.org"
    #: The mailbox for replies; `+` and a token are put before its @. Empty: no Reply-To.
    mail_reply_to: str = "support@example.org"
    #: Have reports of undeliverable email sent to that mailbox, under a signed return path for each email.
    #: Turn it off if the mail server only lets its own address send: then staff decide about such reports.
    mail_signed_return_path: bool = True
    #: Mailboxes to fetch from, separated by commas: imaps://user:password@host/INBOX?purpose=support
    mailboxes: str = ""
    #: Show all emails to everyone at <prefix>/dev/mail. For demos only.
    dev_mail: bool = False
    #: Where files are kept. Empty: `paidsupport-files` in the instance folder.
    files: str = ""
    #: Largest file, in megabytes.
    file_megabytes: int = 10
    #: Most files in one form.
    files_at_once: int = 5
    #: All files of one ticket together, in megabytes.
    ticket_megabytes: int = 50
    #: The master keys of the vault, separated by commas: the first encrypts, all decrypt. Empty: closed.
    vault_keys: str = field(default="", repr=False)
    #: Minutes after signing in during which staff can view logins, on sites with Flask-Login.
    fresh_minutes: int = 15
    #: Hours after which a claim lapses if its owner does nothing; `work_hours` in states that take longer.
    claim_hours: int = 48
    work_hours: int = 14 * 24
    #: Working hours within which feedback on an issue is due.
    feedback_hours: int = 16
    #: Hosts that an issue may point to, with their subdomains, separated by commas, beside the site's own.
    public_hosts: str = "github.com,gitlab.com,codeberg.org"
    #: When the desk works: the time zone, the hours in it (or `always`), whose public holidays are free, and
    #: the days on which it is closed.
    time_zone: str = "UTC"
    working_hours: str = "Mon-Fri 09:00-17:00"
    holidays: str = ""
    closed_days: str = ""
    #: The workflows whose unclaimed tickets climb the roster, separated by commas, and the working minutes
    #: after which the next person is told.
    cascade: str = "request"
    cascade_minutes: int = 30
    #: A documentation issue opens once a page did not help in this many requests within 90 days,
    #: or once a question was asked in this many.
    gap_unhappy: int = 2
    gap_repeated: int = 5
    #: A TOML file with the site's own rules for the tone of emails, beside those of the desk.
    tone_rules: str = ""
    #: An address of the site that gets events, and the secret that signs them. Empty: none.
    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    #: Allow a webhook in the site's own network: private addresses, and http without TLS.
    webhook_private: bool = False
    #: Allow connections to programs in the site's own network: private addresses, and http without TLS.
    connections_private: bool = False
    #: Orders and messages per hour from one network address.
    orders_per_hour: int = 20
    #: Requests for codes and links per hour from one network address.
    lookups_per_hour: int = 60
    #: Automatic emails per hour to one address.
    automatic_mails_per_hour: int = 5
    #: Acknowledgements of email per hour, to all addresses together.
    acknowledgements_per_hour: int = 200
    #: Requests per hour of one token of the JSON API.
    api_per_hour: int = 6000
    #: Days that the customer's private page stays open after the ticket has ended.
    link_days: int = 180
    #: Whether customers are asked to rate the work when it is done.
    ratings: bool = True
    #: Seconds after which an open queue looks for news.
    poll_seconds: int = 3
    #: Who invoices are from, as a mapping (name, street, …). None: the desk writes no invoices.
    seller: Seller | None = None
    #: Years for which the law requires invoices to be kept, even if their customer is erased.
    invoices_kept_years: int = 10
    #: `bundled` serves our htmx; `host` if the layout loads htmx 4 itself; `none` for pages without it.
    htmx: str = "bundled"
    #: The Content-Security-Policy of our pages. Empty: none, the host sets its own.
    csp: str = CSP
    #: Accept a PostgreSQL that can lose what it has acknowledged (synchronous_commit = off).
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
        _check_languages(settings)
        # both are put before paths that begin with a slash
        return replace(
            settings, url_prefix=settings.url_prefix.rstrip("/"), base_url=settings.base_url.rstrip("/")
        )

    def overlaid(self, values: Mapping[str, object]) -> Settings:
        """The settings with the values that managers have chosen, by name.

        Raises:
            ConfigurationError: a value is not of the type of its setting.
        """
        known = {setting.name: setting for setting in fields(self)}
        chosen = {
            name: _seller(value) if name == "seller" else _checked(name, value, known[name])
            for name, value in values.items()
            if name in known
        }
        settings = replace(self, **chosen)  # type: ignore[arg-type]  # each value has the type of its default
        _check_languages(settings)
        return settings

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
    return "No setting has a similar name; docs/mounting.md and docs/managing.md list them all."


def _check_languages(settings: Settings) -> None:
    try:
        offered(settings.languages)
    except ValueError as error:
        raise ConfigurationError(f"PAIDSUPPORT_LANGUAGES: {error}") from None


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
