"""Services: made, changed, moved, retired, and put back on offer; what customers order is published apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations.publishing import drafts
from paidsupport.catalogue.rules.names import SLUG
from paidsupport.catalogue.rules.questions import Question, keys
from paidsupport.catalogue.rules.terms import usual_payee
from paidsupport.catalogue.services.operations.comparing import discarded
from paidsupport.catalogue.services.operations.values import check, read, read_price, shown, values_of, write
from paidsupport.catalogue.tables import ChecklistItem, Requirement, Service, ServiceQuestion
from paidsupport.catalogue.wording import PLAIN, SERVICE, content_of, payee_in
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.merging import merged
from paidsupport.kernel.configuration.rows import in_order
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import ConflictError, InvalidInputError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.languages import offered
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.money import Money
from paidsupport.kernel.words import fold

#: Slugs that are taken by pages beside those of services.
_TAKEN = frozenset({"new", "publish"})


@dataclass(frozen=True, slots=True)
class New:
    """A service that is to be made.

    Attributes:
        name: What customers read.
        slug: Its name in addresses; if empty, made from the name.
        workflow: The name of the workflow of its tickets.
        copy_of: The slug of the service that it begins as; empty: it begins with nothing.
        price: As it was typed; if empty, that of the service it is copied from.
        currency: The same.
    """

    name: str
    slug: str
    workflow: str
    copy_of: str = ""
    price: str = ""
    currency: str = ""


class InUseError(ConflictError):
    """A service cannot be deleted, because something needs it."""


class LostTraitError(ConflictError):
    """What is to be on offer needs a trait that was removed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("It needs the trait “%(name)s”, which was removed. Add that trait again first.", name=name)
        )


def other_languages(ctx: Context) -> tuple[str, ...]:
    """The tags of the desk's languages besides its usual one."""
    return offered(ctx.services.settings.languages)[1:]


def slug_of(name: str) -> str:
    """The slug that a name makes: `Hourly work` becomes `hourly-work`."""
    return "-".join(re.findall("[a-z0-9]+", fold(name)))[:40].strip("-")


def add(ctx: Context, new: New, *, mark: str, key: str) -> Service:
    """Make a service, which nobody can order before it is published.

    Args:
        ctx: Who makes it.
        new: What it is.
        mark: What stands before the decimals of a typed price.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: By field.
    """
    fields = Fields()
    name = fields.one_line("name", new.name, required=_("Enter a name."))
    slug = _new_slug(fields, new.slug.strip() or slug_of(name))
    if new.workflow not in ctx.services.workflows:
        fields.refuse("workflow", _("Choose one of these."))
    price = None
    if not new.copy_of or new.price.strip():
        price = read_price(fields, new.price, new.currency, mark=mark)
    fields.done()
    with configuration.edit(ctx, key=key, content=("new service", *_parts(new))) as change:
        if change.repeated:
            return catalogue.find(ctx.session, slug)
        every = catalogue.every_service(ctx.session)
        if any(each.slug == slug for each in every):
            raise InvalidInputError({"slug": [_("Choose another address. This one is in use.")]})
        original = next((each for each in every if each.slug == new.copy_of), None)
        service = _made(ctx, new, name, slug, price, original)
        service.position = max((each.position for each in every), default=-1) + 1
        configuration.tell(change, "added", f"service:{slug}", name, after=content_of(service, {}))
        for item in catalogue.items_of(ctx.session):
            if original is not None and original.slug in item.services:
                _name_services(change, item, [*item.services, slug])
        ctx.session.flush()
    return service


def change(
    ctx: Context, slug: str, typed: Mapping[str, Any], seen: Mapping[str, Any], *, mark: str, key: str
) -> Service:
    """Change the draft of a service; what another manager has changed since it was opened stays.

    Args:
        ctx: Who changes it.
        slug: The service.
        typed: What was typed, by field.
        seen: What the form showed when it was opened.
        mark: What stands before the decimals of the price.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: By field.
        ChangedMeanwhileError: Another manager changed the same fields.
        NotFoundError: There is no such service.
    """
    tags = other_languages(ctx)
    values = read(typed, tags, mark=mark)
    with configuration.edit(ctx, key=key, content=("service", slug, *sorted(values.items()))) as told:
        service = catalogue.find(ctx.session, slug)
        if told.repeated:
            return service
        before = values_of(service, tags)
        after = merged(before, seen, values, shown)
        flow = ctx.services.workflows.get(service.workflow)
        check(after, is_order=flow is not None and flow.is_order)
        write(service, before, after, tags)
        ctx.session.flush()
        if not configuration.tell(told, "changed", f"service:{slug}", service.name, before, after):
            told.nothing_new()
    return service


def move(ctx: Context, slug: str, to: str, *, key: str) -> tuple[Service, int, int]:
    """Move a service that is on offer among the others.

    Args:
        ctx: Who moves it.
        slug: The service.
        to: See `in_order`.
        key: The one-time key of the form.

    Returns:
        The service, its place from 1, and how many there are.

    Raises:
        InvalidInputError: `to` is no place.
        NotFoundError: There is no such service.
    """
    with configuration.edit(ctx, key=key, content=("move service", slug, to)) as told:
        every = catalogue.every_service(ctx.session)
        service = catalogue.find(ctx.session, slug)
        group = [each for each in every if each.active == service.active]
        before = group.index(service)
        if not told.repeated:
            group = in_order(group, service, to)
            others = [each for each in every if each.active != service.active]
            for position, each in enumerate([*group, *others] if service.active else [*others, *group]):
                each.position = position
            ctx.session.flush()
        place = group.index(service)
        if place == before:
            told.nothing_new()
        else:
            places = ({"position": before + 1}, {"position": place + 1})
            configuration.tell(told, "moved", f"service:{slug}", service.name, *places)
    return service, place + 1, len(group)


def retire(ctx: Context, slug: str, *, key: str) -> Service:
    """Take a service off what can be ordered; its tickets go on. Raises NotFoundError."""
    return _set_active(ctx, slug, key, active=False)


def reinstate(ctx: Context, slug: str, *, key: str) -> Service:
    """Put a retired service back on offer, with its newest version.

    Raises:
        NotFoundError: There is no such service.
        LostTraitError: It needs a trait that was removed.
    """
    return _set_active(ctx, slug, key, active=True)


def discard(ctx: Context, slug: str, *, key: str) -> Service:
    """Make the draft of a service what its newest version is.

    The checklist and the deadlines of its workflow belong to other services as well: they stay.

    Raises:
        NotFoundError: There is no such service.
        ConflictError: It was never published.
        LostTraitError: The version needs a trait that was removed.
    """
    with configuration.edit(ctx, key=key, content=("discard draft", slug)) as told:
        service = catalogue.find(ctx.session, slug)
        version = catalogue.version(ctx.session, service, service.published)
        if version is None:
            raise ConflictError(_("This service was never published, so there's nothing to go back to."))
        if told.repeated:
            return service
        refuse_lost_traits(ctx, version.content)
        if not discarded(ctx, service):
            told.nothing_new()
            return service
        before = drafts(ctx, [service])[service.id].content
        fill(ctx, service, version.content)
        after = drafts(ctx, [service])[service.id].content
        configuration.tell(told, "undone", f"service:{slug}", service.name, before, after)
    return service


def delete(ctx: Context, slug: str, *, key: str) -> None:
    """Delete a service that was never published, and so never ordered.

    Raises:
        NotFoundError: There is no such service.
        InUseError: It was published, or an item of the checklist is for it alone.
    """
    with configuration.edit(ctx, key=key, content=("delete service", slug)) as told:
        if told.repeated:
            return
        service = catalogue.find(ctx.session, slug)
        if service.published:
            raise InUseError(_("This service was published, so it can only be retired."))
        items = [item for item in catalogue.items_of(ctx.session) if slug in item.services]
        if own := [item.text for item in items if len(item.services) == 1]:
            raise InUseError(
                _("The checklist item “%(name)s” is for this service alone. Change it first.", name=own[0])
            )
        label, before = service.name, content_of(service, {})
        ctx.session.delete(service)
        configuration.tell(told, "removed", f"service:{slug}", label, before)
        for item in items:
            _name_services(told, item, [each for each in item.services if each != slug])
        ctx.session.flush()


def refuse_lost_traits(ctx: Context, *contents: Mapping[str, Any]) -> None:
    """Check that all traits are there that drafts or versions need. Raises LostTraitError."""
    known = {"", *(row.name for row in catalogue.every_trait(ctx.session))}
    for content in contents:
        for name in (*content["traits"], *(row["trait"] for row in content["questions"])):
            if name not in known:
                raise LostTraitError(name)


def fill(ctx: Context, service: Service, content: Mapping[str, Any]) -> None:
    """Write all that a version of a service keeps into its draft."""
    for name in (*SERVICE.names, *PLAIN):
        setattr(service, name, deepcopy(content[name]))
    service.payee = payee_in(content)
    service.translations = deepcopy(dict(content["translations"]))
    service.requirements.clear()
    service.questions.clear()
    ctx.session.flush()  # the old rows must be deleted before new ones take their positions
    service.requirements.extend(
        Requirement(position=number, text=text) for number, text in enumerate(content["requirements"])
    )
    service.questions.extend(
        ServiceQuestion(position=number, **deepcopy({name: row[name] for name in keys(Question)}))
        for number, row in enumerate(content["questions"])
    )
    ctx.session.flush()


def _new_slug(fields: Fields, slug: str) -> str:
    if not SLUG.fullmatch(slug):
        fields.refuse("slug", _("Enter up to 40 small letters, digits and hyphens, like hourly-work."))
    elif slug in _TAKEN:
        fields.refuse("slug", _("Choose another address. This one is in use."))
    return slug


def _made(
    ctx: Context, new: New, name: str, slug: str, price: Money | None, original: Service | None
) -> Service:
    if new.copy_of and original is None:
        raise InvalidInputError({"copy_of": [_("Choose one of these.")]})
    empty = {"summary": "", "description": "", "price_minor": 0, "currency": "XXX", "workflow": new.workflow}
    service = Service(slug=slug, name=name, position=0, **empty)
    ctx.session.add(service)
    if original is not None:
        content = content_of(original, {})
        said = {tag: _without_name(texts) for tag, texts in content["translations"].items()}
        own = {"name": name, "workflow": new.workflow, "translations": said}
        if new.workflow != original.workflow:
            own["payee"] = usual_payee(new.workflow)
        fill(ctx, service, {**content, **own})
    if price is not None:
        service.price_minor, service.currency = price.minor, price.currency
    return service


def _without_name(texts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: text for name, text in texts.items() if name != "name"}


def _name_services(
    told: Change[Context, Configuration], item: ChecklistItem, services: Sequence[str]
) -> None:
    """Let an item of the checklist be for these services."""
    before, item.services = list(item.services), list(services)
    after = {"services": item.services}
    configuration.tell(told, "changed", f"item:{item.name}", item.text, {"services": before}, after)


def _set_active(ctx: Context, slug: str, key: str, *, active: bool) -> Service:
    kind = "reinstated" if active else "retired"
    with configuration.edit(ctx, key=key, content=(kind, slug)) as told:
        service = catalogue.find(ctx.session, slug)
        if told.repeated or service.active == active:
            told.nothing_new()
            return service
        if active:
            version = catalogue.version(ctx.session, service, service.published)
            refuse_lost_traits(ctx, content_of(service, {}), *([version.content] if version else []))
        service.active = active
        ctx.session.flush()
        configuration.tell(
            told, kind, f"service:{slug}", service.name, {"active": not active}, {"active": active}
        )
    return service


def _parts(new: New) -> Collection[str]:
    return (new.name, new.slug, new.workflow, new.copy_of, new.price, new.currency)
