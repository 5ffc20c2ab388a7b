"""Guides: all staff can write them, and every earlier edition is kept (G21).

The history of the configuration says which edition a guide had and has; its text is in the editions.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from paidsupport.intake.guides.queries import SLUG, at, every, find, last_place
from paidsupport.intake.guides.tables import Guide, GuideEdition
from paidsupport.kernel.configuration import history
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.typed_wording import Languages, merged, tidied
from paidsupport.kernel.db.wording import TAG
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, StaleGuideError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.words import fold

#: The longest guide, in characters.
LIMIT = 60_000
#: Encloses the facts about a guide at the beginning of its file.
FENCE = "+++"

#: Slugs that are taken by pages of ours beside the guides.
TAKEN = frozenset({"new"})
_KEYS = ("title", "explains", "order", "public")
ADDRESS_TAKEN = _("Choose another address. This one is in use.")
_NOT_A_SLUG = _("Enter up to 40 small letters, digits and hyphens, like the-first-contact.")


Told = Change[Context, Configuration]
_NONE: Languages = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Written:
    """The content of a guide; only files set `explains` and `order`. `public`: None keeps it as it is."""

    title: str
    body: str
    explains: tuple[str, ...] = ()
    order: int | None = None
    public: bool | None = None
    translations: Languages = field(default_factory=dict)


def slug_of(title: str) -> str:
    """The slug that a title makes: `The first contact` becomes `the-first-contact`."""
    plain = "-".join(re.findall("[a-z0-9]+", fold(title)))
    return plain[:40].strip("-")


def checked(title: str, body: str, languages: Languages = _NONE, *, stored: Languages = _NONE) -> Written:
    """A title and a text as they would be stored, and those in other languages merged with the `stored` ones.

    Raises:
        InvalidInputError: By field; in another language `title_de` and the like.
    """
    fields = Fields()
    title, body = _own(fields, title, body)
    others = tidied(fields, languages, limit=LIMIT)
    fields.done()
    return Written(title, body, translations=merged(stored, others))


def _own(fields: Fields, title: str, body: str) -> tuple[str, str]:
    """Title and text in the main language of the desk; both are required."""
    return (
        fields.one_line("title", title, required=_("Enter a title.")),
        fields.many_lines("body", body, required=_("Enter the text."), limit=LIMIT),
    )


def add(  # each is a part of the form
    ctx: Context,
    slug: str,
    *,
    title: str,
    body: str,
    public: bool = False,
    languages: Languages = _NONE,
    key: str | None = None,
) -> Guide:
    """Write a new guide; a form that is sent twice makes one.

    Args:
        ctx: Who writes it.
        slug: Where it is; empty: at the slug that its title makes.
        title: Its title.
        body: Its text.
        public: Whether customers can read it.
        languages: Title and text in other languages, by tag.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: By field.
        KeyReusedError: The form was sent with other content.
    """
    written = replace(checked(title, body, languages), public=public)
    slug = slug.strip() or slug_of(written.title)
    if not SLUG.fullmatch(slug):
        raise InvalidInputError({"slug": [_NOT_A_SLUG]})
    if slug in TAKEN:
        raise InvalidInputError({"slug": [ADDRESS_TAKEN]})
    with history.edit(ctx, key=key, content=("guide", slug, *_sent(written))) as change:
        guide = at(ctx.session, slug)
        if guide is None:
            return _begin(ctx, change, slug, written)
        if not change.repeated and not _says(guide, written):
            raise InvalidInputError(
                {"slug": [_("Choose another address. A guide with this address exists already.")]}
            )
        change.nothing_new()
    return guide


def keep(  # each is a part of the form
    ctx: Context,
    slug: str,
    *,
    title: str,
    body: str,
    seen: int,
    public: bool | None = None,
    languages: Languages = _NONE,
    key: str | None = None,
) -> Guide:
    """Add an edition to a guide, unless nothing has changed.

    Args:
        ctx: Who writes it.
        slug: The guide.
        title: Its title.
        body: Its text.
        seen: The edition that was read.
        public: Whether customers can read it from now on; None keeps it as it is.
        languages: Title and text in other languages, by tag. A language with neither is removed; those that
            are not named stay.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: By field.
        NotFoundError: There is no such guide.
        StaleGuideError: A colleague has added an edition since.
        KeyReusedError: The form was sent with other content.
    """
    sent = replace(checked(title, body, languages), public=public)
    with history.edit(ctx, key=key, content=("guide kept", slug, *_sent(sent))) as change:
        guide = find(ctx.session, slug)
        if change.repeated:
            return guide
        written = checked(title, body, languages, stored=guide.translations)
        if guide.edition != seen and not _says(guide, written):
            raise StaleGuideError(seen, guide.edition)
        written = replace(written, explains=tuple(guide.explains), public=public)
        if not _changed(ctx, change, guide, written):
            change.nothing_new()
    return guide


def _sent(written: Written) -> tuple[object, ...]:
    """What a form says, for its one-time key."""
    others = sorted((tag, *sorted(texts.items())) for tag, texts in written.translations.items())
    return written.title, written.body, written.public, others


def _says(guide: Guide, written: Written) -> bool:
    texts = (written.title, written.body, dict(written.translations))
    return (guide.title, guide.body, guide.translations) == texts


def load(ctx: Context, files: Mapping[str, str], *, only_new: bool = False) -> int:
    """Update guides from files, by their names; returns how many guides were added or changed.

    `backups` is the guide itself, `backups.de` its German title and text. All or nothing. A different text
    becomes a new edition; with `only_new`, existing guides are kept as they are.

    Raises:
        InvalidInputError: Field `file`, with one sentence for each fault.
    """
    faults: list[str] = []
    others = _read_languages(files, faults)
    own = {name: text for name, text in files.items() if "." not in name}
    wanted = {
        slug: replace(written, translations=others.get(slug, {}))
        for slug, text in own.items()
        if (written := _read(slug, text, faults))
    }
    if faults:
        raise InvalidInputError({"file": faults})
    with history.edit(ctx) as change:
        known = {guide.slug: guide for guide in every(ctx.session)}
        if only_new:
            wanted = {slug: written for slug, written in wanted.items() if slug not in known}
        number = sum(bring(ctx, change, known.get(slug), slug, written) for slug, written in wanted.items())
        if not number:
            change.nothing_new()
    return number


def dump(session: Session) -> dict[str, str]:
    """Every guide as files that `load` takes, by name: one for itself and one for each other language."""
    files = {}
    for guide in every(session):
        head: dict[str, Any] = {"title": guide.title, "explains": guide.explains, "order": guide.position}
        files[guide.slug] = _file(head | ({"public": True} if guide.public else {}), guide.body)
        for tag, said in sorted(guide.translations.items()):
            head = {"title": said["title"]} if "title" in said else {}
            files[f"{guide.slug}.{tag}"] = _file(head, said.get("body", ""))
    return files


def bring(ctx: Context, change: Told, guide: Guide | None, slug: str, written: Written) -> bool:
    """Store `written` at `slug`, and tell it; returns whether anything has changed.

    Args:
        ctx: Who does it.
        change: The change of the configuration under way, which holds its lock.
        guide: What is there, read under that lock.
        slug: Where it is.
        written: Its content.
    """
    if guide is None:
        _begin(ctx, change, slug, written)
        return True
    return _changed(ctx, change, guide, written)


def _begin(ctx: Context, change: Told, slug: str, written: Written) -> Guide:
    guide = Guide(
        slug=slug,
        position=last_place(ctx.session) + 1 if written.order is None else written.order,
        title=written.title,
        body=written.body,
        translations=dict(written.translations),
        explains=list(written.explains),
        public=bool(written.public),
        edition=1,
        changed_at=ctx.now,
    )
    ctx.session.add(guide)
    ctx.session.flush()
    _record(ctx, guide)
    history.tell(change, "added", f"guide:{slug}", guide.title, None, _facts_of(guide))
    return guide


def _changed(ctx: Context, change: Told, guide: Guide, written: Written) -> bool:
    """Write what differs, and tell it; another text is the next edition."""
    before = _facts_of(guide)
    guide.explains = list(written.explains)
    guide.position = guide.position if written.order is None else written.order
    guide.public = guide.public if written.public is None else written.public
    if not _says(guide, written):
        guide.title, guide.body = written.title, written.body
        guide.translations = dict(written.translations)
        guide.edition, guide.changed_at = guide.edition + 1, ctx.now
        _record(ctx, guide)
    ctx.session.flush()
    return history.tell(change, "changed", f"guide:{guide.slug}", guide.title, before, _facts_of(guide))


def _facts_of(guide: Guide) -> dict[str, Any]:
    """What the history says of a guide: of its text only which edition, where it is read and compared."""
    return {
        "title": guide.title,
        "edition": guide.edition,
        "order": guide.position,
        "public": guide.public,
        "explains": list(guide.explains),
    }


def _record(ctx: Context, guide: Guide) -> None:
    ctx.session.add(
        GuideEdition(
            guide_id=guide.id,
            number=guide.edition,
            title=guide.title,
            body=guide.body,
            translations=guide.translations,
            author_id=ctx.by.id,
            author_name=ctx.by.name,
            at=ctx.now,
        )
    )
    ctx.session.flush()


def _read(slug: str, text: str, faults: list[str]) -> Written | None:
    """Read a file; None if it has faults, which are added to `faults`."""
    found = list(_faults_of(slug, text))
    if found:
        faults += [f"{slug}.md: {fault}" for fault in found]
        return None
    head, body = _parts(text)
    said = tomllib.loads(head)
    written = checked(said["title"], body)
    explains, order = tuple(said.get("explains", ())), said.get("order")
    return replace(written, explains=explains, order=order, public=said.get("public"))


def _read_languages(files: Mapping[str, str], faults: list[str]) -> dict[str, dict[str, Mapping[str, str]]]:
    """The contents of files in other languages, by slug and tag."""
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for name, text in files.items():
        slug, dot, tag = name.partition(".")
        if not dot:
            continue
        here = list(_faults_of_language(slug, tag, text, files))
        faults += [f"{name}.md: {fault}" for fault in here]
        if not here:
            head, body = _parts(text)
            typed = {"title": tomllib.loads(head).get("title", ""), "body": body}
            for said in merged({}, tidied(Fields(), {tag: typed}, limit=LIMIT)).values():
                found.setdefault(slug, {})[tag] = said
    return found


def _faults_of_language(slug: str, tag: str, text: str, files: Mapping[str, str]) -> Iterator[str]:
    if slug not in files:
        yield f"there is no {slug}.md that it could be another language of"
    if not TAG.fullmatch(tag):
        yield "between the dots stands the tag of a language, such as de or pt-BR"
    said, body = yield from _opened(text, "unknown key “{key}”; only the title is another one", ("title",))
    if said is not None:
        yield from _faults_of_texts(
            said, body, lambda fields, typed: tidied(fields, {tag: typed}, limit=LIMIT)
        )


def _opened(
    text: str, unknown: str, keys: Collection[str]
) -> Generator[str, None, tuple[dict[str, Any] | None, str]]:
    """The head of a file and its text, and the faults of the head; None if it cannot be read.

    `unknown` is the fault of a key that is not one of `keys`.
    """
    head, body = _parts(text)
    try:
        said = tomllib.loads(head)
    except tomllib.TOMLDecodeError as error:
        yield f"what stands between the lines {FENCE} is not TOML: {error}"
        return None, body
    yield from (unknown.format(key=key) for key in said if key not in keys)
    return said, body


def _faults_of_texts(
    said: Mapping[str, Any], body: str, read: Callable[[Fields, dict[str, str]], object]
) -> Iterator[str]:
    """What is wrong with title and text, which `read` reads as a form does."""
    title = said.get("title", "")
    if not isinstance(title, str):
        yield "title must be text in quotes"
        return
    fields = Fields()
    read(fields, {"title": title, "body": body})
    yield from _told(fields)


def _told(fields: Fields) -> list[str]:
    """The faults of a file. Names of fields leave out the language, which is in the name of the file."""
    told = ((name.partition("_")[0], all_) for name, all_ in fields.problems.items())
    return [f"{name}: {sentence}" for name, all_ in told for sentence in all_]


def _faults_of(slug: str, text: str) -> Iterator[str]:
    if not SLUG.fullmatch(slug) or slug in TAKEN:
        yield "the name of the file becomes the address: small letters, digits and hyphens, and not “new”"
    said, body = yield from _opened(text, "unknown key “{key}”", _KEYS)
    if said is None:
        return
    explains, order = said.get("explains", []), said.get("order", 0)
    if not isinstance(explains, list) or not all(isinstance(name, str) for name in explains):
        yield "explains must be a list of names of states and moves"
    if not isinstance(order, int) or isinstance(order, bool) or abs(order) > _MOST:
        yield "order must be a number"
    if not isinstance(said.get("public", False), bool):
        yield "public must be true or false"
    yield from _faults_of_texts(said, body, lambda fields, typed: _own(fields, **typed))


#: The highest position in the list that its column can hold.
_MOST = 2**31 - 1


def _parts(text: str) -> tuple[str, str]:
    """The part between the fences, and the rest; without fences, all of it is the rest."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != FENCE or FENCE not in lines[1:]:
        return "", text
    end = lines.index(FENCE, 1)
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])


def _file(head: Mapping[str, Any], body: str) -> str:
    import tomlkit  # noqa: PLC0415  # only what exports guides needs it

    return f"{FENCE}\n{tomlkit.dumps(head)}{FENCE}\n\n{body}\n"
