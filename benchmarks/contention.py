"""Many people go for the same free tickets at once, and each is told whether it is theirs.

A ticket won by more than one means two people who now write to the same customer. `stale` clicks on a
list that everybody loaded before; `looking` opens each ticket first and clicks where it is shown as free.
"""

import random
import statistics
import threading
import time
from collections import Counter, defaultdict

from benchmarks.client import Session
from benchmarks.corpus import AGENTS
from benchmarks.system import Claimable

TICKETS = 200
#: Looking takes django-helpdesk its time, so fewer tickets are gone for that way.
LOOKED_AT = 100
#: A person who looks takes up to this long before the click.
_THOUGHT_SECONDS = 0.5


def contest(system: Claimable, port: int, *, looking: bool = False) -> dict[str, float]:
    """Let 16 people click on the same tickets; what they were told."""
    tickets = system.restock(LOOKED_AT if looking else TICKETS)
    sessions = [system.sign_in(port, agent) for agent in range(AGENTS)]
    answers: Counter[str] = Counter()
    winners: defaultdict[str, list[int]] = defaultdict(list)
    latencies: list[float] = []
    start = threading.Barrier(AGENTS + 1)
    lock = threading.Lock()

    def click(agent: int, session: Session) -> None:
        dice, order = random.Random(agent), list(tickets)
        if looking:
            dice.shuffle(order)
        start.wait()
        for ticket in order:
            if looking:
                if not system.is_free(session, ticket):
                    continue
                time.sleep(dice.random() * _THOUGHT_SECONDS)
            began = time.monotonic()
            verdict = _verdict(system.claim(session, ticket).status)
            with lock:
                answers[verdict] += 1
                latencies.append((time.monotonic() - began) * 1000)
                if verdict == "won":
                    winners[ticket].append(agent)

    threads = [threading.Thread(target=click, args=pair) for pair in enumerate(sessions)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    system.tidy()
    return {
        "tickets": len(tickets),
        "won by more than one": sum(len(winners[ticket]) > 1 for ticket in tickets),
        "won by nobody": sum(not winners[ticket] for ticket in tickets),
        "conflicts": answers["conflict"],
        "errors": answers["error"],
        "seconds": round(seconds, 2),
        "p50_ms": round(statistics.median(latencies), 2),
    }


def _verdict(status: int) -> str:
    if status == 409:
        return "conflict"
    return "won" if status < 400 else "error"
