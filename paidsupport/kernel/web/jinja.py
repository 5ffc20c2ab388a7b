"""The host's Jinja as pages of ours use it: with our options, and without work that every request repeats."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from flask import Flask, has_request_context
from flask.ctx import RequestContext
from flask.globals import request_ctx
from jinja2 import Environment, Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro, markup_join, str_join
from jinja2.utils import missing
from markupsafe import Markup, escape
from werkzeug.routing import PathConverter, UnicodeConverter

from paidsupport.kernel.i18n.languages import ENGLISH, Language, translate
from paidsupport.kernel.web import trans

#: What a macro is given for arguments that are left out.
_MISSING: tuple[Any, ...] = (missing,) * 20
#: What is called as it is, unless it says that it wants to know where.
_FUNCTIONS = (FunctionType, MethodType, BuiltinMethodType)
#: What stands in an address as it is.
_WORD, _PATH = re.compile(r"[A-Za-z0-9_.-]+").fullmatch, re.compile(r"[A-Za-z0-9_./-]+").fullmatch
#: The same of what follows it, and the names there that mean nothing to Flask.
_QUERY, _NAME = re.compile(r"[A-Za-z0-9_.@:/,-]*").fullmatch, re.compile(r"[a-z][a-z_]*").fullmatch
#: Where an address begins, by the kinds of arguments that an address has.
_SIMPLE = {
    frozenset[Any](): _WORD,
    frozenset({UnicodeConverter}): _WORD,
    frozenset({PathConverter}): _PATH,
}
#: Finds what HTML must not hold as it is.
_SPECIAL = re.compile("[&<>'\"]").search


def environment_of(app: Flask, language: Language = ENGLISH) -> Environment:
    """The host's Jinja with the options that our templates, emails above all, are written for, in a language.

    A site may forbid undefined names or trim the lines of blocks for its own. Compiled templates are not
    shared with it, for in a cache of theirs the options make no difference.
    """
    ours = app.jinja_env.overlay(
        trim_blocks=False,
        lstrip_blocks=False,
        undefined=Undefined,
        bytecode_cache=None,
        cache_size=-1,  # our templates are few: none is ever forgotten, and none looked up under a lock
    )
    shared = dict(ours.globals)
    if shared.get("url_for") == app.url_for:
        shared["url_for"] = quick_url_for(app)
    ours.globals = shared
    trans.install(ours, language)
    shared = ours.globals

    def make_globals(d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        # one plain dict for all templates: Jinja's chains of dicts are copied name by name at each rendering
        return {**shared, **d} if d else shared

    ours.code_generator_class, ours.context_class = _Generator, _Context
    ours.make_globals = make_globals  # type: ignore[method-assign]  # a host's environment may be of its own class
    return ours


def as_html(value: Any) -> Any:  # noqa: ANN401  # whatever a template shows
    """What a template shows, escaped as by `escape`, to be joined with the rest of the page right away."""
    kind = type(value)
    if kind is Markup or (kind is str and not _SPECIAL(value)):
        return value
    if kind is int:
        return str(value)
    return escape(translate(str(value) if isinstance(value, Exception) else value))


def as_text(value: Any) -> str:  # noqa: ANN401  # whatever a template shows
    """What a template of plain text shows."""
    return str(translate(value))


def joined(escaping: bool, *parts: Any) -> str:  # noqa: ANN401, FBT001  # what stands around ~ in a template
    """As Jinja's `~`, in the language that is spoken."""
    return (markup_join if escaping else str_join)(map(translate, parts))


def module_of(environment: Environment, name: str, parent: str, context: Context) -> TemplateModule:
    """What a template imports, looked up once."""
    known: dict[str, TemplateModule] = environment.__dict__.setdefault("paidsupport_modules", {})
    if name not in known or environment.auto_reload:
        known[name] = environment.get_template(name, parent)._get_default_module(context)  # noqa: SLF001  # as Jinja
    return known[name]


class _Generator(CodeGenerator):
    """Compiles templates to use `as_html` wherever they show something, and to look things up quickly."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802  # Jinja's
        if trans.is_ours(self.name):
            node = trans.fold(node, self.environment)
        names = (each.__name__ for each in (as_html, as_text, joined, module_of))
        self.writeline(f"from {__name__} import {', '.join(names)}")
        super().visit_Template(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802  # Jinja's
        if self.environment.is_async or type(self.environment).getattr is not Environment.getattr:
            super().visit_Getattr(node, frame)
            return
        self.write("(got if (got := getattr(of := ")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r}, missing)) is not missing else environment.getattr(of, {node.attr!r}))")

    def _import_common(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> None:
        if self.environment.is_async or node.with_context:
            super()._import_common(node, frame)
            return
        self.write(f"{module_of.__name__}(environment, ")
        self.visit(node.template, frame)
        self.write(f", {self.name!r}, context)")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802  # Jinja's
        if not trans.says_more(self.environment):
            super().visit_Concat(node, frame)
            return
        self.write(f"{joined.__name__}(context.eval_ctx.autoescape, ")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401  # Jinja's
        if frame.eval_ctx.volatile:
            super()._output_child_pre(node, frame, finalize)
            return
        shown = as_html if frame.eval_ctx.autoescape else as_text
        self.write(f"{shown.__name__}({finalize.src or ''}")


class _Context(Context):
    """Calls macros at once: they are most of what a page calls, and what they are called with is known."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as Jinja's
        """As Jinja's."""
        kind = type(called)
        if kind is Macro:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            left = called.arguments[len(args) :]
            if len(args) + len(left) > len(called.arguments) or called.caller or called.catch_varargs:
                return called(self.eval_ctx, *args, **kwargs)
            named = [kwargs.pop(name, missing) for name in left] if kwargs else _MISSING[: len(left)]
            if called.catch_kwargs:
                named = (*named, kwargs)
            elif kwargs:
                return called(self.eval_ctx, *args, **kwargs)
            html = called._func(*args, *named)  # noqa: SLF001  # what its `__call__` comes to
            return str.__new__(Markup, html) if self.eval_ctx.autoescape else html
        if kind not in _FUNCTIONS or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return called(*args, **kwargs)


def quick_url_for(app: Flask) -> Callable[..., str]:
    """As `app.url_for`, which it leaves all but plain addresses to; a page has dozens of those."""
    if type(app).url_for is not Flask.url_for:
        return app.url_for
    patterns: dict[str, _Pattern | None] = {}

    def url_for(endpoint: str, **values: Any) -> str:  # noqa: ANN401  # as Flask's
        # asked once for each address: every look at a proxy takes its time
        here = request_ctx._get_current_object() if has_request_context() else None  # type: ignore[attr-defined]  # noqa: SLF001
        found = _built(here, endpoint, values) if here else None
        return app.url_for(endpoint, **values) if found is None else found

    def _built(here: RequestContext, endpoint: str, values: Mapping[str, Any]) -> str | None:
        if endpoint.startswith("."):
            endpoint = f"{here.request.blueprint}{endpoint}"
        if endpoint not in patterns:
            patterns[endpoint] = _pattern(app, endpoint)
        pattern, adapter = patterns[endpoint], here.url_adapter
        if pattern is None or adapter is None or adapter.subdomain != pattern.subdomain:
            return None
        path = pattern.filled(values)
        return path and adapter.script_name[:-1] + path

    return url_for


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The addresses of one endpoint, as far as they are made of letters and numbers."""

    subdomain: str
    #: To be formatted with the arguments.
    path: str
    arguments: frozenset[str]
    #: Finds whether an argument stands in it as it is.
    is_simple: Callable[[str], object]

    def filled(self, values: Mapping[str, Any]) -> str | None:
        """The path with these arguments; None if there is more to it."""
        query = ""
        for name, value in values.items():
            in_path = name in self.arguments
            fits = self.is_simple if in_path else _QUERY
            if type(value) is not int and (type(value) is not str or not fits(value)):
                if value is None and not in_path:
                    continue
                return None
            if not in_path:
                if not _NAME(name):
                    return None
                query += f"{'&' if query else '?'}{name}={value}"
        return self.path.format_map(values) + query if self.arguments <= values.keys() else None


def _pattern(app: Flask, endpoint: str) -> _Pattern | None:
    """What the addresses of an endpoint look like, if nothing besides its arguments has a say in them."""
    if any(app.url_default_functions.values()) or app.url_map.host_matching or app.url_map.sort_parameters:
        return None
    try:
        [rule] = app.url_map.iter_rules(endpoint)
    except (KeyError, ValueError):
        return None
    kinds = frozenset(type(each) for each in rule._converters.values())  # noqa: SLF001
    if rule.defaults or rule.websocket or kinds not in _SIMPLE:
        return None
    marks = {name: f"ps{number}mark" for number, name in enumerate(sorted(rule.arguments))}
    built = rule.build(marks)
    if built is None:
        return None
    path = built[1].replace("{", "{{").replace("}", "}}")
    for name, mark in marks.items():
        path = path.replace(mark, f"{{{name}}}")
    return _Pattern(built[0], path, frozenset(rule.arguments), _SIMPLE[kinds])
