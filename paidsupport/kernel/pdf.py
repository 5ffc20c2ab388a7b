"""A document as PDF, set by Typst: the extra `pdf`. Without it there are pages to print, and no PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec

from paidsupport.kernel.documents import Block
from paidsupport.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Document:
    """What is set: a title, the blocks of a text, and a line at the foot of every page."""

    title: str
    author: str
    footer: str
    blocks: Sequence[Block]
    lang: str = "en"


def is_available() -> bool:
    """Whether the library that sets documents is installed."""
    return find_spec("typst") is not None


def render(document: Document) -> bytes:
    """The document as tagged PDF. Raises NotFoundError where the extra `pdf` is not installed."""
    return typeset(files(__package__).joinpath("document.typ"), asdict(document))


def typeset(source: Traversable, data: Mapping[str, object]) -> bytes:
    """What the Typst file `source` makes of `data`, as PDF. Raises as `render`."""
    if not is_available():
        raise NotFoundError
    import typst  # noqa: PLC0415  # the extra may be missing, and it is large

    made: bytes = typst.compile(source.read_bytes(), sys_inputs={"data": json.dumps(data)})
    return made
