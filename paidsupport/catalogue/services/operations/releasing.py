"""Publishing what managers have looked at, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations import publishing
from paidsupport.catalogue.services.operations.comparing import compared
from paidsupport.catalogue.services.operations.editing import refuse_lost_traits
from paidsupport.catalogue.tables import ServiceVersion
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, StaleError, existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _

#: The longest word about a publication, in characters.
_LONGEST_WORD = 1000


class StaleDraftError(StaleError):
    """A draft was changed after the differences were read."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("“%(name)s” has changed since you opened this page. Check the changes again.", name=name)
        )


def publish(
    ctx: Context,
    chosen: Collection[str],
    word: str,
    seen: Mapping[str, str],
    *,
    offers_checklist: bool,
    key: str,
) -> list[ServiceVersion]:
    """Publish the drafts of services.

    Args:
        ctx: Who publishes them.
        chosen: The slugs of the services.
        word: What was changed, and why.
        seen: By slug, the `print` of what was shown.
        offers_checklist: Whether tickets under earlier versions are offered the new checklist.
        key: The one-time key of the form.

    Returns:
        The new versions; none if the form came twice.

    Raises:
        InvalidInputError: The word is missing, nothing was chosen, or a draft has faults.
        StaleDraftError: A draft was changed meanwhile.
    """
    fields = Fields()
    word = read_word(fields, word)
    if not chosen:
        fields.refuse("chosen", _("Choose what to publish."))
    fields.done()
    content = ("publish", *sorted(chosen), word, offers_checklist)
    with configuration.edit(ctx, key=key, content=content) as change:
        if change.repeated:
            return []
        every = catalogue.every_service(ctx.session)
        services = [each for each in every if each.slug in chosen]
        for each in compared(ctx, services):
            if seen.get(each.service.slug) != each.print:
                raise StaleDraftError(each.service.name)
            if each.faults:
                fields.refuse(
                    "chosen",
                    _("“%(name)s” can't be published yet: see what is wrong there.", name=each.service.name),
                )
        fields.done()
        made = publishing.publish(ctx, change, services, word, offers_checklist=offers_checklist)
        if not made:
            change.nothing_new()
    return made


def publish_again(ctx: Context, slug: str, number: int, word: str, *, key: str) -> ServiceVersion | None:
    """Publish what an earlier version of a service kept, as a new one; its draft stays as it is.

    Args:
        ctx: Who publishes it.
        slug: The service.
        number: The earlier version.
        word: Why.
        key: The one-time key of the form.

    Returns:
        The new version; None if the form came twice.

    Raises:
        InvalidInputError: The word is missing, or the version is the newest one.
        NotFoundError: There is no such service, or no such version.
        LostTraitError: The version needs a trait that was removed.
    """
    fields = Fields()
    word = read_word(fields, word)
    fields.done()
    with configuration.edit(ctx, key=key, content=("publish again", slug, number, word)) as change:
        service = catalogue.find(ctx.session, slug)
        version = existing(catalogue.version(ctx.session, service, number))
        if change.repeated:
            return None
        if version.number == service.published:
            raise InvalidInputError({"word": [_("This version is in force already.")]})
        refuse_lost_traits(ctx, version.content)
        return publishing.publish_again(ctx, change, service, version, word)


def read_word(fields: Fields, typed: str) -> str:
    """What was typed about a publication."""
    return fields.many_lines("word", typed, required=_("Say what was changed, and why."), limit=_LONGEST_WORD)
