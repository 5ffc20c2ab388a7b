"""Blame, promises, dates nobody approved and “I fixed” are found in answers, and nothing else (T16, N6)."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.privacy.tone import Approved, check, spoken
from paidsupport.privacy.tones import BadRulesError, extended, shipped
from tests.privacy import letters_of_tone as letters

pytestmark = pytest.mark.row("T16", "N6")

TODAY = date.fromisoformat(letters.TODAY)
APPROVED = Approved(frozenset({date.fromisoformat(letters.APPROVED)}), TODAY)
#: A place to mark, and the rule.
PLACE = re.compile(r"⟦(.*?)\|([\w-]+)⟧")
GUIDES = sorted((Path(__file__).parents[2] / "paidsupport/demo/guides").glob("*.md"))


def marks(text: str, approved: Approved = APPROVED) -> list[tuple[str, str]]:
    """What is marked in a text, in its order, and by which rule."""
    return [(text[remark.start : remark.end], remark.rule) for remark in check(text, shipped(), approved)]


def unmarked(letter: str) -> str:
    """A bad letter without our signs in it."""
    return PLACE.sub(r"\1", letter)


@pytest.mark.parametrize("letter", [*letters.GOOD_ENGLISH, *letters.GOOD_GERMAN])
def test_nothing_is_said_of_a_good_answer(letter: str) -> None:
    """Whoever is warned without a cause stops reading warnings."""
    assert marks(letter) == []


@pytest.mark.parametrize("letter", [*letters.BAD_ENGLISH, *letters.BAD_GERMAN])
def test_a_bad_answer_is_marked_where_it_is_bad(letter: str) -> None:
    """Neither more nor less is marked, and each remark says why and what to write instead."""
    plain = unmarked(letter)
    assert marks(plain) == PLACE.findall(letter)
    assert all(remark.reason and remark.suggestion for remark in check(plain, shipped(), APPROVED))


@pytest.mark.parametrize("letter", [*letters.BAD_ENGLISH, *letters.BAD_GERMAN])
def test_what_is_quoted_is_not_judged(letter: str) -> None:
    """The customer said it, not we."""
    assert marks(f"You wrote:\n\n> {unmarked(letter)}\n\nThat is right.") == []


@pytest.mark.parametrize("letter", [*letters.BAD_ENGLISH, *letters.BAD_GERMAN])
def test_wrapped_lines_and_typographic_signs_hide_nothing(letter: str) -> None:
    """Mail programs wrap lines, and phones write other apostrophes."""
    wrapped = unmarked(letter).replace(" ", "\n", 40).replace("'", "’")
    assert [rule for _, rule in marks(wrapped)] == [rule for _, rule in PLACE.findall(letter)]


@pytest.mark.parametrize(
    "said",
    [
        "on 14 March 2034",
        "on the 14th of March",
        "by March 14th, 2034",
        "on Tuesday, 14 March 2034",
        "on Tuesday, March 14, 2034",
        "2034-03-14",
        "14.03.2034",
        "14.3.2034",
        "3/14/2034",
        "14/03/2034",
        "in March",
        "by the end of March",
    ],
)
def test_the_approved_date_may_be_said_however_it_is_written(said: str) -> None:
    """Only another day is a promise that nobody has made; without an approved one, any day is."""
    letter = f"The new version will be there {said} for all of you."
    assert marks(letter) == []
    assert [rule for _, rule in marks(letter, Approved(today=TODAY))] == ["date"]
    assert [rule for _, rule in marks(letter, Approved(frozenset({date(2034, 5, 16)}), TODAY))] == ["date"]


def test_a_weekday_is_approved_in_the_week_before_it() -> None:
    """“By Tuesday” is the approved day when it is near, and another one when it is not."""
    letter = "It will be there by Tuesday for all of you."
    assert marks(letter, Approved(APPROVED.dates, date(2034, 3, 10))) == []
    assert marks(letter) == [("by Tuesday", "date")]


def test_what_is_past_is_no_promise() -> None:
    """A letter speaks of days on which something happened."""
    letter = "The version that is the cause came out on 3 February 2034."
    assert marks(letter) == []
    assert marks(letter, Approved(today=date(2034, 1, 1))) == [("on 3 February 2034", "date")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The page is there, and you can see it with the old theme.", ["en"]),
        ("Die Seite ist da, und Sie können sie mit dem alten Thema sehen.", ["de"]),
        ("OK, Version 3.2.1", ["en", "de"]),
        ("", ["en", "de"]),
        ("La page est là, et vous pouvez la voir avec le nouveau thème.", ["en", "de"]),
    ],
)
def test_the_language_is_known_by_its_small_words(text: str, names: list[str]) -> None:
    """If they do not tell, the rules of all languages are applied."""
    assert [language.name for language in spoken(text, shipped())] == names


@given(st.text(st.sampled_from("I fixed you should have soon by Friday 14.3.2034 > “”\"'.\n\t’ich habe Sie")))
def test_places_are_in_order_and_never_overlap(text: str) -> None:
    """Whatever is typed, each mark is a piece of the text with something to see in it."""
    last = 0
    for remark in check(text, shipped(), APPROVED):
        assert last <= remark.start < remark.end <= len(text)
        assert text[remark.start : remark.end].strip() == text[remark.start : remark.end]
        last = remark.end


@pytest.mark.parametrize(
    "piece", ["we will ", "ich habe ", "a ", "14. ", "“", "> x\n", "x.", "bis zum ", "z. B. "]
)
def test_the_longest_letter_is_judged_at_once(piece: str) -> None:
    """No text makes the rules think for long."""
    letter = (piece * 20_000)[:20_000]
    start = time.process_time()
    check(letter, shipped(), APPROVED)
    assert time.process_time() - start < 3


class TestRulesOfASite:
    """What a site adds in a file of its own."""

    RULE = """
        [[rule]]
        name = "shouting"
        reason = "It sounds as if we were shouting."
        suggestion = "One sign is enough."
        patterns = ['!!+']
    """

    def test_a_rule_is_added_to_every_language(self) -> None:
        """It is marked like the others, with its reason."""
        languages = extended(shipped(), self.RULE)
        for text in ("That is all of it and it works!!", "Das ist alles, und es geht!!"):
            (remark,) = check(text, languages)
            assert (text[remark.start : remark.end], remark.rule) == ("!!", "shouting")
            assert remark.reason == "It sounds as if we were shouting."

    def test_a_rule_can_be_for_one_language(self) -> None:
        """The other one is not judged by it."""
        languages = extended(shipped(), self.RULE + 'language = "de"')
        assert not check("That is all of it and it works!!", languages)
        assert check("Das ist alles, und es geht!!", languages)

    def test_a_language_can_be_added(self) -> None:
        """With its small words, its months, and rules that name them."""
        languages = extended(
            shipped(),
            """
            language = "fr"
            [languages.fr]
            common = "le la les et est vous nous de pour"
            months = ["janvier", "février", "mars"]
            [[rule]]
            name = "date"
            reason = "Nobody has approved this date."
            suggestion = "Skip item."
            patterns = ['le (?P<day>\\d{1,2}) (?P<month>@month)']
            """,
        )
        text = "Nous vous écrivons le 15 mars et nous le publions le 14 mars pour la version de la galerie."
        assert [text[mark.start : mark.end] for mark in check(text, languages, APPROVED)] == ["le 15 mars"]

    def test_a_rule_can_be_left_out(self) -> None:
        """A desk where one person works says “I”."""
        languages = extended(shipped(), 'without = ["i-fixed"]')
        assert not check("I fixed the upload on your host.", languages)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("[[rule", "it is no TOML"),
            ("rules = []", "the file has “rules”"),
            ('rule = "x"', "write each rule below a line [[rule]]"),
            ("rule = [1]", "write each rule below a line [[rule]]"),
            ("[[rule]]\nname = 'x'", "rule 1 needs `reason`"),
            (RULE.replace("['!!+']", "[]"), "needs `patterns`"),
            (RULE.replace("'!!+'", "1"), "`patterns` is a list of texts"),
            (RULE.replace("!!+", "("), "“(” is no pattern"),
            (RULE.replace("!!+", "x*"), "“x*” is found in everything"),
            (RULE + "language = 'fr'", "the language “fr”, which has no [languages.fr]"),
            (RULE + "extra = 1", "rule 1 has “extra”"),
            ("[languages.fr]", "needs `common`"),
            ("[languages.fr]\ncommon = ['le']", "`common` is one text"),
            ("[languages.fr]\ncommon = 'le'\njoins = '('", "`joins` is no pattern"),
            ("[languages]\nfr = 1", "[languages.fr] is a table"),
            ("languages = 1", "`languages` is a table"),
            ("without = ['nothing']", "`without` names “nothing”"),
        ],
    )
    def test_what_is_wrong_in_the_file_is_said(self, text: str, sentence: str) -> None:
        """One sentence names the place and the fault."""
        with pytest.raises(BadRulesError) as refused:
            extended(shipped(), text)
        assert sentence in str(refused.value)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_house_speaks_as_it_asks_others_to(guide: Path) -> None:
    """What comes with the desk for customers and colleagues blames nobody and guarantees nothing."""
    found = {rule for _, rule in marks(guide.read_text("utf-8"), Approved(today=TODAY))}
    assert found <= {"date"}, found


def test_the_example_of_the_documentation_works() -> None:
    """What a site can copy from docs/running.md is a file that is accepted, and does what it says."""
    page = (Path(__file__).parents[2] / "docs/running.md").read_text("utf-8")
    example = page.split("## Rules of tone")[1].split("```toml\n")[1].split("```")[0]
    languages = extended(shipped(), example)
    assert [language.name for language in languages] == ["en", "de", "fr"]
    said = "I fixed it and you can click here!! The button says click here on it."
    assert [remark.rule for remark in check(said, languages)] == ["shouting", "shouting"]
