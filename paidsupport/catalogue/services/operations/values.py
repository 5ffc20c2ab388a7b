"""The draft of a service by the fields of its form, and back."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from typing import Any

from paidsupport.catalogue.rules import deadlines
from paidsupport.catalogue.rules.deadlines import WARN, DeadlineKind
from paidsupport.catalogue.rules.terms import NOTHING_BEFORE, Payee, owes_nothing
from paidsupport.catalogue.tables import Service
from paidsupport.catalogue.wording import SERVICE
from paidsupport.kernel import money
from paidsupport.kernel.configuration.rows import refuse_lost_translations, texts_typed
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import CURRENCIES, Money

#: The fields of its own deadlines, by the keys of the rules.
RULES = {kind: kind.replace("-", "_") for kind in DeadlineKind} | {WARN: WARN}
#: The fields of its lease lengths, which are columns.
LEASES = ("claim_hours", "work_hours")
#: The longest lease: a year.
MOST_HOURS = 365 * 24
#: Whom customers pay, in words.
PAYEES: Mapping[str, Message] = {
    Payee.DEVELOPER: _("The developer, directly"),
    Payee.BEFORE: _("The desk, before the work"),
    Payee.AFTER: _("The desk, after the work, by invoice"),
}
#: What follows from that, in a sentence for managers.
CONSEQUENCES: Mapping[str, Message] = {
    Payee.DEVELOPER: _("The first contact says how, and the desk sends no invoice."),
    Payee.BEFORE: _("Customers pay on their private page once a developer has their order."),
    Payee.AFTER: _("A manager writes the invoice when the work is done."),
}
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DIGITS = re.compile(r"[0-9]{1,6}")
_MOST_PERCENT = 100

#: What the form of a service holds, by field, as `json` can write it.
Values = dict[str, Any]


def values_of(service: Service, tags: Collection[str]) -> Values:
    """What the form of a service shows.

    Args:
        service: Its row.
        tags: The other languages of the desk.
    """
    said = service.translations
    return {
        **{name: getattr(service, name) for name in SERVICE.names},
        "price": Money(service.price_minor, service.currency).plain,
        "currency": service.currency,
        "payee": service.payee,
        "asks_host": service.asks_host,
        "purposes": list(service.purposes),
        "traits": sorted(service.traits),
        **{field: str(service.deadlines.get(key, "")) for key, field in RULES.items()},
        **{name: getattr(service, name) for name in LEASES},
        **{f"{name}_{tag}": said.get(tag, {}).get(name, "") for tag in tags for name in SERVICE.names},
    }


def read(typed: Mapping[str, Any], tags: Collection[str], *, mark: str) -> Values:
    """The values of a form as they are stored.

    Args:
        typed: What was typed, by field.
        tags: The other languages of the desk, whose fields the form has.
        mark: What stands before the decimals of the price.

    Raises:
        InvalidInputError: By field.
    """
    fields = Fields()
    names = {*SERVICE.names, *(f"{name}_{tag}" for tag in tags for name in SERVICE.names)}
    texts = {name: value for name, value in typed.items() if name in names}
    found: Values = dict(texts_typed(fields, SERVICE, texts))
    if not found.get("name"):
        fields.refuse("name", _("Enter a name."))
    price = read_price(fields, typed.get("price", ""), typed.get("currency", ""), mark=mark)
    if price:
        found |= {"price": price.plain, "currency": price.currency}
    if typed.get("payee") not in set(Payee):
        fields.refuse("payee", _("Choose one of these."))
    found["payee"] = typed.get("payee")
    found |= {"asks_host": bool(typed["asks_host"]), "traits": sorted(typed["traits"])}
    found["purposes"] = _purposes(fields, typed.get("purposes", ""))
    for key, field in RULES.items():
        found[field] = _rule(fields, field, key, typed.get(field, ""))
    for name in LEASES:
        found[name] = _hours(fields, name, typed.get(name, ""))
    fields.done()
    return found


def read_price(fields: Fields, amount: str, currency: str, *, mark: str) -> Money | None:
    """A typed price; None if it is refused, with the reason at its field.

    Args:
        fields: Receives what is refused.
        amount: What was typed as the amount.
        currency: What was typed as the currency.
        mark: What stands before the decimals.
    """
    currency = currency.strip().upper()
    if currency not in CURRENCIES:
        fields.refuse("currency", _("Enter the three letters of a currency, like EUR or USD."))
    if not amount.strip():
        fields.refuse("price", _("Enter a price. If it costs nothing, enter 0."))
    elif currency in CURRENCIES:
        try:
            return money.parse(amount, currency, mark)
        except ValueError as error:
            fields.refuse("price", error.args[0])
    return None


def check(values: Values, *, is_order: bool) -> None:
    """Look at values that two managers have changed, each a part of them.

    Args:
        values: By field.
        is_order: Whether customers order the service, so that its price is all they owe at first.

    Raises:
        InvalidInputError: They do not fit each other.
    """
    fields = Fields()
    price = read_price(fields, values["price"], values["currency"], mark=".")
    if price and owes_nothing(values["payee"], price.minor, is_order=is_order):
        fields.refuse("payee", NOTHING_BEFORE)
    refuse_lost_translations(fields, SERVICE, values)
    fields.done()


def write(service: Service, before: Values, values: Values, tags: Collection[str]) -> None:
    """Write those values that differ from what is there.

    Args:
        service: Its row.
        before: What `values_of` gives.
        values: What is to be there, after `check`.
        tags: The other languages that they have texts of.
    """
    changed = {name: value for name, value in values.items() if value != before.get(name)}
    for name in (*SERVICE.names, *LEASES, "payee", "asks_host", "purposes", "traits"):
        if name in changed:
            setattr(service, name, changed[name])
    price = money.parse(values["price"], values["currency"])
    service.price_minor, service.currency = price.minor, price.currency
    if changed.keys() & set(RULES.values()):
        own = {key: values[field] for key, field in RULES.items() if values[field]}
        service.deadlines = {key: int(value) if key == WARN else value for key, value in own.items()}
    said = deepcopy(service.translations)
    for tag in tags:
        texts = said.setdefault(tag, {})
        for name in SERVICE.names:
            if text := values.get(f"{name}_{tag}"):
                texts[name] = text
            else:
                texts.pop(name, None)
    service.translations = {tag: texts for tag, texts in said.items() if texts}


def shown(name: str, value: object) -> object:
    """A value as a manager is told of it who wanted another one."""
    if name == "payee":
        return PAYEES.get(str(value), value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else value


def _purposes(fields: Fields, typed: str) -> Sequence[str]:
    found = list(dict.fromkeys(re.findall(r"[^\s,;]+", typed.lower())))
    if not all(map(_PURPOSE.fullmatch, found)):
        fields.refuse("purposes", _("Enter words of small letters, digits and hyphens, like support, sales."))
    return found


def _rule(fields: Fields, field: str, key: str, typed: str) -> str:
    value = "".join(typed.lower().split())
    if not value:
        return ""
    if key == WARN:
        if not _DIGITS.fullmatch(value) or not 1 <= int(value) <= _MOST_PERCENT:
            fields.refuse(field, _("Enter a number from 1 to 100, or leave it empty."))
            return ""
        return str(int(value))
    if deadlines.declaration_faults({key: value}):
        fields.refuse(field, deadlines.DURATION_RULE)
    return value


def _hours(fields: Fields, field: str, typed: str) -> int | None:
    value = typed.strip()
    if not value:
        return None
    if not _DIGITS.fullmatch(value) or not 1 <= int(value) <= MOST_HOURS:
        fields.refuse(
            field, _("Enter a number of hours from 1 to %(most)s, or leave it empty.", most=MOST_HOURS)
        )
        return None
    return int(value)
