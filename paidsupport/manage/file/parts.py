"""What stands in the file beside the catalogue and guides: settings, staff, shifts and shared views."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import tomlkit

from paidsupport.kernel import faults
from paidsupport.kernel.actors import PERSON_ROLES, Role
from paidsupport.kernel.addresses import compared
from paidsupport.kernel.calendars import hours_of
from paidsupport.kernel.configuration import checks, choosing, queries
from paidsupport.kernel.configuration.file import Configured, Reading, State, by_name
from paidsupport.kernel.configuration.managed import MANAGED, SELLER_FIELDS, SETTINGS
from paidsupport.kernel.configuration.sealing import is_secret
from paidsupport.kernel.configuration.tables import Configuration, Setting
from paidsupport.kernel.configuration.writing import listed, table
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.messages import gettext as said
from paidsupport.kernel.seller import tidied
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.roster import queries as roster
from paidsupport.kernel.staff.roster.operations import ENDS_FIRST, LAST_PLACE, NO_TIME, WEEKDAYS, clock
from paidsupport.kernel.staff.roster.tables import DAY, Shift
from paidsupport.kernel.staff.saved import operations as views
from paidsupport.kernel.staff.saved import queries as saved
from paidsupport.kernel.staff.saved.tables import SavedView
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.text import BadTextError
from paidsupport.settings import Settings as AllSettings

Told = Change[Context, Configuration]
_DEFAULTS = {each.name: each.default for each in fields(AllSettings)}
#: Never in a file: the secrets, and the address that does nothing without its secret.
_BY_HAND = (*(name for name in SETTINGS if is_secret(name)), "webhook_url")
_KNOWN = tuple(name for name in SETTINGS if name not in _BY_HAND)
_SETTINGS_HELP = f"""\
Settings that managers have changed; one that is missing here is as the deployment configured it.
Never in this file, so enter them by hand under “Set up”: {", ".join(_BY_HAND)}, and the
passwords of mailboxes. The keys of the deployment (PAIDSUPPORT_VAULT_KEYS and the like) stay where they are.
"""
_PEOPLE_HELP = """\
The staff: address, name, and role ("developer" or "manager"). A file lets no one in and sends no one
away: for people who work here it sets name and role; invite all others first.
"""
_SHIFTS_HELP = """\
The roster of every week: who is on duty on which weekdays, from when until when, and at which place
in the order they are told (1 is first). Single days and absences are not in this file.
"""
_VIEWS_HELP = """\
Lists that are shared with all staff: a name, and what stands behind the question mark in the address.
"""
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00")


class Settings(Configured):
    """The settings that managers have changed."""

    key, about, place, tells = "settings", "setting", 10, True
    label = _("Settings")
    help = _SETTINGS_HELP
    tables = (Setting,)

    def current(self, ctx: Context) -> State:
        rows = queries.settings(ctx.session)
        values = {name: rows[name].value for name in _KNOWN if name in rows}
        return {name: {"value": value} for name, value in values.items() if value is not None}

    def read(self, reading: Reading) -> State:
        reader, found = reading.reader, dict[str, Any]()
        given = reader.table(reading.document.get("settings", {}), "settings")
        for name in given:
            if name in _BY_HAND:
                reader.fault("settings", _("This is never read from a file. Enter it in the browser."), name)
        reader.unknown_keys(given, (*_KNOWN, *_BY_HAND), "settings")
        for name in _KNOWN:
            if name in given:
                try:
                    found[name] = _setting(reading.ctx, name, given[name])
                except BadTextError as error:
                    reader.fault("settings", faults.message(error.args[0]), name)
        if not reader.faults:
            _check_together(reading, found)
        return {name: {"value": value} for name, value in found.items()}

    def write(self, state: State) -> tomlkit.items.Table:
        made = tomlkit.table()
        for name in sorted(state, key=_KNOWN.index):
            value = state[name]["value"]
            if isinstance(value, Mapping):
                value = table({each: value[each] for each in SELLER_FIELDS if value.get(each)})
            made.add(name, value)
        return made

    def store(self, ctx: Context, change: Told, before: State, after: State) -> None:
        chosen = {name: after.get(name, {"value": None})["value"] for name in {**before, **after}}
        choosing.store(ctx, change, chosen)

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        del thing
        return choosing.label_of(name)


def _setting(ctx: Context, name: str, value: object) -> Any:  # noqa: ANN401  # as it is stored
    """A setting as it is stored. Raises BadTextError."""
    if name == "seller":
        if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
            raise BadTextError(faults.written_as('[settings.seller] name = "…"'))
        if unknown := [each for each in value if each not in SELLER_FIELDS]:
            raise BadTextError(faults.at(faults.plain(unknown[0]), faults.UNKNOWN_KEY))
        kept, wrong = tidied({each: text for each, text in value.items() if text})
        for field, sentence in wrong.items():
            raise BadTextError(faults.at(field, faults.message(sentence)))
        return kept
    wanted = type(_DEFAULTS[name])
    if type(value) is not wanted:
        examples = {bool: "true", int: "3", str: '"…"'}
        raise BadTextError(faults.written_as(f"{name} = {examples[wanted]}"))
    return checks.read(MANAGED[name], checks.told(value), ctx.services)


def _check_together(reading: Reading, found: Mapping[str, Any]) -> None:
    """Find fault with settings that do not go together."""
    services = reading.ctx.services
    try:
        settings = services.present.configured.overlaid(found)
        hours_of(settings)
        for check in services.capabilities.all("checks"):
            check(settings)
    except ConfigurationError as error:
        sentence = _("These settings don't go together: %(problem)s", problem=error.args[0])
        reading.reader.fault("settings", sentence)


class People(Configured):
    """The staff: a file changes names and roles of people who work here, and nothing else."""

    key, about, place, tells = "person", "person", 80, True
    label = _("Staff")
    help = _PEOPLE_HELP
    tables = (Person,)

    def current(self, ctx: Context) -> State:
        found = sorted(
            (row for row in staff.everybody(ctx.session) if row.email), key=lambda row: row.address
        )
        return {row.address: {"email": row.email, "name": row.name, "role": str(row.role)} for row in found}

    def read(self, reading: Reading) -> State:
        reader, here, wanted = reading.reader, reading.current["person"], dict[str, dict[str, Any]]()
        for number, given in reader.tables(reading.document.get("person", []), "person"):
            where = reader.at(given, f"person “{given.get('email', number)}”")
            reader.unknown_keys(given, ("email", "name", "role"), where)
            person = {
                name: reader.text(given, name, where, required=True) for name in ("email", "name", "role")
            }
            if person["role"] and person["role"] not in set(PERSON_ROLES):
                reader.fault(where, faults.one_of(PERSON_ROLES), "role")
            address = compared(person["email"])
            if address in wanted:
                reader.fault(where, faults.twice(person["email"]), "email")
            wanted[address] = person
        for address in [each for each in wanted if each not in here]:
            reading.notes.append(
                said("%(email)s does not work here. Invite them first.", email=wanted.pop(address)["email"])
            )
        after = {address: {**person, **wanted.get(address, {})} for address, person in here.items()}
        if _manages(here) and not _manages(after):
            reader.fault("person", _("At least one manager has to stay."))
        return after

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(table(each) for each in state.values())

    def store(self, ctx: Context, change: Told, before: State, after: State) -> None:
        del change
        rows = {row.address: row for row in staff.everybody(ctx.session)}
        changed = [address for address in after if before.get(address) != after[address]]
        # first those who become managers: the desk is never without one
        for address in sorted(changed, key=lambda each: after[each]["role"] != Role.MANAGER):
            people.change(ctx, rows[address].id, after[address], before[address], key="")


def _manages(state: State) -> bool:
    return any(person["role"] == Role.MANAGER for person in state.values())


class Shifts(Configured):
    """The roster of every week, without single days."""

    key, about, place = "shift", "roster", 90
    label = _("Roster")
    help = _SHIFTS_HELP
    tables = (Shift,)

    def current(self, ctx: Context) -> State:
        emails = {row.id: row.email for row in staff.everybody(ctx.session) if row.email}
        rows = [row for row in roster.shifts(ctx.session) if row.weekday is not None]
        return dict(sorted(_shift(row, emails[row.person_id]) for row in rows if row.person_id in emails))

    def read(self, reading: Reading) -> State:
        reader, found = reading.reader, dict[str, dict[str, Any]]()
        emails = {row.address: row.email for row in staff.everybody(reading.ctx.session) if row.email}
        for number, given in reader.tables(reading.document.get("shift", []), "shift"):
            where = reader.at(given, f"shift {number}")
            reader.unknown_keys(given, ("person", "weekdays", "from", "until", "place"), where)
            person = reader.text(given, "person", where, required=True)
            days = reader.texts(given, "weekdays", where)
            if not days or set(days) - set(WEEKDAYS):
                reader.fault(where, faults.one_of(WEEKDAYS), "weekdays")
            hours = [_clock(reading, given, name, where) for name in ("from", "until")]
            if hours[0] >= (hours[1] or DAY):
                reader.fault(where, ENDS_FIRST, "until")
            place = reader.number(given, "place", where, least=1, most=LAST_PLACE) or 1
            if person and compared(person) not in emails:
                reading.notes.append(
                    said("%(email)s does not work here. Their shifts are left out.", email=person)
                )
                continue
            for day in days:
                shift = {
                    "person": emails.get(compared(person), ""),
                    "weekday": day,
                    "from": clock(hours[0]),
                    "until": clock(hours[1] or DAY),
                    "place": place,
                }
                found[_named(shift)] = shift
        return dict(sorted(found.items()))

    def write(self, state: State) -> tomlkit.items.AoT:
        grouped: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
        for shift in state.values():
            grouped[shift["person"], shift["from"], shift["until"], shift["place"]].append(shift["weekday"])
        return listed(
            table(
                {
                    "person": person,
                    "weekdays": sorted(days, key=WEEKDAYS.index),
                    "from": begins,
                    "until": ends,
                    "place": place,
                }
            )
            for (person, begins, ends, place), days in sorted(grouped.items())
        )

    def store(self, ctx: Context, change: Told, before: State, after: State) -> None:
        del change, before
        ids = {row.email: row.id for row in staff.everybody(ctx.session)}
        emails = {id_: email for email, id_ in ids.items() if email}
        rows = [row for row in roster.shifts(ctx.session) if row.weekday is not None]
        known = {_shift(row, emails[row.person_id])[0]: row for row in rows if row.person_id in emails}
        for name, row in known.items():
            if name not in after:
                row.removed_by, row.removed_at = ctx.by.name, ctx.now
        for name, shift in after.items():
            if name in known:
                known[name].position = shift["place"]
            else:
                ctx.session.add(_row(ctx, ids[shift["person"]], shift))

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        del thing
        return name


def _shift(row: Shift, email: str) -> tuple[str, dict[str, Any]]:
    shift = {
        "person": email,
        "weekday": WEEKDAYS[row.weekday or 0],
        "from": clock(row.starts),
        "until": clock(row.ends),
        "place": row.position,
    }
    return _named(shift), shift


def _row(ctx: Context, person_id: int, shift: Mapping[str, Any]) -> Shift:
    return Shift(
        person_id=person_id,
        weekday=WEEKDAYS.index(shift["weekday"]),
        day=None,
        starts=_minutes(shift["from"]),
        ends=_minutes(shift["until"]),
        position=shift["place"],
        added_by=ctx.by.name,
        added_at=ctx.now,
    )


def _named(shift: Mapping[str, Any]) -> str:
    return f"{shift['person']} {shift['weekday']} {shift['from']}-{shift['until']}"


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _clock(reading: Reading, given: Mapping[str, Any], name: str, where: str) -> int:
    """Minutes since midnight; 24:00 is another word for 00:00."""
    text = reading.reader.text(given, name, where, required=True)
    if _CLOCK.fullmatch(text):
        return _minutes(text) % DAY
    if text:
        reading.reader.fault(where, NO_TIME, name)
    return 0


class Views(Configured):
    """The saved views that are shared."""

    key, about, place = "view", "view", 100
    label = _("Shared views")
    help = _VIEWS_HELP
    tables = (SavedView,)

    def current(self, ctx: Context) -> State:
        rows = saved.shared(ctx.session)
        return by_name((row.name, {"name": row.name, "query": row.query}) for row in rows)

    def read(self, reading: Reading) -> State:
        reader, found = reading.reader, list[dict[str, Any]]()
        for number, given in reader.tables(reading.document.get("view", []), "view"):
            where = reader.at(given, f"view “{given.get('name', number)}”")
            reader.unknown_keys(given, ("name", "query"), where)
            name = reader.text(given, "name", where, required=True)
            query = given.get("query", "")
            if not isinstance(query, str) or not query.isprintable():
                reader.fault(where, faults.written_as('query = "…"'), "query")
            elif len(query) > views.LONGEST_QUERY:
                reader.fault(where, faults.too_long(views.LONGEST_QUERY), "query")
            if len(name) > views.LONGEST:
                reader.fault(where, faults.too_long(views.LONGEST), "name")
            found.append({"name": name, "query": query})
        if len(found) > saved.MOST:
            reader.fault("view", faults.at_most(saved.MOST))
        return dict(sorted(by_name((each["name"], each) for each in found).items()))

    def write(self, state: State) -> tomlkit.items.AoT:
        return listed(table(state[name], always=("query",)) for name in sorted(state))

    def store(self, ctx: Context, change: Told, before: State, after: State) -> None:
        del change, before
        known = by_name((row.name, {"row": row}) for row in saved.shared(ctx.session))
        for name in set(known) - set(after):
            ctx.session.delete(known[name]["row"])
        for name, values in after.items():
            row = known[name]["row"] if name in known else SavedView(name=values["name"], person_id=None)
            if name not in known or row.query != values["query"]:
                row.query, row.changed_at = values["query"], ctx.now
            ctx.session.add(row)


#: All of them.
PARTS: Sequence[Configured] = (Settings(), People(), Shifts(), Views())
