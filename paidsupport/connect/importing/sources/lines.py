"""Lines of JSON, as another program has made them: see `docs/importing.md`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO

from paidsupport.connect.importing.rules import LINES, Given, Remark, unknown_fields
from paidsupport.connect.importing.sources.kinds import Wanted
from paidsupport.connect.importing.sources.places import Place

#: The longest line that is read, in bytes.
_LONGEST = 16 * 1024 * 1024


class Lines:
    """A file of lines, with the contents of files beside it."""

    def __init__(self, wanted: Wanted) -> None:
        self._place = Place(wanted.path, (LINES, ".jsonl"))

    def given(self, after: str) -> Iterator[Given]:
        """All lines; those that are there already are passed over by whoever writes them."""
        del after
        seen: set[tuple[str, str]] = set()
        with self._place.main() as source:
            number = 0
            while raw := source.readline(_LONGEST):
                number += 1
                if not raw.strip():
                    continue
                try:
                    line = json.loads(raw)
                except (ValueError, RecursionError):
                    line = None
                if not isinstance(line, dict):
                    yield Remark("line", "it is no object of JSON", f"line {number}")
                    continue
                for name in unknown_fields(line):
                    kind = str(line.get("type", ""))[:40]
                    if (kind, name) not in seen and len(seen) < 1000:  # noqa: PLR2004  # each is said once
                        seen.add((kind, name))
                        yield Remark("field", f"{kind}.{name[:80]}", f"line {number}")
                yield line

    def open(self, name: str) -> IO[bytes]:
        """A file beside the lines."""
        return self._place.beside(name)

    def close(self) -> None:
        """Close the file."""
        self._place.close()


def opened(wanted: Wanted) -> Lines:
    """The source."""
    return Lines(wanted)
