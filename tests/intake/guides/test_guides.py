"""Guides: editions, who was faster, and files that go in and come out the same (G21)."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsupport.demo import content as demo
from paidsupport.intake.guides import operations as guides
from paidsupport.intake.guides import queries as guide_queries
from paidsupport.intake.guides.rules import ComparedLine, compared
from paidsupport.intake.guides.tables import Guide
from paidsupport.intake.workflow import REQUEST
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, StaleGuideError
from paidsupport.kernel.i18n.languages import language_of, speaking, translate
from paidsupport.tickets.paid import PAID
from tests.people import Desk

pytestmark = pytest.mark.row("G21")

SHIPPED = Path(demo.__file__).parent / "guides"
FILE = '+++\ntitle = "Backups"\nexplains = ["start"]\norder = 7\n+++\n\n# First\n\nAlways.\n'


def add(desk: Desk, title: str = "Backups", body: str = "Always.", slug: str = "") -> Guide:
    """A new guide of Ada's."""
    with desk.ctx(desk.ada) as ctx:
        return guides.add(ctx, slug, title=title, body=body)


def load(desk: Desk, files: dict[str, str], **how: bool) -> int:
    """Load these files."""
    with desk.ctx(desk.mia) as ctx:
        return guides.load(ctx, files, **how)


def told(desk: Desk, slug: str) -> list[tuple[int, str, str]]:
    """Number, author and text of every edition, newest first."""
    with desk.ctx() as ctx:
        rows = guide_queries.editions(ctx.session, guide_queries.find(ctx.session, slug))
        return [(row.number, row.author_name, row.body) for row in rows]


def test_every_edition_is_kept_with_its_author(desk: Desk) -> None:
    """What a guide said before can still be read; the guide says the newest."""
    assert add(desk).slug == "backups"
    with desk.ctx(desk.ben) as ctx:
        guide = guides.keep(ctx, "backups", title="Backups", body="Always.\nNo exception.", seen=1)
        assert (guide.edition, guide.body) == (2, "Always.\nNo exception.")
    assert told(desk, "backups") == [(2, "Ben", "Always.\nNo exception."), (1, "Ada", "Always.")]


def test_nothing_is_kept_over_an_edition_that_was_not_read(desk: Desk) -> None:
    """The slower author reads the other edition first; the same form sent again changes nothing."""
    add(desk)
    for _ in range(2):
        with desk.ctx(desk.ben) as ctx:
            guides.keep(ctx, "backups", title="Backups", body="Ben’s.", seen=1)
    with pytest.raises(StaleGuideError) as refused, desk.ctx(desk.ada) as ctx:
        guides.keep(ctx, "backups", title="Backups", body="Ada’s.", seen=1)
    assert (refused.value.seen, refused.value.newest) == (1, 2)
    assert [number for number, _, _ in told(desk, "backups")] == [2, 1]


def test_of_two_at_once_one_is_kept(pg_desk: Desk) -> None:
    """The edition is compared under the lock: what was read before it does not count."""
    add(pg_desk)
    with pg_desk.ctx(pg_desk.ada) as ada:
        assert guide_queries.find(ada.session, "backups").edition == 1
        with pg_desk.ctx(pg_desk.ben) as ben:
            guides.keep(ben, "backups", title="Backups", body="Ben’s.", seen=1)
        with pytest.raises(StaleGuideError):
            guides.keep(ada, "backups", title="Backups", body="Ada’s.", seen=1)
        ada.session.rollback()
    assert told(pg_desk, "backups")[0][2] == "Ben’s."


def test_a_new_guide_sent_twice_is_one(desk: Desk) -> None:
    """With other content its address is taken."""
    assert add(desk).id == add(desk).id
    with pytest.raises(InvalidInputError) as refused:
        add(desk, body="Never.")
    assert set(refused.value.problems) == {"slug"}
    assert add(desk, body="Never.", slug="backups-2").slug == "backups-2"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"body": " \n"}, "body"),
        ({"body": "a\x00b"}, "body"),
        ({"body": "x" * 60_001}, "body"),
        ({"slug": "Not a slug"}, "slug"),
        ({"slug": "new"}, "slug"),
        ({"title": "日本語"}, "slug"),
        ({"slug": "x" * 41}, "slug"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(
    lite_desk: Desk, changed: dict[str, str], field: str
) -> None:
    """A title, a text of at most 60,000 characters, and an address."""
    with pytest.raises(InvalidInputError) as refused:
        add(lite_desk, **changed)
    assert set(refused.value.problems) == {field}
    with pytest.raises(NotFoundError), lite_desk.ctx() as ctx:
        guide_queries.find(ctx.session, changed.get("slug", "nothing"))


def test_a_title_makes_an_address() -> None:
    """In lower case and hyphens, without accents, and cut if it is too long."""
    assert guides.slug_of("  The First Contact! ") == "the-first-contact"
    assert guides.slug_of("Über Größe") == "uber-grosse"
    assert guides.slug_of("a" * 39 + " b") == "a" * 39


def test_guides_are_found_by_their_words(desk: Desk) -> None:
    """All of them, in any order, without accents, in title and text."""
    add(desk, "Über Backups", "Before every upgrade.")
    with desk.ctx() as ctx:
        for typed, found in (("backups uber", True), ("upgr", True), ("backups downgrade", False)):
            assert (
                "Über Backups" in {row.title for row in guide_queries.listed(ctx.session, typed)}
            ) is found
        assert len(guide_queries.listed(ctx.session)) == 10


def test_files_go_in_and_come_out_the_same(desk: Desk) -> None:
    """Also what a guide explains and its place; loading what is there already does nothing."""
    assert load(desk, {"backups": FILE}) == 1
    with desk.ctx() as ctx:
        dumped = guides.dump(ctx.session)
    assert dumped["backups"] == FILE
    assert load(desk, dumped) == 0
    assert load(desk, {"backups": FILE.replace("Always.", "Always!")}, only_new=True) == 0
    assert load(desk, {"backups": FILE.replace("Always.", "Always!")}) == 1
    assert load(desk, {"backups": FILE.replace("Always.", "Always!").replace("start", "close")}) == 1
    assert [number for number, _, _ in told(desk, "backups")] == [2, 1]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("Backups", FILE, "small letters"),
        ("new", FILE, "not “new”"),
        ("a", FILE.replace("title", "titel"), "unknown key “titel”"),
        ("a", FILE.replace('"Backups"', "7"), "title must be text"),
        ("a", FILE.replace('["start"]', '"start"'), "explains must be a list"),
        ("a", FILE.replace("7", "true"), "order must be a number"),
        ("a", FILE.replace("= 7", "="), "is not TOML"),
        ("a", "No title.", "title: Enter a title"),
        ("a", FILE.partition("# First")[0], "body: Enter the text."),
    ],
)
def test_a_file_that_is_wrong_changes_nothing(lite_desk: Desk, name: str, text: str, said: str) -> None:
    """All or nothing, with the file in the sentence."""
    with pytest.raises(InvalidInputError, match=said) as refused:
        load(lite_desk, {"good": FILE, name: text})
    assert f"{name}.md: " in str(refused.value)
    with lite_desk.ctx() as ctx:
        assert len(guide_queries.listed(ctx.session)) == 9


def test_the_shipped_guides_explain_every_state_and_most_moves(lite_desk: Desk) -> None:
    """The demonstration has them, and nothing they name is unknown to the workflow."""
    with lite_desk.ctx() as ctx:
        explained = guide_queries.explaining(ctx.session)
        titles = [guide.title for guide in guide_queries.listed(ctx.session)]
    states = {state.name for flow in (PAID, REQUEST) for state in flow.states}
    known = states | {transition.name for flow in (PAID, REQUEST) for transition in flow.transitions}
    assert states <= set(explained) <= known
    assert explained["start"] == ("the-first-contact", "The first contact")
    assert titles[0] == "The life of a ticket"
    assert len(titles) == 9


def test_commands_load_and_dump_a_folder(lite_desk: Desk, tmp_path: Path) -> None:
    """The shipped ones come out as they went in; a fault is said and nothing is kept."""
    run = lite_desk.app.test_cli_runner().invoke
    assert run(args=["paidsupport", "guides", "dump", str(tmp_path / "out")]).output == "Guides written: 9.\n"
    for path in SHIPPED.glob("*.md"):
        assert (tmp_path / "out" / path.name).read_text() == path.read_text()
    (tmp_path / "out/backups.md").write_text(FILE)
    loaded = run(args=["paidsupport", "guides", "load", str(tmp_path / "out")])
    assert loaded.output == "Guides loaded: 10. New or changed: 1.\n"
    (tmp_path / "out/backups.md").write_text("nothing")
    failed = run(args=["paidsupport", "guides", "load", str(tmp_path / "out")])
    assert failed.exit_code == 1
    assert "backups.md: title: Enter a title" in failed.output


def test_preparing_the_demonstration_again_changes_no_guide(lite_desk: Desk) -> None:
    """What the staff have improved stays."""
    with lite_desk.ctx(lite_desk.ada) as ctx:
        guides.keep(ctx, "ending-well", title="Ending well", body="Better.", seen=1)
    with lite_desk.app.app_context():
        demo.prepare(0)
    assert told(lite_desk, "ending-well")[0][2] == "Better."


def test_two_texts_are_compared_line_by_line() -> None:
    """What stayed, what went, what came; texts of very many lines are not compared for minutes."""
    assert compared("a\nb\nc", "a\nB\nc\nd") == [
        ComparedLine("a"),
        ComparedLine("b", "del"),
        ComparedLine("B", "ins"),
        ComparedLine("c"),
        ComparedLine("d", "ins"),
    ]
    assert compared("", "") == []
    many = compared("a\n" * 30_000, "a\n" * 29_999)
    assert {line.change for line in many} == {"ins", "del"}


GERMAN = {"de": {"title": "Sicherungen", "body": "# Immer\n\nTäglich."}}


@pytest.mark.row("P15")
def test_a_guide_is_read_in_the_language_of_its_reader(desk: Desk) -> None:
    """Who speaks German gets the German text and finds it by its words; others get the guide itself."""
    with desk.ctx(desk.ada) as ctx:
        guides.add(ctx, "", title="Backups", body="Always.", public=True, languages=GERMAN)
    with desk.ctx() as ctx:
        for tag, title, word, other in (
            ("de", "Sicherungen", "täglich", "always"),
            ("fr", "Backups", "always", "täglich"),
        ):
            with speaking(language_of(tag)):
                [found] = guide_queries.published(ctx.session, word)
                assert (found.slug, translate(found.title)) == ("backups", title)
                assert guide_queries.published(ctx.session, other) == []
                assert translate(guide_queries.title_of(ctx.session, "backups")) == title


@pytest.mark.row("P15")
def test_another_language_is_a_new_edition(desk: Desk) -> None:
    """Languages that are not named stay, one without texts is taken away, and all of it is remembered."""
    with desk.ctx(desk.ada) as ctx:
        guides.add(ctx, "", title="Backups", body="Always.", languages=GERMAN)
    french = {"fr": {"title": "Sauvegardes", "body": ""}}
    for seen, languages, expected in (
        (1, french, GERMAN | {"fr": {"title": "Sauvegardes"}}),
        (2, {"de": {"title": "", "body": " "}}, {"fr": {"title": "Sauvegardes"}}),
        (3, {}, {"fr": {"title": "Sauvegardes"}}),
    ):
        with desk.ctx(desk.ada) as ctx:
            guide = guides.keep(
                ctx, "backups", title="Backups", body="Always.", seen=seen, languages=languages
            )
            assert guide.translations == expected
    with desk.ctx() as ctx:
        rows = guide_queries.editions(ctx.session, guide_queries.find(ctx.session, "backups"))
        assert [sorted(row.translations) for row in rows] == [["fr"], ["de", "fr"], ["de"]]


@pytest.mark.row("P15")
def test_files_of_other_languages_go_in_and_come_out_the_same(desk: Desk) -> None:
    """Each is a file beside that of the guide; without it, the language is taken away."""
    german = '+++\ntitle = "Sicherungen"\n+++\n\n# Erstens\n\nImmer.\n'
    files = {"backups": FILE, "backups.de": german, "backups.pt-BR": "Sempre.\n"}
    assert load(desk, files) == 1
    with desk.ctx() as ctx:
        dumped = guides.dump(ctx.session)
    assert (dumped["backups"], dumped["backups.de"]) == (FILE, german)
    assert dumped["backups.pt-BR"].endswith("+++\n\nSempre.\n")
    assert load(desk, dumped) == 0
    assert load(desk, {"backups": FILE}) == 1
    with desk.ctx() as ctx:
        assert guide_queries.find(ctx.session, "backups").translations == {}


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("nothing.de", "Immer.", "there is no nothing.md"),
        ("backups.german", "Immer.", "the tag of a language"),
        ("backups.de", "+++\norder = 1\n+++\nImmer.", "unknown key “order”"),
        ("backups.de", "+++\ntitle = 1\n+++\nImmer.", "title must be text in quotes"),
        ("backups.de", "+++\ntitle = \n+++\nImmer.", "is not TOML"),
        ("backups.de", "x" * 60_001, "body: "),
    ],
)
def test_what_is_wrong_with_another_language_is_said(desk: Desk, name: str, text: str, sentence: str) -> None:
    """By the name of its file, and nothing is loaded."""
    with pytest.raises(InvalidInputError) as refused:
        load(desk, {"backups": FILE, name: text})
    assert any(
        said.startswith(f"{name}.md: ") and sentence in said for said in refused.value.problems["file"]
    )
