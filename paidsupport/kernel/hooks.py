"""How a capability hears from those below it without being imported by them.

The capability below declares a `Hook` and calls it; the one above subscribes to it. Subscribers run in the
transaction of their caller, in the order in which the capabilities are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, cast

from paidsupport.kernel.errors import ConfigurationError

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")


class Hook(Generic[P, T]):
    """A named place at which other capabilities take part; a subscriber takes `P` and gives `T`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def by(self, subscriber: Callable[P, T]) -> Subscription:
        """`subscriber` as an entry of a capability's list of subscriptions."""
        return Subscription(self, subscriber)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A function that is called at a hook."""

    hook: Hook[..., Any]
    subscriber: Callable[..., Any]


class Hooks:
    """The subscribers of one mounted desk, by their hook.

    Args:
        known: the hooks that the mounted capabilities declare.
        subscriptions: what the mounted capabilities do at hooks, in the order of these capabilities.

    Raises:
        ConfigurationError: something subscribes to a hook that no mounted capability declares.
    """

    def __init__(self, known: Iterable[Hook[..., Any]], subscriptions: Iterable[Subscription]) -> None:
        found: dict[Hook[..., Any], list[Callable[..., Any]]] = {hook: [] for hook in known}
        for each in subscriptions:
            if each.hook not in found:
                name = getattr(each.subscriber, "__qualname__", repr(each.subscriber))
                raise ConfigurationError(
                    f"{name} subscribes to “{each.hook.name}”, which no mounted capability declares."
                )
            found[each.hook].append(each.subscriber)
        self._subscribers: Mapping[Hook[..., Any], Sequence[Callable[..., Any]]] = found

    def of(self, hook: Hook[P, T]) -> Sequence[Callable[P, T]]:
        """The subscribers of `hook`, in their order."""
        return cast("Sequence[Callable[P, T]]", self._subscribers[hook])

    def call(self, hook: Hook[P, T], *args: P.args, **kwargs: P.kwargs) -> list[T]:
        """Call every subscriber of `hook`; returns what they gave, in their order."""
        return [subscriber(*args, **kwargs) for subscriber in self.of(hook)]

    def gather(self, hook: Hook[P, Iterable[Item]], *args: P.args, **kwargs: P.kwargs) -> list[Item]:
        """Call every subscriber of `hook`; returns all that they gave, one after another."""
        return [each for given in self.call(hook, *args, **kwargs) for each in given]

    def objection(self, hook: Hook[P, str], *args: P.args, **kwargs: P.kwargs) -> str:
        """Ask the subscribers of `hook` in turn until one gives a sentence; nothing if none does."""
        for subscriber in self.of(hook):
            if sentence := subscriber(*args, **kwargs):
                return sentence
        return ""
