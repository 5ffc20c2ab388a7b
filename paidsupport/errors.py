"""What can go wrong, in the words a person is shown.

Every exception carries its facts as attributes and knows no status code; the edges (`web`, `api`,
`cli`) decide how an outcome is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence


class PaidSupportError(Exception):
    """Base of everything this package raises on purpose; `str(error)` is a sentence for a person."""


class ConfigurationError(PaidSupportError):
    """The site is set up in a way that cannot work; the text says what to change."""


class NotFoundError(PaidSupportError):
    """Nothing is here, or nothing that you may see: both look the same on purpose."""

    def __init__(self, sentence: str = "There is nothing here.") -> None:
        super().__init__(sentence)


class InvalidInputError(PaidSupportError):
    """What was typed cannot be taken; `problems` maps a field to the sentences to show at it."""

    def __init__(self, problems: Mapping[str, Sequence[str]]) -> None:
        self.problems = {field: list(sentences) for field, sentences in problems.items()}
        super().__init__(" ".join(sentence for sentences in self.problems.values() for sentence in sentences))


class GivenAwayError(InvalidInputError):
    """What was typed gives a secret away; `said_of` finds the same in a text, in sentences for its field."""

    def __init__(
        self, problems: Mapping[str, Sequence[str]], said_of: Callable[[str], Sequence[str]]
    ) -> None:
        self.said_of = said_of
        super().__init__(problems)


class StaleTicketError(PaidSupportError):
    """Somebody changed the ticket since it was read (design §5.1)."""

    def __init__(self, code: str, holder: str = "") -> None:
        self.code = code
        self.holder = holder
        who = f"{holder} has it now." if holder else "Nobody holds it now."
        super().__init__(f"Ticket {code} has changed since you opened it. {who}")


class StaleIssueError(PaidSupportError):
    """Somebody changed the issue since it was read."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"Issue {code} has changed since you opened it. Look at it again.")


class StaleItemError(PaidSupportError):
    """Somebody changed this very line of the checklist since it was read."""

    def __init__(self, text: str, by: str = "") -> None:
        self.by = by
        who = f" {by} was faster." if by else ""
        super().__init__(f"“{text}” has changed since you opened the page.{who} Look at it again.")


class MoveRefusedError(PaidSupportError):
    """The workflow does not allow this move now; `sentences` say what is missing.

    `who`: the roles that it is for, if it was refused because of that.
    """

    def __init__(self, code: str, sentences: Sequence[str], who: Collection[str] = ()) -> None:
        self.code = code
        self.who = frozenset(who)
        self.sentences = list(sentences)
        super().__init__(" ".join(self.sentences))


class ScopeMissingError(PaidSupportError):
    """A token of the JSON API does not reach so far; `scope` is what it would need."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(f"This token lacks the scope “{scope}”. Make one that has it.")


class NotTheOwnerError(PaidSupportError):
    """Only the owner of the present claim may write to the customer (G6)."""

    def __init__(self, code: str, holder: str = "", *, lost: bool = False) -> None:
        self.code = code
        self.holder = holder
        who = f"{holder} has it" if holder else "nobody has it now"
        if lost:
            who = "the claim you wrote under was lost, and you hold it under a newer one"
        super().__init__(
            f"Only the person who holds ticket {code} can write to the customer; {who}. Nothing was sent."
        )


class ManagersOnlyError(PaidSupportError):
    """Somebody tried what only managers may do; `deed` says what, as in “change the roster”."""

    def __init__(self, deed: str) -> None:
        self.deed = deed
        super().__init__(f"Only a manager can {deed}.")


class StaleThreadError(PaidSupportError):
    """The conversation went on while this message was being written (design §5.3)."""

    def __init__(self, code: str, seen: int, now_at: int) -> None:
        self.code = code
        self.seen = seen
        self.now_at = now_at
        super().__init__("The conversation has gone on since you started writing. Nothing was sent.")


class NotEndedError(PaidSupportError):
    """Tickets of a customer who is to be erased are still open or with somebody."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = list(codes)
        super().__init__(
            f"Not everything of this customer has ended: {', '.join(self.codes)}."
            " Close it, abandon it or mark it invalid first. Nothing was erased."
        )


class StaleGuideError(PaidSupportError):
    """Somebody kept another edition of the guide since it was read."""

    def __init__(self, slug: str, seen: int, newest: int) -> None:
        self.slug = slug
        self.seen = seen
        self.newest = newest
        super().__init__("Somebody has changed this guide since you opened it. Nothing was kept.")


class StaleOrganisationError(PaidSupportError):
    """Somebody changed the record of an organisation since it was read."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"“{name}” has changed since you opened it. Nothing was kept: look at it again.")


class KeyReusedError(PaidSupportError):
    """A one-time form key came back with other content (design §5.6)."""

    def __init__(self) -> None:
        super().__init__(
            "This form was already sent with other content. Open the page again to send something new."
        )


class TooManyError(PaidSupportError):
    """A limit of this hour is reached; `minutes` is how long to wait."""

    def __init__(self, minutes: int = 60) -> None:
        self.minutes = minutes
        super().__init__(f"That was too often from here. Please try again in {minutes} minutes.")


#: Why credentials are shown to nobody at a site without Flask-Login that has no `fresh` of its own.
NO_FRESHNESS = (
    "This site has no way to tell when somebody signed in, and credentials are shown only right after that."
    " Whoever runs the site can change this: mount the desk with PaidSupport(fresh=…)."
)


class NotFreshError(PaidSupportError):
    """Whoever asks has signed in long ago, or by a cookie alone; `sign_in` is where they can do it anew."""

    def __init__(self, sign_in: str = "") -> None:
        self.sign_in = sign_in
        super().__init__("Sign in again first: credentials are shown only right after you have signed in.")


class NoFreshnessError(PaidSupportError):
    """The site cannot say when anybody signed in, so that credentials are shown to nobody."""

    def __init__(self) -> None:
        super().__init__(NO_FRESHNESS)


class VaultClosedError(PaidSupportError):
    """The vault can neither keep nor show anything; `repair` says to whoever runs the site what to do."""

    def __init__(self, repair: str) -> None:
        self.repair = repair
        super().__init__(
            "The vault is closed just now: no credentials can be kept or shown, and none were. Please try"
            " again later, and send no password in any other way."
        )


class ShownBeforeError(KeyReusedError):
    """A form that has shown something once was sent again; it is never shown twice."""

    def __init__(self) -> None:
        PaidSupportError.__init__(
            self,
            "This was shown before, and is not shown again by going back or loading the page anew. Look once"
            " more if you need it: that is recorded as well.",
        )


class AnotherPersonError(PaidSupportError):
    """A form came from a page that was drawn for somebody else than who is signed in now."""

    def __init__(self, before: str, now: str) -> None:
        super().__init__(
            f"You opened this page as {before}; now {now} is signed in. Nothing was done."
            f" Send it again to do it as {now}."
        )


class SignedOutError(PaidSupportError):
    """A form was sent after its session had ended."""

    def __init__(self) -> None:
        super().__init__(
            "You were signed out before this was sent. Nothing was done yet; what you typed is here again."
            " Choose files once more, then send it again."
        )


class StorageFullError(PaidSupportError):
    """The server could not keep a file; nothing of the request was kept."""

    def __init__(self) -> None:
        super().__init__(
            "The server has no room for files just now. Nothing was kept; please try again later."
        )
