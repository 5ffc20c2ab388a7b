"""All that managers have set up as one TOML file, and such a file as changes of what is set up.

Each capability declares its `Configured` parts: how their present state is read, written, checked and stored.
A state is plain: things by name, each with its fields as JSON has them. So what a file would change is found
by comparing two states, and that is also what is stored and told.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from paidsupport.kernel import faults
from paidsupport.kernel.configuration import history
from paidsupport.kernel.configuration.reading import ROOT, Reader, Table, parsed
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _

#: The newest form of files: what it says first. Files without it are from before there was one.
FORMAT = 1
#: Things by name, each with its fields.
State = dict[str, dict[str, Any]]
_HEAD = """\
What the managers of this support desk have set up. Load it under “Set up” in the browser, or with
`flask paidsupport configuration load FILE`: both show what it would change first.
format: the form of this file. holds: the parts that it says everything about; all others stay as they
are. Secrets, files, tickets and customers are never in it.
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is being read.

    Attributes:
        ctx: Who loads it.
        document: The file.
        reader: Collects its faults.
        current: The present state of every part.
        held: The keys of the parts that it is about.
        found: What of the file was read before, by part.
        is_old: Whether it is a file from before `format`.
        notes: What cannot be loaded, though nothing is wrong with it, in sentences.
    """

    ctx: Context
    document: Table
    reader: Reader
    current: Mapping[str, State]
    held: Collection[str]
    found: dict[str, State] = field(default_factory=dict)
    is_old: bool = False
    notes: list[str] = field(default_factory=list)

    def state(self, key: str) -> State:
        """A part as it will be: of the file, or as it is."""
        return self.found.get(key, self.current.get(key, {}))


class Configured(ABC):
    """A part of what is set up: one key of the file."""

    #: Its key in files, and what its things are called in the history: `service:upgrade`.
    key: ClassVar[str]
    about: ClassVar[str]
    #: What managers call it.
    label: ClassVar[Message]
    #: Where it stands: lower places come first, and are read and stored first.
    place: ClassVar[int]
    #: The comment above it.
    help: ClassVar[str] = ""
    #: The tables whose rows it is.
    tables: ClassVar[Sequence[type[Any]]] = ()
    #: Whether its things have an order.
    ordered: ClassVar[bool] = False
    #: Whether `store` tells by itself what it changes.
    tells: ClassVar[bool] = False
    #: Whether files without a format are about it.
    of_catalogue: ClassVar[bool] = False

    @abstractmethod
    def current(self, ctx: Context) -> State:
        """What is stored now."""

    @abstractmethod
    def read(self, reading: Reading) -> State:
        """What the file says; faults go to its reader."""

    @abstractmethod
    def write(self, state: State) -> Any:  # noqa: ANN401  # an item of tomlkit
        """The state as it stands in the file."""

    @abstractmethod
    def store(
        self, ctx: Context, change: Change[Context, Configuration], before: State, after: State
    ) -> None:
        """Make what is stored as it is after."""

    def kept_back(self, ctx: Context, changed: Collection[str]) -> Collection[str]:
        """Before anything is stored: the names of things that are not to be published with the rest.

        Args:
            ctx: Who loads it.
            changed: The names of the things that the file changes.
        """
        del ctx, changed
        return ()

    def publish(
        self, ctx: Context, change: Change[Context, Configuration], word: str, kept_back: Collection[str]
    ) -> bool:
        """Once all parts are stored: let it be in force. Returns whether anything had to be done."""
        del ctx, change, word, kept_back
        return False

    def name_of(self, name: str, thing: Mapping[str, Any]) -> str:
        """What staff call a thing."""
        return str(thing.get("name") or name)

    def label_of(self, ctx: Context, name: str, thing: Mapping[str, Any]) -> str:
        """The same, for things that are called by what the desk declares."""
        del ctx
        return self.name_of(name, thing)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a file changes.

    Attributes:
        part: The part it belongs to.
        kind: As of `events.KINDS`: added, changed, removed, moved, retired, reinstated.
        name: Its name in the file.
        label: What staff call it.
        before: Its fields as they are, if they change.
        after: Its fields as they will be.
    """

    part: Configured
    kind: str
    name: str
    label: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would make of the present state."""

    parts: Sequence[tuple[Configured, State, State]]
    differences: Sequence[Difference]
    notes: Sequence[str]


def parts_of(ctx: Context) -> Sequence[Configured]:
    """All parts of the desk, in their places."""
    found: Sequence[Configured] = ctx.services.capabilities.configured
    return found


def dump(ctx: Context, parts: Iterable[Configured] | None = None) -> str:
    """The file of these parts, or of all."""
    import tomlkit  # noqa: PLC0415  # only those who export need it

    from paidsupport.kernel.configuration import writing  # noqa: PLC0415  # as above

    chosen = list(parts_of(ctx) if parts is None else parts)
    document = tomlkit.document()
    writing.comment(document, _HEAD)
    document.add("format", FORMAT)
    document.add("holds", [each.key for each in chosen])
    for each in chosen:
        state = each.current(ctx)
        if each.help:
            document.add(tomlkit.nl())
            writing.comment(document, each.help)
        if state:
            if not each.help:
                document.add(tomlkit.nl())
            document.add(each.key, each.write(state))
    return tomlkit.dumps(document)


def plan(ctx: Context, text: str) -> Plan:
    """What a file would change.

    Raises:
        InvalidInputError: Field `file`, with a sentence for each fault, each with its line.
    """
    document, reader = parsed(text), Reader()
    reader.at(document, ROOT)
    known = parts_of(ctx)
    held = _held(document, reader, known)
    reader.done()
    reading = Reading(
        ctx,
        document,
        reader,
        {each.key: each.current(ctx) for each in known},
        {each.key for each in held},
        is_old="format" not in document,
    )
    for each in held:
        reading.found[each.key] = each.read(reading)
    reader.unknown_keys(document, ("format", "holds", *(each.key for each in known)), ROOT)
    reader.done()
    parts = [(each, reading.current[each.key], reading.found[each.key]) for each in held]
    found = [one for part, before, after in parts for one in differences(ctx, part, before, after)]
    return Plan(parts, found, reading.notes)


def _held(document: Table, reader: Reader, known: Sequence[Configured]) -> list[Configured]:
    """The parts that a file is about."""
    if "format" not in document:
        return [each for each in known if each.of_catalogue]
    number, named = document["format"], document.get("holds")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        reader.fault(ROOT, faults.written_as(f"format = {FORMAT}"), "format")
    elif number > FORMAT:
        reader.fault(
            ROOT, _("This file comes from a newer version of the desk. Upgrade this one first."), "format"
        )
    if named is None:
        return [each for each in known if each.key in document]
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        reader.fault(ROOT, faults.written_as('holds = ["…", "…"]'), "holds")
        return []
    keys = [each.key for each in known]
    for name in named:
        if name not in keys:
            reader.fault(ROOT, faults.none_called(name), "holds")
    for key in keys:
        if key in document and key not in named:
            reader.fault(ROOT, _("“holds” does not name this part."), key)
    return [each for each in known if each.key in named]


def differences(ctx: Context, part: Configured, before: State, after: State) -> list[Difference]:
    """What differs between two states, thing by thing."""
    found = []
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name), after.get(name)
        if was != now:
            label = part.label_of(ctx, name, now or was or {})
            found.append(Difference(part, _kind(was, now), name, label, *_differing(was or {}, now or {})))
    were, are = [name for name in before if name in after], [name for name in after if name in before]
    if part.ordered and were != are:
        called = {name: part.label_of(ctx, name, after[name]) for name in are}
        orders = {"order": [called[name] for name in were]}, {"order": [called[name] for name in are]}
        found.append(Difference(part, "moved", "", str(part.label), *orders))
    return found


def _kind(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    if was is None:
        return "added"
    if now is None:
        return "removed"
    if was.get("active") != now.get("active"):
        return "reinstated" if now.get("active") else "retired"
    return "changed"


def _differing(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    names = history.differing(was, now)
    before, after = ({name: each[name] for name in names if name in each} for each in (was, now))
    return before, after


def carry_out(
    ctx: Context,
    change: Change[Context, Configuration],
    planned: Plan,
    word: str,
    *,
    kind: str = "loaded",
    about: str = "file",
) -> bool:
    """Store what a plan says, and tell it.

    Args:
        ctx: Who loads it.
        change: The change of the configuration under way, whose lock the plan was made under.
        planned: The plan.
        word: What was changed, and why.
        kind: What the history calls it: loaded, or undone.
        about: What the history says it was.

    Returns:
        Whether anything has changed.
    """
    changed = list(dict.fromkeys(one.part.key for one in planned.differences))
    waiting = {
        part.key: part.kept_back(ctx, {one.name for one in planned.differences if one.part is part})
        for part, _before, _after in planned.parts
    }
    for part, before, after in planned.parts:
        if part.key in changed:
            part.store(ctx, change, before, after)
            ctx.session.flush()
    for one in planned.differences:
        if not one.part.tells:
            name = f"{one.part.about}:{one.name}"[:120] if one.name else one.part.about
            history.tell(change, one.kind, name, one.label[:200], one.before, one.after)
    in_force = [
        part.key
        for part, _before, _after in planned.parts
        if part.publish(ctx, change, word, waiting[part.key])
    ]
    if not changed and not in_force:
        change.nothing_new()
        return False
    labels = [str(part.label) for part, _before, _after in planned.parts if part.key in {*changed, *in_force}]
    history.tell(change, kind, about, "", None, {"parts": labels}, word=word)
    return True


def by_name(things: Iterable[tuple[str, dict[str, Any]]]) -> State:
    """A state of things whose names may be there twice: a later one is told apart by a number."""
    found: State = {}
    numbers: Counter[str] = Counter()
    for name, thing in things:
        key = name
        while key in found:
            numbers[name] += 1
            key = f"{name} ({numbers[name] + 1})"
        found[key] = thing
    return found
