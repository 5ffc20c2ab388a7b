"""What `make bench` prints at its end, from what it has measured before."""

from __future__ import annotations

import json
from typing import Any

from benchmarks import report
from benchmarks.__main__ import RESULTS

_MADE = {"seconds": 60.0, "processor_seconds": 56.0, "zip_mb": 159.0}


def measured(**added: object) -> dict[str, Any]:
    """The newest figures that are kept."""
    newest: dict[str, Any] = json.loads(max(RESULTS.glob("*.json")).read_text(encoding="utf-8"))
    return newest | added


def test_the_figures_that_are_kept_can_be_printed() -> None:
    """Every table, also of a run that exported nothing."""
    printed = report.markdown(measured(exports={}))
    for words in ("queue ÷ bare Flask's queue", "| 16 people click", "| search alone"):
        assert words in printed


def test_an_export_that_grows_with_the_desk_misses_its_goal() -> None:
    """It is held against the smallest desk, whichever way it is made."""
    exports = {
        "ours 1000": {"command": _MADE | {"peak_mb": 100.0}, "worker": _MADE | {"peak_mb": 101.0}},
        "ours 100000": {"command": _MADE | {"peak_mb": 104.0}, "worker": _MADE | {"peak_mb": 105.0}},
    }
    printed = report.markdown(measured(exports=exports))
    assert "| memory that an export gains with the desk, MB | 4.00 | ≤ 16 | yes |" in printed
    assert "| ours 100000, worker | 60.0 | 56.0 | 105 | 159 |" in printed
    exports["ours 100000"]["worker"]["peak_mb"] = 250.0
    assert "gains with the desk, MB | 149 | ≤ 16 | **no** |" in report.markdown(measured(exports=exports))
