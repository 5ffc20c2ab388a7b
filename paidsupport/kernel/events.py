"""Kinds of events: each is declared once, with all that depends on what a line of a history says.

Capabilities declare their kinds as data; the composition root collects them in a list and gives it to
`Events`, which pages, notices, webhook and erasure ask. The transitions of a workflow are kinds of the
history of its records. Kinds are hashed into histories: none is ever renamed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from paidsupport.kernel.actors import called
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Transition, Workflow, state_named

#: An optional part in brackets, a field in braces, or plain text.
_PARTS = re.compile(r"\[([^\[\]]*)\]|\{(\w+)\}|([^\[{]+)")
#: What stays of the data of a transition: all of it comes from lists, but a note.
_KEPT = frozenset({"from", "to", "claim", "reason", "colleague", "mentions"})
#: How the sentence of a transition ends.
OUTCOME = "[: {reason}][ {states}]"
#: What is said of a transition for which there are no better words.
UNNAMED = f"{{who}}: {{label}}{OUTCOME}"
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Style(Protocol):
    """How sentences are written: in a page, or as plain text. Each returns what can be put together."""

    def text(self, said: str) -> str: ...
    def name(self, said: str) -> str: ...
    def typed(self, said: str) -> str: ...
    def code(self, said: str) -> str: ...
    def aside(self, said: str) -> str: ...


class Plain:
    """Sentences as plain text."""

    def text(self, said: str) -> str:
        """As it is."""
        return said

    name = typed = code = aside = text


PLAIN = Plain()


class Told(Protocol):
    """What a sentence is made of: an event, or what is left of one."""

    @property
    def kind(self) -> str: ...
    @property
    def actor_kind(self) -> str: ...
    @property
    def actor_name(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of an event: its data was cut."""

    kind: str
    actor_kind: str
    actor_name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """An event with what it takes to say it.

    Attributes:
        workflow: the rules that its record is under now.
        names: the names of colleagues that it speaks of, by their ids.
    """

    event: Told
    workflow: Workflow
    names: Mapping[int, str]
    style: Style
    #: All workflows by their names: its record may have been under another one.
    workflows: Mapping[str, Workflow]
    #: What words in its data are called.
    words: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> Any:  # noqa: ANN401  # whatever an event may hold
        """What the event says under `name`, if anything."""
        return self.event.data.get(name)


#: A part of a sentence in the style of its line; empty if there is nothing to say.
Field = Callable[[Line], str]


def who(line: Line) -> str:
    """Who did it, as a sentence begins."""
    return line.style.name(str(translate(called(line.event.actor_name))))


def colleague(name: str = "colleague") -> Field:
    """The colleague whose id the event holds under `name`."""

    def said(line: Line) -> str:
        id_ = line.get(name)
        return line.style.name(line.names.get(id_) or translate(_("a colleague"))) if id_ else ""

    return said


def label(name: str, labels: Mapping[str, str], other: str = "") -> Field:
    """What the word under `name` is called; `other` if it is not among `labels`."""
    return lambda line: line.style.text(translate(labels.get(line.get(name), other)))


def typed(name: str) -> Field:
    """What a person typed, set apart from the sentence around it."""
    return lambda line: line.style.typed(str(said)) if (said := line.get(name)) else ""


def named(name: str) -> Field:
    """What the word under `name` is called by the capability that it comes from."""

    def said(line: Line) -> str:
        word = line.get(name)
        return line.style.text(str(translate(line.words.get(word, word)))) if word else ""

    return said


def count(name: str, words: Callable[[int], str]) -> Field:
    """How many there are in a list, in words for a number: “2 files”."""

    def said(line: Line) -> str:
        number = len(line.get(name) or ())
        return str(translate(words(number))) if number else ""

    return said


def one_of(name: str, sentences: Mapping[Any, str], other: str) -> Callable[[Line], str]:
    """The sentence for the word under `name`."""
    return lambda line: sentences.get(line.get(name), other)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is announced under one name.

    Attributes:
        says: What it is, in English, for the documentation.
        types: The types that it may have in JSON: `string`, `integer`, `boolean`, `null`, or `integers` for a
            list of them.
    """

    says: str
    types: Sequence[str] = ("string",)


@dataclass(frozen=True)
class Kind:
    """What is to be known about one kind of event.

    Attributes:
        history: whose histories it stands in, such as “ticket”; none, if only other programs hear of it.
        name: what it is called there; it is hashed.
        sentence: how a line reads, or what chooses one. `{name}` is one of `fields`, else `{who}`, else what
            the event holds under that name; [brackets] and all in them go when a field there is empty.
        audience: the concerns under which people are told of it; without one, no person is told.
        is_news: whether they are told of this one.
        quiet: whether they are told in the page alone, and not by email.
        emails_owner: whether an email of its own tells the owner already.
        keeps: what of its data is harmless, and left when a record is erased: figures and words of ours.
        facts: what operations announce of it to other programs, all of that and nothing else; all lines of
            the histories of tickets and issues without any are announced with what they keep.
        is_transition: whether it is a transition of a workflow.
    """

    history: str
    name: str
    sentence: str | Callable[[Line], str]
    fields: Mapping[str, Field] = field(default_factory=dict)
    audience: frozenset[str] = frozenset()
    is_news: Callable[[Any], bool] = lambda _event: True
    quiet: bool = False
    emails_owner: bool = False
    keeps: frozenset[str] = frozenset()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    is_transition: bool = False

    def say(self, line: Line) -> str:
        """The sentence of an event of this kind."""
        text = translate(self.sentence if isinstance(self.sentence, str) else self.sentence(line))
        if text not in self._sentences:
            self._sentences[text] = _Sentence(text, self.fields)
        return self._sentences[text].say(line)

    @property
    def is_announced(self) -> bool:
        """Whether operations announce it with facts of their own."""
        return bool(self.facts)

    @property
    def type(self) -> str:
        """What other programs know it by: `ticket.message_out`, `lead.won`."""
        named = f"{self.history}.{self.name}" if self.history else self.name.replace("-", ".", 1)
        return (named if "." in named else f"ticket.{named}").replace("-", "_")

    def cut(self, data: Mapping[str, object]) -> dict[str, object]:
        """`data` without anything that may have been typed; cutting it twice changes nothing."""
        return {name: value for name, value in data.items() if name in self.keeps and _is_harmless(value)}

    @cached_property
    def _sentences(self) -> dict[str, _Sentence]:
        """Its sentences, each taken apart when it is first said."""
        return {}


class Events:
    """The kinds of events of one mounted desk.

    Args:
        kinds: all of them; a transition may be there several times, for several workflows.
        workflows: those that records are under, by their names.
        words: what words in their data are called.

    Raises:
        ConfigurationError: two kinds of one history have the same name.
    """

    def __init__(
        self,
        kinds: Iterable[Kind],
        workflows: Mapping[str, Workflow],
        words: Mapping[str, str] | None = None,
    ) -> None:
        self._workflows = workflows
        self._words = words or {}
        self._kinds: dict[tuple[str, str], Kind] = {}
        for kind in kinds:
            known = self._kinds.setdefault((kind.history, kind.name), kind)
            if known is not kind and not (known.is_transition and kind.is_transition):
                raise ConfigurationError(
                    f"Two kinds of events have the name “{kind.name}” in the history of a {kind.history}."
                )

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def of(self, history: str, name: str) -> Kind:
        """The kind called `name`; one that no workflow has any more was a transition."""
        return self._kinds.get((history, name)) or transition(history, name)

    @cached_property
    def announced(self) -> Mapping[str, Kind]:
        """By their names, the kinds that operations announce with facts of their own."""
        return {kind.name: kind for kind in self if kind.is_announced}

    def check(self, history: str, name: str) -> None:
        """Raises ConfigurationError for an undeclared kind."""
        if (history, name) not in self._kinds:
            raise ConfigurationError(f"No capability declares the event “{name}” of a {history}.")

    def say(
        self,
        history: str,
        event: Told,
        workflow: Workflow,
        names: Mapping[int, str],
        style: Style = PLAIN,
    ) -> str:
        """What a line of a history says, in words."""
        line = Line(event, workflow, names, style, self._workflows, self._words)
        return self.of(history, event.kind).say(line)

    def cut(self, history: str, name: str, data: Mapping[str, object]) -> dict[str, object]:
        """What an erasure leaves of an event's data."""
        return self.of(history, name).cut(data)


def transition(
    history: str,
    name: str,
    sentence: str | Callable[[Line], str] = UNNAMED,
    audience: frozenset[str] = frozenset(),
) -> Kind:
    """A transition as a kind of event; its workflow is known when it is said."""
    fields = {"label": _label, "reason": _reason, "states": _states, "colleague": colleague()}
    return Kind(history, name, sentence, fields, audience, keeps=_KEPT, is_transition=True)


class _Sentence:
    """A sentence taken apart."""

    __slots__ = ("_parts",)

    def __init__(self, text: str, fields: Mapping[str, Field]) -> None:
        self._parts: list[str | Field] = []
        for optional, name, plain in _PARTS.findall(text):
            said = fields.get(name) or (who if name == "who" else _data(name))
            self._parts.append(plain or (_Sentence(optional, fields).say_whole if optional else said))

    def say(self, line: Line) -> str:
        """The sentence."""
        return "".join(part if isinstance(part, str) else part(line) for part in self._parts)

    def say_whole(self, line: Line) -> str:
        """The sentence if all of it is known, else nothing."""
        said = [part if isinstance(part, str) else part(line) for part in self._parts]
        return "".join(said) if all(said) else ""


def _data(name: str) -> Field:
    return lambda line: line.style.text(str(said)) if (said := line.get(name)) else ""


def _transition(line: Line) -> Transition | None:
    """The transition of the workflow, if it still has it."""
    kind = line.event.kind
    for each in line.workflow.transitions:
        if each.name == kind:
            return each
    return None


def _label(line: Line) -> str:
    found = _transition(line)
    return line.style.text(translate(found.label) if found else line.event.kind.replace("-", " "))


def _reason(line: Line) -> str:
    """As the transition's list says it, or as it was typed."""
    if not (said := line.get("reason")):
        return ""
    found = _transition(line)
    labels = {each.name: each.label for each in found.reasons} if found else {}
    return line.style.text(translate(labels.get(said, said)))


def _states(line: Line) -> str:
    """From which state to which, if they are not the same."""
    source, target = line.get("from"), line.get("to")
    if not source or source == target:
        return ""
    return line.style.aside(f"({_state(line, source)} → {_state(line, target)})")


def _state(line: Line, name: str) -> str:
    found = state_named(line.workflows, name or "", line.workflow.name)
    return str(translate(found.label)) if found else name or ""


def _is_harmless(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, int) for each in value)
    return (
        value is None or isinstance(value, int) or (isinstance(value, str) and bool(_WORD.fullmatch(value)))
    )
