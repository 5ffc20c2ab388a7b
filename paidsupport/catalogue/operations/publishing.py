"""Publishing: what is ordered from now on. Tickets keep the version that they were ordered under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.tables import Service, ServiceVersion
from paidsupport.catalogue.wording import content_of, payee_in
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change


@dataclass(frozen=True, slots=True)
class Draft:
    """What the next version of a service would keep."""

    content: Mapping[str, Any]
    checklist: list[dict[str, Any]]

    def differs_from(self, version: ServiceVersion | None) -> bool:
        """Whether publishing it would make a version that is unlike this one."""
        if version is None:
            return True
        # versions from before this was kept say the same without it
        content = {**version.content, "payee": payee_in(version.content)}
        mine = (self.content, of_one_service(self.checklist))
        return mine != (content, of_one_service(version.checklist))


def of_one_service(checklist: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A checklist without what its items say of other services."""
    return [{name: value for name, value in item.items() if name != "services"} for item in checklist]


def drafts(ctx: Context, services: Iterable[Service]) -> dict[int, Draft]:
    """The drafts of services, by their ids."""
    rules = catalogue.deadline_rules(ctx.session)
    items = [template.as_row() for template in catalogue.checklist(ctx.session)]
    return {
        service.id: Draft(
            content_of(service, rules.get(service.workflow, {})),
            [row for row in items if not row["services"] or service.slug in row["services"]],
        )
        for service in services
    }


def publish(
    ctx: Context,
    change: Change[Context, Configuration],
    services: Iterable[Service],
    word: str,
    *,
    offers_checklist: bool = False,
) -> list[ServiceVersion]:
    """Publish the drafts of services that differ from their newest versions.

    Args:
        ctx: Who publishes them.
        change: The change of the configuration under way, which holds its lock.
        services: Their rows.
        word: What was changed, and why.
        offers_checklist: Whether tickets under earlier versions are offered the new checklist.

    Returns:
        The new versions.
    """
    wanted = list(services)
    newest, made = catalogue.newest_versions(ctx.session), []
    for service_id, draft in drafts(ctx, wanted).items():
        before = newest.get(service_id)
        if draft.differs_from(before):
            service = next(each for each in wanted if each.id == service_id)
            made.append(_publish(ctx, change, service, draft, before, word, offers=offers_checklist))
    return made


def publish_again(
    ctx: Context, change: Change[Context, Configuration], service: Service, version: ServiceVersion, word: str
) -> ServiceVersion:
    """Publish what an earlier version kept, as a new one: that is how a publication is undone."""
    before = catalogue.newest_versions(ctx.session).get(service.id)
    draft = Draft(version.content, version.checklist)
    # what was offered to running tickets is taken back from them in the same way
    offers = before is not None and before.offers_checklist
    return _publish(ctx, change, service, draft, before, word, offers=offers)


def _publish(  # each is a part of the version
    ctx: Context,
    change: Change[Context, Configuration],
    service: Service,
    draft: Draft,
    before: ServiceVersion | None,
    word: str,
    *,
    offers: bool,
) -> ServiceVersion:
    version = ServiceVersion(
        service_id=service.id,
        number=service.published + 1,
        name=draft.content["name"],
        published_at=ctx.now,
        published_by_id=ctx.by.id if ctx.by.is_person else None,
        published_by=ctx.by.name,
        word=word,
        content=dict(draft.content),
        checklist=draft.checklist,
        offers_checklist=offers,
    )
    service.published = version.number
    ctx.session.add(version)
    ctx.session.flush()
    configuration.tell(
        change,
        "published",
        f"service:{service.slug}",
        service.name,
        {**before.content, "checklist": before.checklist} if before else None,
        {**draft.content, "checklist": draft.checklist},
        word=word,
        version=version.number,
    )
    return version
