"""Translated texts of our templates, put into them when they are compiled: showing them costs nothing.

There is one environment for each language. `{% trans %}` becomes the text in that language with its values in
between; `_("…")` becomes a constant. Templates of the host, such as its layout, keep their own gettext.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from jinja2 import Environment, nodes
from jinja2.ext import InternationalizationExtension
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer

from paidsupport.kernel.i18n.languages import ENGLISH, Language, in_words, translate
from paidsupport.kernel.i18n.messages import CONTEXT_END, gettext, ngettext, pgettext

#: What our templates call, under names that no host has.
GLOBALS: dict[str, Any] = {
    "paidsupport_gettext": gettext,
    "paidsupport_ngettext": ngettext,
    "paidsupport_pgettext": pgettext,
}
_CALLED = {"_": "gettext", "gettext": "gettext", "ngettext": "ngettext", "pgettext": "pgettext"}
_OURS = "paidsupport/"
_PLACE = re.compile(r"%\((\w+)\)s")


def install(environment: Environment, language: Language) -> None:
    """Let the templates of ours in `environment` speak `language`; its globals must be its own."""
    environment.policies = {**environment.policies, "ext.i18n.trimmed": True}
    before = dict(environment.globals)
    newstyle = getattr(environment, "newstyle_gettext", None)
    ours = Translations(environment)
    # what the extension sets for itself is the host's here
    environment.globals = {**before, **GLOBALS}
    if newstyle is not None:
        environment.newstyle_gettext = newstyle  # type: ignore[attr-defined]
    ours.language = language
    ours.theirs = environment.extensions.get(InternationalizationExtension.identifier)
    environment.extensions = {**environment.extensions, Translations.identifier: ours}
    if says_more(environment):
        environment.filters = {name: _in_words(each) for name, each in environment.filters.items()}


def says_more(environment: Environment) -> bool:
    """Whether the templates of an environment speak another language than English."""
    ours: Any = environment.extensions[Translations.identifier]
    return ours.language is not ENGLISH


def _in_words(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that is given what a message is in the language spoken, not its English text."""
    takes = getattr(function, "jinja_pass_arg", None)

    @wraps(function)
    def filtered(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as the filter
        first = 1 if takes else 0
        if len(args) > first:
            args = (*args[:first], in_words(args[first]), *map(translate, args[first + 1 :]))
        return function(*args, **kwargs)

    return filtered


def is_ours(name: str | None) -> bool:
    """Whether a template speaks through our catalogues: ours, or a host's version of one of ours."""
    return (name or "").startswith(_OURS)


def fold(node: nodes.Template, environment: Environment) -> nodes.Template:
    """Let the calls of gettext in a template of ours be ours; what they say for certain is said at once."""
    ours: Any = environment.extensions[Translations.identifier]
    folded: nodes.Template = _Fold(ours.language).visit(node)
    return folded


class _Fold(NodeTransformer):
    def __init__(self, language: Language) -> None:
        self._language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  # Jinja's
        """A call of gettext, if it is one."""
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in _CALLED:
            return node
        called = _CALLED[node.node.name]
        texts = [each.value for each in node.args if isinstance(each, nodes.Const)]
        if called != "ngettext" and not node.kwargs and len(texts) == len(node.args):
            return nodes.Const(GLOBALS[f"paidsupport_{called}"](*texts).said(self._language))
        node.node = nodes.Name(f"paidsupport_{called}", "load")
        return node


class Translations(InternationalizationExtension):
    """`{% trans %}` in our templates; after any extension of the host, whose tag it takes over."""

    priority = InternationalizationExtension.priority + 1
    language: Language = ENGLISH
    #: What knows the tag in templates of the host.
    theirs: Any = None

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """One tag."""
        if self.theirs is not None and not is_ours(parser.name):
            found: nodes.Node | list[nodes.Node] = self.theirs.parse(parser)
            return found
        return super().parse(parser)

    def form(self, number: int) -> int:
        """Which form the language has for a number."""
        return self.language.form(number)

    def _make_node(  # Jinja's
        self,
        singular: str,
        plural: str | None,
        context: str | None,
        variables: dict[str, nodes.Expr],
        plural_expr: nodes.Expr | None,
        vars_referenced: bool,  # noqa: FBT001
        num_called_num: bool,  # noqa: FBT001
    ) -> Any:  # noqa: ANN401  # an Output, or an If
        del num_called_num
        name = singular if vars_referenced else singular.replace("%%", "%")
        name = f"{context}{CONTEXT_END}{name}" if context is not None else name
        if plural_expr is None or plural is None:
            return _output(self.language.singular(name), singular, variables)
        forms = self.language.forms(name, plural) or [singular, plural]
        texts = [_output(form, plural if at else singular, variables) for at, form in enumerate(forms)]
        which = nodes.Call(self.attr("form"), [plural_expr], [], None, None)
        chosen: nodes.Node = texts[-1]
        for at in reversed(range(len(texts) - 1)):
            test = nodes.Compare(which, [nodes.Operand("eq", nodes.Const(at))])
            chosen = nodes.If(test, [texts[at]], [], [chosen])
        return chosen


def _output(text: str | None, english: str, variables: dict[str, nodes.Expr]) -> nodes.Output:
    """A text with its values in between, English where a translation wants a value that is not there."""
    if text is None or not set(_PLACE.findall(text)) <= variables.keys():
        text = english
    parts = _PLACE.split(text)
    shown: list[nodes.Expr] = []
    for at, part in enumerate(parts):
        if at % 2:
            shown.append(variables[part])
        elif part:
            shown.append(nodes.TemplateData(part.replace("%%", "%")))
    return nodes.Output(shown)
