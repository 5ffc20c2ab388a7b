"""The figures as Markdown, with the goals they are held against."""

from collections.abc import Iterator
from typing import Any, NamedTuple

_PAGES = ("queue", "poll", "ticket", "search", "submit", "claim", "overview")


class Goal(NamedTuple):
    """`ours` at least (or at most) so many times `theirs`; a page of `theirs` may have another name."""

    page: str
    peer: str
    least: float
    their_page: str = ""


#: All in views per second, at the middle size.
GOALS = (
    Goal("queue", "djh", 150),
    Goal("queue", "bare", 0.60),
    Goal("ticket", "djh", 10),
    Goal("ticket", "bare", 0.25, "queue"),
    Goal("poll", "bare", 0.50, "hello"),
    Goal("search", "djh", 50),
    Goal("search", "bare", 0.50),
    Goal("submit", "djh", 1.5),
    Goal("claim", "djh", 3.5),
    Goal("claim", "bare", 0.40),
)
_GROWTH = 1.25
_LITE_SHARE = 0.40
_SEARCH_MS = 100
_WEIGHTS = {"worker_mb": 100, "queue_kb": 40, "static_kb_gzipped": 40}
_FIRST_ANSWER_S = 1.5
_EXPORT_MB = 16
_TITLES = {"djh": "django-helpdesk", "bare": "bare Flask", "ours": "paidsupport"}


def markdown(found: dict[str, Any]) -> str:
    """Tables to paste into the README."""
    sizes = sorted({int(label.split()[1]) for label in found["pages"]})
    parts = [_machine(found), *(_side_by_side(found["pages"], size) for size in sizes)]
    if any(label.startswith("ours") for label in found["pages"]):
        parts.append(_goals(found, sizes))
    if found["contention"]:
        parts.append(_contention(found["contention"]))
    if found["search_ms"]:
        parts.append(_searches(found["search_ms"]))
    if found.get("exports"):
        parts.append(_exports(found["exports"]))
    return "\n\n".join(parts)


def _machine(found: dict[str, Any]) -> str:
    facts = found["machine"]
    versions = ", ".join(
        f"{name} {version}"
        for value in found["versions"].values()
        if isinstance(value, dict)
        for name, version in value.items()
    )
    place = f"{facts['cores']} cores ({facts['processor']}, {facts['memory_gib']} GiB)"
    return (
        f"Measured {found['date']} on {place}, Python {facts['python']},"
        f" PostgreSQL {found['versions']['PostgreSQL']}; {versions}."
        f" Medians of {found['rounds']} interleaved rounds of {found['seconds']:.0f} s,"
        " 8 connections on 2 workers."
    )


def _side_by_side(pages: dict[str, dict[str, Any]], size: int) -> str:
    here = {name: pages[label] for name in _TITLES if (label := f"{name} {size}") in pages}
    rows = []
    for page in (*_PAGES, "hello"):
        cells = [_cell(here[name].get(page)) for name in here]
        if any(cell != "–" for cell in cells):
            rows.append([page, *cells])
    titles = [f"{_TITLES[name]}: /s, p50 ms, CPU ms" for name in here]
    return f"**{size:,} tickets**\n\n{_table(['page', *titles], rows)}"


def _cell(figures: dict[str, float] | None) -> str:
    if figures is None:
        return "–"
    wrong = f" ({figures['wrong']:.0f} wrong)" if figures["wrong"] else ""
    cpu = figures["app_cpu_ms"] + figures["db_cpu_ms"]
    return f"{_short(figures['views_per_second'])}, {_short(figures['p50_ms'])}, {_short(cpu)}{wrong}"


def _goals(found: dict[str, Any], sizes: list[int]) -> str:
    judged = _judged(found, sizes)
    rows = [[name, _short(value), bound, "yes" if met else "**no**"] for name, value, bound, met in judged]
    return _table(["goal", "measured", "wanted", "met"], rows)


def _judged(found: dict[str, Any], sizes: list[int]) -> Iterator[tuple[str, float, str, bool]]:
    """Every goal that this run can judge."""
    pages, middle = found["pages"], sizes[len(sizes) // 2]
    ours = pages[f"ours {middle}"]
    for goal in GOALS:
        theirs = pages.get(f"{goal.peer} {middle}", {}).get(goal.their_page or goal.page)
        if theirs:
            ratio = ours[goal.page]["views_per_second"] / theirs["views_per_second"]
            name = f"{goal.page} ÷ {_TITLES[goal.peer]}'s {goal.their_page or goal.page}, {middle:,}"
            yield name, ratio, f"≥ {goal.least:g}", ratio >= goal.least
    smallest, largest = pages[f"ours {sizes[0]}"], pages[f"ours {sizes[-1]}"]
    if len(sizes) > 1:
        for page in ("queue", "ticket", "search", "claim"):
            growth = largest[page]["p50_ms"] / smallest[page]["p50_ms"]
            yield (
                f"{page}: median at {sizes[-1]:,} ÷ at {sizes[0]:,}",
                growth,
                f"≤ {_GROWTH}",
                growth <= _GROWTH,
            )
    lite, bare = pages.get(f"lite {middle}"), pages.get(f"bare {middle}")
    if lite and bare:
        share = lite["queue"]["views_per_second"] / bare["lite queue"]["views_per_second"]
        name = f"queue on SQLite ÷ bare page on SQLite, {middle:,}"
        yield name, share, f"≥ {_LITE_SHARE}", share >= _LITE_SHARE
    for label, by_kind in found["search_ms"].items():
        slowest = max(by_kind.values())
        yield f"slowest search alone, {label}, ms", slowest, f"≤ {_SEARCH_MS}", slowest <= _SEARCH_MS
    for label, kinds in found["contention"].items():
        if not label.startswith("djh"):
            wrong = ("won by more than one", "won by nobody", "errors")
            faults = sum(one[key] for one in kinds.values() for key in wrong)
            yield f"claims doubled, lost or failed, {label}", faults, "0", not faults
    yield from _memory_of_exports(found, sizes)
    for name, most in _WEIGHTS.items():
        yield name.replace("_", " "), found["weights"][name], f"≤ {most}", found["weights"][name] <= most
    slowest = max(took for label, took in found["first_answer_s"].items() if label.startswith("ours"))
    yield "start to first answer, s", slowest, f"≤ {_FIRST_ANSWER_S}", slowest <= _FIRST_ANSWER_S


def _memory_of_exports(found: dict[str, Any], sizes: list[int]) -> Iterator[tuple[str, float, str, bool]]:
    """Whether it grows with the desk."""
    peaks = {
        label: max(figures["peak_mb"] for figures in ways.values())
        for label, ways in found.get("exports", {}).items()
    }
    if len(peaks) > 1:
        grown = max(peaks.values()) - peaks[f"ours {sizes[0]}"]
        yield "memory that an export gains with the desk, MB", grown, f"≤ {_EXPORT_MB}", grown <= _EXPORT_MB


def _contention(contention: dict[str, Any]) -> str:
    head = ["16 people click", "won by more than one", "won by none", "errors", "of", "p50 ms"]
    keys = ("won by more than one", "won by nobody", "errors", "tickets", "p50_ms")
    rows = [
        [f"{label}, {kind}", *(str(one[key]) for key in keys)]
        for label, kinds in contention.items()
        for kind, one in kinds.items()
    ]
    return _table(head, rows)


def _searches(searches: dict[str, dict[str, float]]) -> str:
    kinds = list(next(iter(searches.values())))
    rows = [[label, *(_short(found[kind]) for kind in kinds)] for label, found in searches.items()]
    return _table(["search alone, median ms", *kinds], rows)


def _exports(exports: dict[str, dict[str, dict[str, float]]]) -> str:
    head = ["export of everything", "s", "CPU s", "most memory, MB", "zip, MB"]
    keys = ("seconds", "processor_seconds", "peak_mb", "zip_mb")
    rows = [
        [f"{label}, {way}", *(_short(figures[key]) for key in keys)]
        for label, ways in exports.items()
        for way, figures in ways.items()
    ]
    return _table(head, rows)


def _short(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
