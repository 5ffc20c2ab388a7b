"""Files as programs send them: within the JSON of what they belong to, so that both are kept or neither."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from io import BytesIO
from typing import Annotated

from flask import g
from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from paidsupport.connect.api.models import Sent
from paidsupport.kernel.files import Upload

#: Longest body of a request with files: as many as the desk takes at once by its usual settings, in base64.
FILES_LIMIT = 72 * 1024 * 1024
#: Where a request keeps its files.
_KEPT = "paidsupport_files"


def _decoded(typed: object) -> bytes:
    try:
        return base64.b64decode(typed if isinstance(typed, str) else "*", validate=True)
    except ValueError:
        raise PydanticCustomError("base64", "This must be text in base64.") from None


class SentFile(Sent):
    """A file."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    content: Annotated[
        bytes,
        PlainValidator(_decoded),
        WithJsonSchema(
            {"type": "string", "contentEncoding": "base64", "description": "Its bytes, in base64."}
        ),
    ]


class WithFiles(Sent):
    """Something that files can come with."""

    files: list[SentFile] = Field(
        default_factory=list,
        max_length=20,
        description="Files that belong to it; the desk limits their size and number.",
    )


def uploads_of(files: Iterable[SentFile]) -> list[Upload]:
    """The files as operations take them.

    A request that runs again, after something was compared outside of its transaction, has the same ones.
    """
    kept: dict[tuple[int, str, bytes], Upload] = g.setdefault(_KEPT, {})
    found = []
    for number, file in enumerate(files):
        key = (number, file.name, hashlib.sha256(file.content).digest())
        upload = kept.setdefault(key, Upload(file.name, len(file.content), BytesIO(file.content)))
        upload.content.seek(0)
        found.append(upload)
    return found
