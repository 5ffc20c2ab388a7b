"""What can go wrong, in the words a person is shown.

Every exception says once what it comes to, under which title, in which sentence, and with which facts; pages,
JSON and commands each map outcomes in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum, auto
from typing import ClassVar, TypeVar

from paidsupport.kernel.i18n.messages import Message, ngettext, together
from paidsupport.kernel.i18n.messages import gettext as _

T = TypeVar("T")


class Outcome(Enum):
    """What an error means for the person or program that gets it."""

    #: Something is wrong with the desk itself.
    FAULT = auto()
    NOT_FOUND = auto()
    FORBIDDEN = auto()
    #: It was right, and does not fit what the desk knows by now.
    CONFLICT = auto()
    INVALID = auto()
    TOO_MANY = auto()
    #: There is no room for files.
    FULL = auto()
    #: It is out of service.
    CLOSED = auto()


#: The HTTP status of each outcome, on pages and in JSON.
HTTP_STATUS = {
    Outcome.FAULT: 500,
    Outcome.NOT_FOUND: 404,
    Outcome.FORBIDDEN: 403,
    Outcome.CONFLICT: 409,
    Outcome.INVALID: 422,
    Outcome.TOO_MANY: 429,
    Outcome.FULL: 507,
    Outcome.CLOSED: 503,
}


class PaidSupportError(Exception):
    """Base of everything this package raises on purpose; `str(error)` is a sentence for a person."""

    outcome: ClassVar[Outcome] = Outcome.FAULT
    #: The heading of a page that shows nothing else.
    title: ClassVar[str] = _("That did not work")
    #: The attributes that programs are told as well, if they are not empty.
    facts: ClassVar[Sequence[str]] = ()

    @property
    def status(self) -> int:
        """The HTTP status of what it comes to."""
        return HTTP_STATUS[self.outcome]

    @property
    def for_staff(self) -> str:
        """The sentence for staff and their programs, who may be told more than customers."""
        return str(self)


class ConfigurationError(PaidSupportError):
    """The site is set up in a way that cannot work; the text says what to change."""


class NotFoundError(PaidSupportError):
    """Nothing is here, or nothing that you may see: both look the same on purpose."""

    outcome = Outcome.NOT_FOUND
    title = _("There is nothing here")

    def __init__(self, sentence: str = _("There is nothing here.")) -> None:
        super().__init__(sentence)


def existing(row: T | None) -> T:
    """What was looked for. Raises NotFoundError where nothing was found."""
    if row is None:
        raise NotFoundError
    return row


class InvalidInputError(PaidSupportError):
    """What was typed cannot be taken; `problems` maps a field to the sentences to show at it."""

    outcome = Outcome.INVALID
    facts = ("problems",)

    def __init__(self, problems: Mapping[str, Sequence[str]]) -> None:
        self.problems = {field: list(sentences) for field, sentences in problems.items()}
        super().__init__(together(sentence for sentences in self.problems.values() for sentence in sentences))


class GivenAwayError(InvalidInputError):
    """What was typed gives a secret away; `said_of` finds the same in a text, in sentences for its field."""

    def __init__(
        self, problems: Mapping[str, Sequence[str]], said_of: Callable[[str], Sequence[str]]
    ) -> None:
        self.said_of = said_of
        super().__init__(problems)


class ConflictError(PaidSupportError):
    """What was asked for does not fit what the desk knows by now; nothing was done."""

    outcome = Outcome.CONFLICT


class StaleError(ConflictError):
    """What was read was changed before it was written."""

    title = _("It has changed meanwhile")


class StaleTicketError(StaleError):
    """The ticket was changed since it was read."""

    facts = ("holder",)

    def __init__(self, code: str, holder: str = "") -> None:
        self.code = code
        self.holder = holder
        if holder:
            said = _(
                "Ticket %(code)s has changed since you opened it. It's with %(name)s now.",
                code=code,
                name=holder,
            )
        else:
            said = _("Ticket %(code)s has changed since you opened it. It has no owner now.", code=code)
        super().__init__(said)


class StaleIssueError(StaleError):
    """The issue was changed since it was read."""

    def __init__(self, code: str) -> None:
        super().__init__(_("Issue %(code)s has changed since you opened it. Look at it again.", code=code))


class StaleItemError(StaleError):
    """This item of the checklist was changed since it was read."""

    def __init__(self, text: str, by: str = "") -> None:
        if by:
            said = _(
                "%(name)s has changed “%(item)s” since you opened the page. Look at it again.",
                name=by,
                item=text,
            )
        else:
            said = _("“%(item)s” has changed since you opened the page. Look at it again.", item=text)
        super().__init__(said)


class TransitionRefusedError(ConflictError):
    """The workflow does not allow this transition now; `sentences` say what is missing.

    `who`: the roles that it is for, if it was refused because of that.
    """

    title = _("Not possible now")
    facts = ("sentences",)

    def __init__(self, code: str, sentences: Sequence[str], who: Collection[str] = ()) -> None:
        self.code = code
        self.who = frozenset(who)
        self.sentences = list(sentences)
        super().__init__(together(self.sentences))


class ScopeMissingError(PaidSupportError):
    """A token of the JSON API does not reach so far; `scope` is what it would need."""

    outcome = Outcome.FORBIDDEN
    facts = ("scope",)

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(_("This token lacks the scope “%(scope)s”. Make one that has it.", scope=scope))


class NotTheOwnerError(ConflictError):
    """Only the owner of the present claim may write to the customer (G6)."""

    title = _("Not your ticket")
    facts = ("holder",)

    def __init__(self, code: str, holder: str = "", *, lost: bool = False) -> None:
        self.code = code
        self.holder = holder
        only = _("Only the owner of ticket %(code)s can write to the customer.", code=code)
        why = _("It's with %(name)s.", name=holder) if holder else _("It has no owner now.")
        if lost:
            why = _("You lost the claim you wrote under, and hold a newer one.")
        super().__init__(together((only, why, _("Nothing was sent."))))


#: What only managers may do, as their refusals say it: the page “Who may do what” shows these sentences.
MANAGERS_ONLY: dict[str, Message] = {}


def for_managers(sentence: Message) -> Message:
    """Declare with which sentence something is refused to all who are not managers."""
    MANAGERS_ONLY[sentence.name] = sentence
    return sentence


class ManagersOnlyError(PaidSupportError):
    """A person who is not a manager tried what only managers may do.

    Args:
        sentence: says so of what was tried: “Only a manager can change the roster.”
    """

    outcome = Outcome.FORBIDDEN
    title = _("For managers")

    def __init__(self, sentence: Message) -> None:
        super().__init__(sentence)


class StaleThreadError(StaleError):
    """The conversation went on while this message was being written."""

    def __init__(self, code: str, seen: int, now_at: int) -> None:
        self.code = code
        self.seen = seen
        self.now_at = now_at
        super().__init__(_("The conversation has gone on since you started writing. Nothing was sent."))


class NotEndedError(ConflictError):
    """Tickets of a customer who is to be erased have not ended."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = list(codes)
        super().__init__(
            _(
                "This customer still has open tickets: %(codes)s. Close, abandon or invalidate them first."
                " Nothing was erased.",
                codes=", ".join(self.codes),
            )
        )


class StaleGuideError(StaleError):
    """The guide was changed since it was read."""

    def __init__(self, seen: int, newest: int) -> None:
        self.seen = seen
        self.newest = newest
        super().__init__(_("This guide has changed since you opened it. Nothing was saved."))


class StaleOrganisationError(StaleError):
    """The organisation was changed since it was read."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("“%(name)s” has changed since you opened it. Nothing was saved. Look at it again.", name=name)
        )


class KeyReusedError(ConflictError):
    """A one-time form key came back with other content."""

    def __init__(self) -> None:
        super().__init__(
            _("This form was already sent with other content. Open the page again to send something new.")
        )


class TooManyError(PaidSupportError):
    """A limit of this hour is reached; `minutes` is how long to wait."""

    outcome = Outcome.TOO_MANY
    title = _("Too often")

    def __init__(self, minutes: int = 60) -> None:
        self.minutes = minutes
        super().__init__(
            ngettext(
                "That was too often from here. Try again in %(num)s minute.",
                "That was too often from here. Try again in %(num)s minutes.",
                minutes,
            )
        )


#: Why no login can be viewed on a site without Flask-Login and without its own `fresh`.
NO_FRESHNESS = _(
    "Logins are shown only right after signing in, and this site can't tell when a person signed in."
    " To change this, mount the desk with PaidSupport(fresh=…)."
)


class SignInFirstError(PaidSupportError):
    """A page for users of the site was opened by a visitor, and the site does not say where they sign in."""

    outcome = Outcome.FORBIDDEN
    title = _("Sign in first")

    def __init__(self) -> None:
        super().__init__(_("This page is for users of the site. Sign in there, then open the link again."))


class NotFreshError(PaidSupportError):
    """The person signed in too long ago, or by a cookie alone; `sign_in` is where they can do it again."""

    outcome = Outcome.FORBIDDEN
    title = _("Sign in again")

    def __init__(self, sign_in: str = "") -> None:
        self.sign_in = sign_in
        super().__init__(_("Sign in again first. Logins are shown only right after you have signed in."))


class NoFreshnessError(PaidSupportError):
    """The site cannot say when a person signed in, so no login can be viewed."""

    outcome = Outcome.FORBIDDEN
    title = _("Logins can't be shown here")

    def __init__(self) -> None:
        super().__init__(NO_FRESHNESS)


class VaultClosedError(PaidSupportError):
    """The vault can neither store nor show logins; `repair` tells the operator what to do."""

    outcome = Outcome.CLOSED
    title = _("The vault is closed")

    def __init__(self, repair: str) -> None:
        self.repair = repair
        super().__init__(
            _(
                "The vault is closed just now, so logins can't be stored or shown, and none were. Try again"
                " later, and don't send passwords in any other way."
            )
        )

    @property
    def for_staff(self) -> str:
        """What to repair."""
        return self.repair


class ShownBeforeError(KeyReusedError):
    """A form that has shown something once was sent again; it is never shown twice."""

    def __init__(self) -> None:
        PaidSupportError.__init__(
            self,
            _(
                "This was shown before, and is not shown again by going back or reloading. View it again if"
                " you need it; each view is logged."
            ),
        )


class AnotherPersonError(ConflictError):
    """A form came from a page that was drawn for another person than who is signed in now."""

    def __init__(self, before: str, now: str) -> None:
        super().__init__(
            _(
                "%(before)s opened this page, but %(now)s is signed in now. Nothing was done. The text is"
                " saved for %(before)s.",
                before=before,
                now=now,
            )
        )


class UnsentError(ConflictError):
    """A form is shown as a draft has it."""

    def __init__(self) -> None:
        super().__init__(_("This is your draft. It has not been sent yet. Choose any files again."))


class SignedOutError(ConflictError):
    """A form was sent after its session had ended."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You were signed out before this was sent. Nothing has been done yet, and your text is here"
                " again. Choose files again before you send it."
            )
        )


class StorageFullError(PaidSupportError):
    """The server could not keep a file; nothing of the request was kept."""

    outcome = Outcome.FULL
    title = _("No room for files")

    def __init__(self) -> None:
        super().__init__(_("The server has no room for files just now. Nothing was saved. Try again later."))
