"""The questions of a service, and what counts as an answer to each kind of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.catalogue.rules.questions import (
    Answer,
    Kind,
    Moment,
    Question,
    check_answers,
    check_url,
    declaration_faults,
)
from paidsupport.kernel.text import BadTextError

COLOURS = ("red", "green")
URL_SENTENCE = "Enter a web address"


def ask(kind: Kind, *, required: bool = False) -> Question:
    """A question of this kind."""
    return Question("q", "Q?", kind, required=required, choices=COLOURS)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (Kind.TEXT, [" 8.2 "], "8.2"),
        (Kind.LONG_TEXT, ["a\r\nb"], "a\nb"),
        (Kind.CHOICE, ["red"], "red"),
        (Kind.SEVERAL, ["red", "green", "red"], ["red", "green"]),
        (Kind.SEVERAL, [], []),
        (Kind.YES_NO, ["no"], "no"),
        (Kind.NUMBER, ["-12,5"], "-12.5"),
        (Kind.NUMBER, ["310"], "310"),
        (Kind.URL, ["example.org/a"], "https://example.org/a"),
        (Kind.DATE, ["2034-03-14"], "2034-03-14"),
        *((kind, [" "], "") for kind in Kind if kind is not Kind.SEVERAL),
    ],
)
def test_answers_are_kept_in_one_form(kind: Kind, typed: list[str], kept: Answer) -> None:
    """Each kind of question tidies what was typed."""
    assert ask(kind).check(typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        (Kind.TEXT, ["a\nb"], "single line"),
        (Kind.TEXT, ["a", "b"], "one answer only"),
        (Kind.LONG_TEXT, ["a\0b"], "control characters"),
        (Kind.CHOICE, ["blue"], "in the list"),
        (Kind.SEVERAL, ["red", "blue"], "in the list"),
        (Kind.YES_NO, ["maybe"], "yes or no"),
        (Kind.NUMBER, ["many"], "Enter a number"),
        (Kind.NUMBER, ["1e9"], "Enter a number"),
        (Kind.NUMBER, ["NaN"], "Enter a number"),
        (Kind.URL, ["javascript:alert(1)"], URL_SENTENCE),
        (Kind.DATE, ["14.3.2034"], "year-month-day"),
        (Kind.DATE, ["2034-02-30"], "year-month-day"),
    ],
)
def test_what_is_no_answer_is_told_in_a_sentence(kind: Kind, typed: list[str], sentence: str) -> None:
    """Each kind of question refuses what it cannot keep."""
    with pytest.raises(BadTextError, match=sentence):
        ask(kind).check(typed)


@pytest.mark.parametrize("kind", Kind)
@given(typed=st.lists(st.text(), max_size=3))
def test_no_answer_can_crash_a_question(kind: Kind, typed: list[str]) -> None:
    """Anything at all is kept or refused."""
    try:
        kept = ask(kind).check(typed)
    except BadTextError:
        return
    assert isinstance(kept, list) == (kind is Kind.SEVERAL)


@pytest.mark.parametrize("kind", Kind)
def test_a_required_question_wants_an_answer(kind: Kind) -> None:
    """White space is no answer."""
    with pytest.raises(BadTextError, match="Answer this"):
        ask(kind, required=True).check(["  "])


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "http://[",
        "a b.example",
        'https://example.org/"><script>',
        "https://example.org\\@evil.example",
        "https://example.org:99999",
    ],
)
def test_only_web_addresses_are_web_addresses(typed: str) -> None:
    """No other scheme, nothing that could leave an attribute, nothing without a host."""
    with pytest.raises(BadTextError, match=URL_SENTENCE):
        check_url(typed)


def test_an_address_gets_its_scheme_and_loses_no_password() -> None:
    """A bare host becomes https; a password inside an address is refused, not kept."""
    assert check_url("gallery.example.org:8080") == "https://gallery.example.org:8080"
    assert check_url("HTTP://example.org") == "HTTP://example.org"
    with pytest.raises(BadTextError, match="password out"):
        check_url("https://jane:secret@example.org")


def test_a_question_is_asked_only_where_the_answer_before_it_shows_it() -> None:
    """What is not shown is neither required nor kept, through several steps, for texts and for lists."""
    first = Question("disk", "Room?", Kind.YES_NO)
    second = Question("other", "Where else?", required=True, shown_by="disk", shown_value="no")
    third = Question("which", "Which one?", Kind.SEVERAL, choices=COLOURS)
    fourth = Question("shade", "How red?", required=True, shown_by="which", shown_value="red")
    asked = [first, second, third, fourth]
    assert check_answers(asked, {"disk": ["yes"], "other": ["smuggled"]}) == (
        {"disk": "yes", "which": []},
        {},
    )
    answers, problems = check_answers(asked, {"disk": ["no"], "which": ["green", "red"]})
    assert answers == {"disk": "no", "which": ["green", "red"]}
    assert set(problems) == {"other", "shade"}
    answers, problems = check_answers(asked, {"disk": ["no"], "other": ["NAS"], "which": ["green"]})
    assert (answers["other"], problems) == ("NAS", {})


@pytest.mark.row("P10")
def test_a_question_may_be_shown_by_one_that_stands_below_it() -> None:
    """Each is looked at after the one that it hangs on, wherever they stand."""
    last = Question("colour", "Which?", Kind.CHOICE, choices=COLOURS)
    second = Question("shade", "How red?", Kind.YES_NO, shown_by="colour", shown_value="red")
    first = Question("why", "Why so dark?", required=True, shown_by="shade", shown_value="yes")
    lost = Question("lost", "?", required=True, shown_by="gone", shown_value="x")
    asked = [lost, first, second, last]
    assert check_answers(asked, {"colour": ["green"], "shade": ["yes"]}) == ({"colour": "green"}, {})
    answers, problems = check_answers(asked, {"colour": ["red"], "shade": ["yes"]})
    assert (answers, set(problems)) == ({"colour": "red", "shade": "yes"}, {"why"})


@pytest.mark.parametrize("kind", [Kind.CHOICE, Kind.SEVERAL])
def test_an_answer_shows_only_what_depends_on_all_of_it(kind: Kind) -> None:
    """Not what depends on an answer that has the same words and more."""
    asked = [
        Question("zip", "?", kind, choices=("Zip", "Zip upload")),
        Question("size", "?", required=True, shown_by="zip", shown_value="Zip upload"),
    ]
    assert check_answers(asked, {"zip": ["Zip"]})[1] == {}
    assert set(check_answers(asked, {"zip": ["Zip upload"]})[1]) == {"size"}


@pytest.mark.parametrize(
    ("questions", "fault"),
    [
        ([Question("Bad name", "?")], "Bad name: name: Use small letters"),
        ([Question("a", "?"), Question("a", "?")], "a: name: “a” is there twice."),
        ([Question("a", "?", Kind.CHOICE)], "a: choices: This is missing."),
        ([Question("a", "?", choices=COLOURS)], "a: choices: Only questions with a list"),
        ([Question("a", "?", shown_by="b")], "a: shown_by: There is no “b”."),
        (
            [Question("a", "?", shown_by="a")],
            "a: shown_by: These questions would wait for each other: a → a",
        ),
        (
            [
                Question("a", "?", shown_by="b"),
                Question("b", "?", shown_by="c"),
                Question("c", "?", shown_by="a"),
            ],
            "a: shown_by: These questions would wait for each other: a → b → c → a.",
        ),
        (
            [Question("a", "?", shown_by="b"), Question("b", "?", moment=Moment.CONTACT)],
            "a: shown_by: “b” is not on the order form",
        ),
    ],
)
def test_faults_of_a_list_of_questions_are_told(questions: list[Question], fault: str) -> None:
    """A catalogue cannot declare a question that could never be answered or shown."""
    assert any(each.said.startswith(fault) for each in declaration_faults(questions))


def test_a_sound_list_of_questions_has_no_faults() -> None:
    """All kinds together, one shown by another."""
    asked = [
        Question(f"q{number}", "?", kind, choices=COLOURS if kind in {Kind.CHOICE, Kind.SEVERAL} else ())
        for number, kind in enumerate(Kind)
    ]
    assert declaration_faults([*asked, Question("last", "?", shown_by="q0", shown_value="x")]) == []
