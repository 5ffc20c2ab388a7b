"""What is typed into a setting: read, or refused with a sentence for its field."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from paidsupport.kernel.addresses import IN_FULL, reachable
from paidsupport.kernel.calendars import PublicHolidays, closed_days
from paidsupport.kernel.configuration.managed import Kind, Managed
from paidsupport.kernel.context import Services
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.hours import parse_week
from paidsupport.kernel.i18n.languages import known_tags, offered
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import BadTextError, is_visible, one_line, whole_number

#: What a checkbox sends.
YES = "yes"
_YES = frozenset({YES, "y", "true", "on", "1"})
_NO = frozenset({"", "no", "n", "false", "off", "0"})
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")
#: What a secret begins with when the rest of it is Base64.
_BASE64 = "whsec_"


def read(about: Managed, typed: str, services: Services) -> Any:  # noqa: ANN401  # as it is stored
    """The value that was typed.

    Args:
        about: The setting.
        typed: The text.
        services: The desk that it is for.

    Raises:
        BadTextError: It cannot be that; with a sentence.
    """
    text = one_line(typed, 1000)
    if about.needed and not is_visible(text):
        raise BadTextError(_("Enter something here."))
    if about.kind is Kind.NUMBER:
        return _number(text, about)
    if about.kind is Kind.WORKFLOWS:
        return _workflows(text, services.workflows)
    if about.kind is Kind.LINK:
        return _link(text, private=services.settings.webhook_private)
    return _READERS[about.kind](text)


def told(value: Any) -> str:  # noqa: ANN401  # a value of any setting
    """A value as it stands in its field; nothing for nothing."""
    if isinstance(value, bool):
        return YES if value else ""
    return "" if value is None else str(value)


@cache
def zones() -> tuple[str, ...]:
    """Every time zone that this machine knows, in order."""
    return tuple(sorted(available_timezones()))


def _number(text: str, about: Managed) -> int:
    number = whole_number(text)
    if number is None:
        raise BadTextError(_("Enter a whole number, like 3."))
    if not about.least <= number <= about.most:
        raise BadTextError(_("Enter a number from %(min)s to %(max)s.", min=about.least, max=about.most))
    return number


def _yes_no(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise BadTextError(_("Choose one of these."))
    return text.lower() in _YES


def _address(text: str) -> str:
    if text and not text.isascii():
        raise BadTextError(IN_FULL)
    return reachable(text)


def _zone(text: str) -> str:
    by_name = {name.lower(): name for name in zones()}
    if (found := by_name.get(text.lower())) is None:
        raise BadTextError(_("Enter a time zone like Europe/Berlin."))
    return found


def _hours(text: str) -> str:
    try:
        parse_week(text)
    except ValueError as error:
        raise BadTextError(error.args[0]) from None
    return text


def _holidays(text: str) -> str:
    if not text:
        return ""
    if find_spec("holidays") is None:
        raise BadTextError(
            _("Leave this empty: the library for public holidays is not installed on this server.")
        )
    place = text.upper()
    try:
        PublicHolidays(place)
    except ConfigurationError:
        raise BadTextError(_("Enter a country like DE, or one of its regions like DE-BY.")) from None
    return place


def _closed(text: str) -> str:
    try:
        ranges = closed_days(text)
    except ValueError as error:
        raise BadTextError(error.args[0]) from None
    return ", ".join(f"{first} to {last}" if last > first else str(first) for first, last in ranges)


def _hosts(text: str) -> str:
    hosts = [host.strip().lower().rstrip(".") for host in text.split(",") if host.strip()]
    if wrong := [host for host in hosts if not _HOST.fullmatch(host)]:
        raise BadTextError(_("Enter hosts like github.com, not “%(typed)s”.", typed=wrong[0]))
    return ",".join(dict.fromkeys(hosts))


def _languages(text: str) -> str:
    tags = [tag.strip() for tag in text.split(",") if tag.strip()]
    try:
        return ",".join(dict.fromkeys(offered(",".join(tags)))) if tags else ""
    except ValueError:
        raise BadTextError(
            _("Choose among the languages of the desk: %(tags)s.", tags=", ".join(known_tags()))
        ) from None


def _workflows(text: str, known: Collection[str]) -> str:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if wrong := [name for name in names if name not in known]:
        raise BadTextError(
            _(
                "There is no workflow “%(typed)s”. Choose among: %(names)s.",
                typed=wrong[0],
                names=", ".join(known),
            )
        )
    return ",".join(sorted(set(names)))


def _link(text: str, *, private: bool) -> str:
    if not text:
        return ""
    schemes = {"https", "http"} if private else {"https"}
    try:
        parts = urlsplit(text)
        fine = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or not text.isascii() or " " in text:
        raise BadTextError(_("Enter an address like https://example.org."))
    if parts.username is not None or parts.fragment:
        raise BadTextError(_("Enter an address without a user name and without a part after #."))
    return text


def _secret(text: str) -> str:
    if text.startswith(_BASE64):
        try:
            base64.b64decode(text.removeprefix(_BASE64), validate=True)
        except ValueError:
            raise BadTextError(_("Enter Base64 after whsec_, or any other text.")) from None
    return text


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.LINE: one_line,
    Kind.YES_NO: _yes_no,
    Kind.ADDRESS: _address,
    Kind.ZONE: _zone,
    Kind.HOURS: _hours,
    Kind.HOLIDAYS: _holidays,
    Kind.CLOSED: _closed,
    Kind.HOSTS: _hosts,
    Kind.LANGUAGES: _languages,
    Kind.SECRET: _secret,
    Kind.SELLER: str,
}
