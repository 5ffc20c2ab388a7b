"""What workers do by themselves, as the capabilities declare it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import storable

#: Seconds between two rounds of the clock.
ROUND = 30.0
#: Seconds between two looks for what people are told of.
LOOK = 2.0
#: Whenever nothing else is to be done.
ALWAYS = 0.0
#: Seconds between two looks for something to do, where there was nothing.
PAUSE = 1.0


#: The job under which it is parked that a job could not find what it is due for.
FINDING = storable(_("find: %(job)s"))


class Thread(Enum):
    """Where a job is done, so that nothing waits for what takes long."""

    #: One after the other, in the worker's own thread.
    MAIN = "main"
    #: In a thread of its own; a worker that does everything once does it before emails leave.
    COMES_IN = "comes in"
    #: The same, after emails have left.
    GOES_OUT = "goes out"


def _always(_worker: Any) -> bool:  # noqa: ANN401  # as below
    return True


@dataclass(frozen=True, slots=True)
class Job:
    """Something that a worker does again and again."""

    #: What it does, in words: under this name it is parked when it fails.
    name: Message
    #: Does it, for a `paidsupport.kernel.worker.Worker`; returns whether there may be more to do at once.
    act: Callable[[Any], object]
    #: Seconds between two turns, unless there is more to do.
    every: float = ROUND
    thread: Thread = Thread.MAIN
    #: Whether this worker has it to do at all.
    wanted: Callable[[Any], bool] = _always

    def __post_init__(self) -> None:
        storable(self.name)


def each(name: Message, rows: Any, every: float = ROUND) -> Job:  # noqa: ANN401  # a module
    """A job that does `rows.tend` with each row of `rows.due`, by its id, in a transaction of its own."""

    def run(worker: Any) -> None:  # noqa: ANN401  # as above
        worker.each(name, rows.due, rows.tend)

    return Job(name, run, every)


def written(name: Message, act: Callable[[Any], object], every: float = ROUND) -> Job:
    """A job that is done in one writing transaction."""

    def run(worker: Any) -> None:  # noqa: ANN401  # as above
        with worker.writing() as ctx:
            act(ctx)

    return Job(name, run, every)
