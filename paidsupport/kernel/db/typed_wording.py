"""Title and text of a row in other languages, as they were typed; how they are stored is in `wording`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from paidsupport.kernel.fields import Fields
from paidsupport.kernel.text import TEXT_LIMIT

#: Title and text in other languages, by tag and then by name.
Languages = Mapping[str, Mapping[str, str]]


def tidied(
    fields: Fields,
    languages: Languages,
    *,
    limit: int = TEXT_LIMIT,
    check: Callable[[str, str], str] = lambda _, text: text,
) -> dict[str, dict[str, str]]:
    """Title and text as they would be stored, by tag; none is required, and empty ones are left out.

    Args:
        fields: Receives what is refused: `title_de`, `body_de` and the like.
        languages: What was typed.
        limit: The longest text, in characters.
        check: Returns a text as it is to be stored, given the name of its field and the text.
    """
    found = {}
    for tag, typed in languages.items():
        title, body = f"title_{tag}", f"body_{tag}"
        text = fields.many_lines(body, typed.get("body", ""), limit=limit).strip()
        said = {
            "title": fields.one_line(title, typed.get("title", "")).strip(),
            "body": check(body, text),
        }
        found[tag] = {name: text for name, text in said.items() if text}
    return found


def merged(stored: Languages, languages: Languages) -> dict[str, Mapping[str, str]]:
    """Stored languages with those typed; one without texts is removed, and those not named stay."""
    return {tag: texts for tag, texts in {**stored, **languages}.items() if texts}
