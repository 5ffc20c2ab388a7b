"""What was typed into a form, read field by field: all that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from paidsupport.kernel import text
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.text import LINE_LIMIT, TEXT_LIMIT, BadTextError, is_visible


class Fields:
    """Reads the fields of one form; `problems` has the sentences for those that cannot be taken."""

    def __init__(self, problems: dict[str, list[str]] | None = None) -> None:
        self.problems = {} if problems is None else problems

    def one_line(self, field: str, typed: str, *, required: str = "", limit: int = LINE_LIMIT) -> str:
        """One line as it is kept; `required` is the sentence for an empty one."""
        return self.read(field, typed, lambda typed: text.one_line(typed, limit), required=required)

    def many_lines(self, field: str, typed: str, *, required: str = "", limit: int = TEXT_LIMIT) -> str:
        """A text of some lines as it is kept; `required` is the sentence for an empty one."""
        return self.read(field, typed, lambda typed: text.many_lines(typed, limit), required=required)

    def read(self, field: str, typed: str, tidy: Callable[[str], str], *, required: str = "") -> str:
        """What `tidy` makes of it; nothing if it raises BadTextError, or all that can be seen is missing."""
        try:
            kept = tidy(typed)
        except BadTextError as error:
            self.refuse(field, str(error))
            return ""
        if required and not is_visible(kept):
            self.refuse(field, required)
        return kept

    def refuse(self, field: str, sentence: str) -> None:
        """Say what is wrong with a field; what was said of it before stays."""
        self.problems.setdefault(field, [sentence])

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """What is refused inside is refused with the rest of the form."""
        try:
            yield
        except InvalidInputError as error:
            for field, sentences in error.problems.items():
                self.problems[field] = self.problems.get(field, []) + sentences

    def done(self) -> None:
        """Go on with what was read. Raises InvalidInputError with everything that is wrong."""
        if self.problems:
            raise InvalidInputError(self.problems)


def one_line(field: str, typed: str, *, required: str = "", limit: int = LINE_LIMIT) -> str:
    """The only field of a form, as `Fields.one_line`. Raises InvalidInputError."""
    return read(field, typed, lambda typed: text.one_line(typed, limit), required=required)


def many_lines(field: str, typed: str, *, required: str = "", limit: int = TEXT_LIMIT) -> str:
    """The only field of a form, as `Fields.many_lines`. Raises InvalidInputError."""
    return read(field, typed, lambda typed: text.many_lines(typed, limit), required=required)


def read(field: str, typed: str, tidy: Callable[[str], str], *, required: str = "") -> str:
    """The only field of a form, as `Fields.read`. Raises InvalidInputError."""
    fields = Fields()
    kept = fields.read(field, typed, tidy, required=required)
    fields.done()
    return kept
