"""Where the file of another system is, and what lies beside it; where contents wait until they are kept."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import BadZipFile, ZipFile

from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _

_CHUNK = 1024 * 1024
_NO_FILE = _("This file can't be read. Choose another one.")


class Place:
    """A file with what lies beside it: alone, in a folder, or in a zip.

    Args:
        path: The file, folder or zip.
        endings: How the name of the file ends, with its full stop; the first ending that is there counts.
    """

    def __init__(self, path: Path, endings: tuple[str, ...]) -> None:
        self._zip: ZipFile | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if path.is_file() and path.suffix == ".zip":
            self._zip = _opened(path)
            self._inside = _main(self._zip.namelist(), endings)
            self._root = str(PurePosixPath(self._inside).parent)
            self.path = Path()
        else:
            self.path = path
            if path.is_dir():
                names = [each.name for each in sorted(path.iterdir()) if _is_own(each)]
                self.path = path / _main(names, endings)
            self._folder = self.path.parent.resolve()

    def main(self) -> IO[bytes]:
        """The file itself, from its beginning."""
        return self._zip.open(self._inside) if self._zip else self.path.open("rb")

    def whole(self) -> Path:
        """The path of the file itself, taken out of its zip."""
        if self._zip is None:
            return self.path
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="paidsupport-import-")
            with self.main() as source, self._in_temporary().open("xb") as target:
                shutil.copyfileobj(source, target, _CHUNK)
        return self._in_temporary()

    def beside(self, name: str) -> IO[bytes]:
        """A file beside it, by its path from there. Raises OSError, also for a path that leads elsewhere."""
        if self._zip is not None:
            inner = str(PurePosixPath(self._root, name))
            try:
                return self._zip.open(inner)
            except (KeyError, BadZipFile, NotImplementedError, RuntimeError):
                raise FileNotFoundError(name) from None
        try:
            found = (self._folder / name).resolve()
        except (ValueError, RuntimeError):  # no name at all, or links in a circle
            raise FileNotFoundError(name) from None
        # neither a pipe, which would never end
        if not found.is_relative_to(self._folder) or not found.is_file():
            raise FileNotFoundError(name)
        return found.open("rb")

    def close(self) -> None:
        """Close it, and delete what was taken out of it."""
        if self._zip is not None:
            self._zip.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _in_temporary(self) -> Path:
        return Path(self._temporary.name if self._temporary else "", "main")


def _is_own(path: Path) -> bool:
    """Whether it is a file itself: a link in what somebody packed could lead to any file of the server."""
    return path.is_file() and not path.is_symlink()


def _opened(path: Path) -> ZipFile:
    try:
        return ZipFile(path)
    except (BadZipFile, OSError):
        raise InvalidInputError({"file": [_NO_FILE]}) from None


def _main(names: list[str], endings: tuple[str, ...]) -> str:
    for ending in endings:
        for name in sorted(names, key=lambda each: (each.count("/"), each)):
            if name.endswith(ending):
                return name
    raise InvalidInputError({"file": [_NO_FILE]})


class Waiting:
    """Contents of files of the latest two tickets: one is written when the next one begins."""

    def __init__(self) -> None:
        self._contents: dict[str, Callable[[], IO[bytes]]] = {}
        self._before: dict[str, Callable[[], IO[bytes]]] = {}
        self._number = 0

    def put(self, content: bytes | Callable[[], IO[bytes]]) -> str:
        """Hold a content, or what opens it; returns its name beside the lines."""
        self._number += 1
        name = f"files/{self._number}"
        self._contents[name] = content if callable(content) else lambda: io.BytesIO(content)
        return name

    def open(self, name: str) -> IO[bytes]:
        """What is held under a name. Raises OSError."""
        held = self._contents.get(name) or self._before.get(name)
        if held is None:
            raise FileNotFoundError(name)
        return held()

    def next(self) -> None:
        """Another ticket begins: those before the latest one are written."""
        self._before, self._contents = self._contents, {}
