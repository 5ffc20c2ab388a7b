"""Rules of tone as files: those that come with the desk, and how those of a site are added to them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from paidsupport.privacy.tone import Language, Rule

#: What a file of rules may hold, a rule of it, and a language.
_TOP = frozenset({"language", "languages", "rule", "without"})
_RULE = frozenset({"name", "language", "reason", "suggestion", "patterns", "unless", "always"})
_LANGUAGE = frozenset({"common", "abbreviations", "joins", "months", "weekdays"})
#: A clause ends at these in every language.
_MARKS = r"[,;:()]| - "

#: Spaces of a pattern that are any number of them: not where they are counted, in […], or looked back for.
_SPACE = re.compile(r"(?P<kept>\(\?<[!=][^()]*\)|\[[^\]]*\]| [?*+{])| +(?![?*+{])")


class BadRulesError(ValueError):
    """A file of rules cannot be used; `str(error)` tells its author why."""


@cache
def shipped() -> tuple[Language, ...]:
    """The languages that come with the desk."""
    languages: tuple[Language, ...] = ()
    for name in ("en", "de"):
        languages = extended(languages, files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))
    return languages


def extended(languages: Sequence[Language], text: str) -> tuple[Language, ...]:
    """`languages` with what a file of rules adds to them and takes away. Raises BadRulesError."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRulesError(f"it is no TOML: {error}") from None
    _refuse_unknown(given, _TOP, "the file")
    known = {language.name: language for language in languages}
    for name, values in _table(given, "languages", "the file").items():
        known[name] = _language(name, values)
    without = frozenset(_texts(given, "without", "the file"))
    if strange := sorted(without - {rule.name for each in known.values() for rule in each.rules}):
        raise BadRulesError(f"`without` names “{strange[0]}”, which is no rule")
    rules = given.get("rule", [])
    if not isinstance(rules, list):
        raise BadRulesError("write each rule below a line [[rule]]")
    meant = given.get("language")
    rules = [{"language": meant, **rule} if meant and isinstance(rule, dict) else rule for rule in rules]
    return tuple(_with_rules(language, rules, without, known) for language in known.values())


def _with_rules(
    language: Language, rules: Sequence[Any], without: frozenset[str], known: Mapping[str, Language]
) -> Language:
    kept = [rule for rule in language.rules if rule.name not in without]
    for number, values in enumerate(rules, start=1):
        where = f"rule {number}"
        if not isinstance(values, dict):
            raise BadRulesError("write each rule below a line [[rule]]")
        _refuse_unknown(values, _RULE, where)
        named = values.get("language", language.name)
        if named not in known:
            raise BadRulesError(f"{where} is for the language “{named}”, which has no [languages.{named}]")
        rule = _rule(values, language, where)
        if named == language.name:
            kept.append(rule)
    return replace(language, rules=tuple(kept))


def _language(name: str, values: Any) -> Language:  # noqa: ANN401  # as it stands in the file
    where = f"[languages.{name}]"
    if not isinstance(values, dict):
        raise BadRulesError(f"{where} is a table")
    _refuse_unknown(values, _LANGUAGE, where)
    common = _words(values, "common", where)
    if not common:
        raise BadRulesError(f"{where} needs `common`: small words by which the language is known")
    return Language(
        name=name,
        common=frozenset(common),
        abbreviations=frozenset(_words(values, "abbreviations", where)),
        joins=_joins(values.get("joins", r"(?!)"), where),
        months=_numbered(values, "months", where, first=1),
        weekdays=_numbered(values, "weekdays", where, first=0),
        rules=(),
    )


def _joins(pattern: Any, where: str) -> re.Pattern[str]:  # noqa: ANN401  # as it stands in the file
    try:
        return re.compile(rf"{_MARKS}| (?:{pattern})(?= )", re.IGNORECASE)
    except re.error as error:
        raise BadRulesError(f"{where}: `joins` is no pattern: {error}") from None


def _rule(values: Mapping[str, Any], language: Language, where: str) -> Rule:
    for key in ("name", "reason", "suggestion"):
        if not isinstance(values.get(key), str) or not values[key].strip():
            raise BadRulesError(f"{where} needs `{key}`, a text")
    where = f"rule “{values['name']}”"
    patterns = _patterns(values, "patterns", language, where)
    if not patterns:
        raise BadRulesError(f"{where} needs `patterns`: at least one text to look for")
    return Rule(
        name=values["name"],
        reason=values["reason"].strip(),
        suggestion=values["suggestion"].strip(),
        patterns=patterns,
        unless=_patterns(values, "unless", language, where),
        always=_patterns(values, "always", language, where),
    )


def _patterns(
    values: Mapping[str, Any], key: str, language: Language, where: str
) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(text, language, where) for text in _texts(values, key, where))


def _pattern(text: str, language: Language, where: str) -> re.Pattern[str]:
    """A pattern of whole words in which a space is any white space; @month and @weekday are those words."""
    spelled = text
    for word, names in (("@month", language.months), ("@weekday", language.weekdays)):
        longest_first = sorted(names, key=len, reverse=True)
        spelled = spelled.replace(word, "|".join(map(re.escape, longest_first)) or r"(?!)")
    # spaces are never given back: a line of nothing else would be looked at again from each of them
    spelled = _SPACE.sub(lambda match: match[0] if match["kept"] else " ++", spelled)
    try:
        found = re.compile(rf"(?:(?<!\w)|(?!\w))(?:{spelled})(?:(?!\w)|(?<!\w))", re.IGNORECASE)
    except re.error as error:
        raise BadRulesError(f"{where}: “{text}” is no pattern: {error}") from None
    if found.search(""):
        raise BadRulesError(f"{where}: “{text}” is found in everything")
    return found


def _numbered(values: Mapping[str, Any], key: str, where: str, first: int) -> dict[str, int]:
    """The number of each name of a month or a weekday; several names of one stand in one text."""
    listed = _texts(values, key, where)
    return {name: number for number, names in enumerate(listed, first) for name in names.casefold().split()}


def _words(values: Mapping[str, Any], key: str, where: str) -> list[str]:
    said = values.get(key, "")
    if not isinstance(said, str):
        raise BadRulesError(f"{where}: `{key}` is one text, with spaces between the words")
    return said.casefold().split()


def _texts(values: Mapping[str, Any], key: str, where: str) -> list[str]:
    said = values.get(key, [])
    if not isinstance(said, list) or not all(isinstance(text, str) and text for text in said):
        raise BadRulesError(f"{where}: `{key}` is a list of texts")
    return said


def _table(values: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    said = values.get(key, {})
    if not isinstance(said, dict):
        raise BadRulesError(f"{where}: `{key}` is a table")
    return said


def _refuse_unknown(values: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    if strange := sorted(values.keys() - known):
        raise BadRulesError(f"{where} has “{strange[0]}”; it may have {', '.join(sorted(known))}")
