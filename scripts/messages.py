"""Keeps the catalogues of messages: `make messages` after any text has changed.

Reads the texts out of the source into `paidsupport/translations/paidsupport.pot`, adds what is new to the
catalogue of each language, takes out what is gone, and compiles them. With --check, nothing is written: it
fails if a text is missing in the template, or a translation is missing, doubtful, or has other places.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "paidsupport"
FOLDER = PACKAGE / "translations"
TEMPLATE = FOLDER / "paidsupport.pot"
_METHODS = [("demo/**", "ignore"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.py", "python")]
_JINJA = {"trimmed": "true", "silent": "false"}
_OPTIONS = {"**.html": _JINJA, "**.txt": _JINJA}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_PLACE = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_TAG = re.compile(r"</?[a-z]+")


def extracted() -> Catalog:
    """All texts of the source, by the file that they stand in."""
    found = _new(None)
    options: dict[str, dict[str, object]] = {pattern: dict(given) for pattern, given in _OPTIONS.items()}
    texts = extract_from_dir(PACKAGE, _METHODS, options, _KEYWORDS, ["Translators:"], strip_comment_tags=True)
    for filename, _line, message, comments, context in texts:
        found.add(message, None, [(f"paidsupport/{filename}", 0)], auto_comments=comments, context=context)
    return found


def _new(tag: str | None) -> Catalog:
    catalogue = Catalog(tag, domain="paidsupport", project="paidsupport", charset="utf-8", fuzzy=False)
    catalogue.header_comment = "# Texts of paidsupport, under its licence."
    catalogue.revision_date = catalogue.creation_date = None  # type: ignore[assignment]  # no change without one
    return catalogue


def languages() -> Iterator[tuple[str, Path]]:
    """The languages there is a catalogue of."""
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/paidsupport.po")):
        yield path.parent.parent.name, path


def _read(path: Path, tag: str | None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=tag)


def _text(catalogue: Catalog) -> str:
    """A catalogue as it is kept: sorted, without dates and numbers of lines, so that changes can be read."""
    written = io.BytesIO()
    write_po(
        written,
        catalogue,
        width=100,
        sort_output=True,
        include_lineno=False,
        omit_header=True,
        ignore_obsolete=True,
    )
    forms = f'"Plural-Forms: {catalogue.plural_forms}\\n"\n' if catalogue.locale else ""
    language = f'"Language: {catalogue.locale}\\n"\n' if catalogue.locale else ""
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n{language}{forms}\n'
    return head + written.getvalue().decode()


def _compiled(catalogue: Catalog) -> bytes:
    # Babel writes the present minute where a catalogue tells no date
    catalogue.creation_date = catalogue.revision_date = _NO_DATE
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def update() -> None:
    """Bring the template and all catalogues up to the source."""
    template = extracted()
    TEMPLATE.write_text(_text(template), encoding="utf-8")
    for tag, path in languages():
        catalogue = _read(path, tag)
        catalogue.update(template, no_fuzzy_matching=True)
        path.write_text(_text(catalogue), encoding="utf-8")
        path.with_suffix(".mo").write_bytes(_compiled(_read(path, tag)))
        missing = sum(1 for message in catalogue if message.id and not _is_said(message.string))
        print(f"{tag}: {len(catalogue)} texts, {missing} without a translation")


def faults() -> Iterator[str]:
    """What is wrong with the catalogues."""
    template = extracted()
    if not TEMPLATE.is_file() or TEMPLATE.read_text(encoding="utf-8") != _text(template):
        yield "paidsupport.pot is not what the source says: run make messages"
    for tag, path in languages():
        catalogue = _read(path, tag)
        wanted = {(message.id, message.context) for message in template if message.id}
        for message in catalogue:
            if not message.id:
                continue
            wanted.discard((message.id, message.context))
            if message.fuzzy or not _is_said(message.string):
                yield f"{tag}: not translated: {message.id!r}"
            elif fault := _fault(message.id, message.string):
                yield f"{tag}: {fault}: {message.id!r}"
        for text, _context in sorted(wanted, key=str):
            yield f"{tag}: missing: {text!r}"
        compiled = path.with_suffix(".mo")
        if not compiled.is_file() or compiled.read_bytes() != _compiled(catalogue):
            yield f"{tag}: not compiled: run make messages"


def _is_said(text: object) -> bool:
    forms = text if isinstance(text, (tuple, list)) else (text,)
    return all(forms)


def _fault(name: object, text: object) -> str:
    """What a translation has more or less of than the English text."""
    names = name if isinstance(name, (tuple, list)) else (name,)
    forms = text if isinstance(text, (tuple, list)) else (text,)
    for pattern, what in ((_PLACE, "other places"), (_TAG, "other tags")):
        allowed = [sorted(pattern.findall(each)) for each in names]
        if any(sorted(pattern.findall(form)) not in allowed for form in forms):
            return what
    return ""


def main() -> int:
    """Update, or check; the number returned is the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if something is wrong")
    if not parser.parse_args().check:
        update()
        return 0
    found = list(faults())
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
