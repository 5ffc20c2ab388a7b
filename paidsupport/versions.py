"""What has to be installed beside us, looked at before anything else of ours is imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

#: The oldest Python and the oldest packages that we work with; `pyproject.toml` says the same.
PYTHON = (3, 11)
LEAST: Mapping[str, str] = {
    "Flask": "3.1",
    "Werkzeug": "3.1",
    "SQLAlchemy": "2.0.40",
    "Flask-SQLAlchemy": "3.1.1",
    "Flask-Login": "0.6.3",
    "Flask-WTF": "1.2.2",
    "WTForms": "3.3",
}


def check(
    python: tuple[int, ...] = tuple(sys.version_info[:3]), installed: Callable[[str], str] = version
) -> None:
    """Refuse to go on beside something older, in one sentence that names all of it.

    Raises:
        ImportError: Something is too old, or not there.
    """
    if found := list(_too_old(python, installed)):
        raise ImportError(f"paidsupport needs {', '.join(found)}.")


def _too_old(python: tuple[int, ...], installed: Callable[[str], str]) -> Iterator[str]:
    if python < PYTHON:
        yield f"Python {_text(PYTHON)} or newer (this is {_text(python)})"
    for package, least in LEAST.items():
        try:
            there = installed(package)
        except PackageNotFoundError:
            yield f"{package} {least} or newer (not installed)"
        else:
            if _numbers(there) < _numbers(least):
                yield f"{package} {least} or newer (this is {there})"


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of a version, up to the first part that is none: 2.0.40b1 counts as 2.0."""
    numbers: list[int] = []
    for part in text.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _text(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
