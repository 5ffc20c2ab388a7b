"""Everything that managers set up as one file: out, in, looked at first, undone (P10)."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from paidsupport.catalogue import tables as catalogue
from paidsupport.intake.guides.tables import Guide, GuideEdition
from paidsupport.kernel.configuration import choosing, file
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.tables import Setting
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewShift
from paidsupport.kernel.staff.roster.tables import Shift
from paidsupport.kernel.staff.saved import operations as views
from paidsupport.kernel.staff.saved.tables import SavedView
from tests.people import Desk

pytestmark = pytest.mark.row("P10")

_EMPTIED = (
    *(catalogue.ServiceQuestion, catalogue.Requirement, catalogue.ServiceVersion, catalogue.Service),
    *(catalogue.Trait, catalogue.ChecklistItem, catalogue.DeadlineRules, catalogue.Boilerplate),
    *(GuideEdition, Guide, SavedView, Shift, Setting),
)


def dump(desk: Desk) -> str:
    """The file as it is."""
    with desk.ctx(desk.mia) as ctx:
        return file.dump(ctx)


def load(desk: Desk, text: str, word: str = "") -> bool:
    """Load a file at once."""
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
        return file.carry_out(ctx, change, file.plan(ctx, text), word)


def furnish(desk: Desk) -> None:
    """Something in every part."""
    with desk.ctx(desk.mia) as ctx:
        views.keep(ctx, name="Überfällige", query="part=all&due=over", shared=True)
        views.keep(ctx, name="mine", query="q=x", shared=False)
        for person, place in ((desk.ada, "1"), (desk.ben, "2")):
            roster.add_shift(ctx, NewShift(str(person.id), ["0", "4"], "", "09:00", "00:00", place))
        wanted = {"name": "Ölsardine", "link_days": "9", "ratings": "", "webhook_secret": "tulip"}
        choosing.choose(ctx, wanted)


def test_what_is_dumped_loads_on_an_empty_desk_and_is_dumped_alike(desk: Desk) -> None:
    """Byte for byte, with everything that the demonstration sets up; loading it again changes nothing."""
    furnish(desk)
    whole = dump(desk)
    for part in ("service", "deadlines.paid", "trait", "checklist", "boilerplate", "guide", "view", "shift"):
        assert f"\n[{part}]\n" in whole or f"\n[[{part}]]\n" in whole
    assert whole.startswith("# What the managers")
    assert '\nformat = 1\nholds = ["settings", "service", ' in whole
    assert "tulip" not in whole
    assert 'name = "mine"' not in whole
    assert not load(desk, whole)
    with desk.ctx(desk.mia) as ctx:
        for table in _EMPTIED:
            ctx.session.execute(delete(table))
        ctx.services.present.expire()
    assert "[[service]]" not in dump(desk)
    assert load(desk, whole)
    assert dump(desk) == whole
    assert not load(desk, whole)
    assert desk.order()
    assert desk.broken() == {}
