"""The words of docs, commands, settings and the doctor follow the style sheet, docs/writing.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

from paidsupport.capabilities import ALL
from paidsupport.demo import content as demo
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.cli import commands_of

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "paidsupport"
#: Every page of the documentation, and the English guides of the demo.
PAGES = sorted(
    path
    for folder in (ROOT, ROOT / "docs", ROOT / "benchmarks", PACKAGE / "demo/guides")
    for path in folder.glob("*.md")
    if path.suffixes == [".md"]  # guides in other languages have their tag before that
)


def banned() -> re.Pattern[str]:
    """The riddles and archaic turns that the style sheet names, and wrong spellings of *email*."""
    sheet = (ROOT / "docs/writing.md").read_text(encoding="utf-8")
    rule = re.search(r"^- \*\*No riddles\.\*\*.*?(?=^- )", sheet, re.MULTILINE | re.DOTALL)
    assert rule
    instead = re.sub(r"name the person[^.]*\.", "", rule[0])
    words = [*re.findall("“([^”]+)”", instead), "mails", "e-mail", "e-mails"]
    assert {"somebody", "whoever", "of which"} <= set(words)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)


def prose(path: Path) -> str:
    """A page without code; the style sheet without what it quotes."""
    code = re.compile(r"^```.*?^```|^    .*?$|`[^`]*`", re.MULTILINE | re.DOTALL)
    text = code.sub("", path.read_text(encoding="utf-8"))
    return re.sub("“[^”]*”|^\\|.*$", "", text, flags=re.MULTILINE) if path.name == "writing.md" else text


def said(path: Path, *, docstrings: bool = False) -> Iterator[str]:
    """Every text that a module may say."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = (
        set() if docstrings else {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def helps(commands: Mapping[str, click.Command]) -> Iterator[str]:
    """What `--help` says, of every command and option."""
    for command in commands.values():
        yield command.help or ""
        for parameter in command.params:
            yield getattr(parameter, "help", "") or ""
        if isinstance(command, click.Group):
            yield from helps(command.commands)


def refusals(path: Path) -> Iterator[str]:
    """What a module says about a site that is set up wrongly."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ConfigurationError":
            yield from (
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def texts() -> dict[str, list[str]]:
    """Every text outside of pages and emails, by where it stands."""
    modules = sorted(PACKAGE.rglob("*.py"))
    found = {str(path.relative_to(ROOT)): [prose(path)] for path in PAGES}
    found["--help"] = [*helps({**commands_of(Capabilities(ALL)), "demo": demo.command})]
    for path in modules:
        name = str(path.relative_to(PACKAGE))
        if path.name == "cli.py" or "invariants" in name:
            found[name] = [*said(path)]
        elif name == "settings.py":
            found[name] = re.findall(r"^ *#: .*$", path.read_text(encoding="utf-8"), re.MULTILINE)
        found.setdefault(name, []).extend(refusals(path))
    return found


def test_no_riddles_outside_of_pages() -> None:
    """Nowhere in docs, help, output of commands, findings of the doctor and sentences about settings."""
    wrong = banned()
    assert [
        f"{where}: {hit[0]}"
        for where, all_of in texts().items()
        for text in all_of
        for hit in wrong.finditer(text)
    ] == []


#: Riddles in what developers read: who is meant has a name there, too.
RIDDLES = re.compile(r"\b(?:somebody|anybody|nobody|everybody|whoever|thereof)\b", re.IGNORECASE)
#: The packages whose comments and docstrings are free of them.
PLAIN = ("demo", "intake", "issues", "sales", "tickets")


def remarks(path: Path) -> Iterator[str]:
    """Every comment and docstring of a module."""
    text = path.read_text(encoding="utf-8")
    yield from re.findall(r'""".*?"""', text, re.DOTALL)
    yield from re.findall(r"(?:^ *|\s\s)#.*$", text, re.MULTILINE)


def test_no_riddles_in_comments_and_docstrings() -> None:
    """A person or a role stands there instead."""
    assert [
        f"{path.relative_to(PACKAGE)}: {remark}"
        for package in PLAIN
        for path in sorted((PACKAGE / package).rglob("*.py"))
        for remark in remarks(path)
        if RIDDLES.search(remark)
    ] == []


def test_every_command_and_option_says_what_it_does() -> None:
    """In a sentence with a capital and a full stop."""
    for text in helps({**commands_of(Capabilities(ALL)), "demo": demo.command}):
        first = text.strip().partition("\n")[0]
        assert not first or (first[0].isupper() and first.rstrip()[-1] in ".:"), text


@pytest.mark.parametrize("text", ["Whoever calls", "nobody", "two, one of which", "three mails"])
def test_the_search_finds_what_is_banned(text: str) -> None:
    """Or else it would say nothing."""
    assert banned().search(text)
