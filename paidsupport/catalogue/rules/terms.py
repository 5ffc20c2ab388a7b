"""The terms of one version of a service: what is ordered, asked, checked and promised, and at which price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from paidsupport.catalogue.rules.questions import Answer, Moment, Question
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.i18n.messages import _, forms_of


class Payee(StrEnum):
    """Whom customers pay for a service, and when."""

    #: The developer who does the work, directly.
    DEVELOPER = "developer"
    #: The desk, before the work begins.
    BEFORE = "before"
    #: The desk, after the work, by invoice.
    AFTER = "after"


#: Workflows whose work is invoiced unless a service says otherwise.
_INVOICED = frozenset({"request", "sales"})


def usual_payee(workflow: str) -> Payee:
    """Whom customers pay for work under a workflow, where nothing else was chosen."""
    return Payee.AFTER if workflow in _INVOICED else Payee.DEVELOPER


#: What speaks against a free service that is paid before the work.
NOTHING_BEFORE = _("Enter a price, or choose another payee: before this work, there's nothing to pay.")


def owes_nothing(payee: str, price_minor: int, *, is_order: bool) -> bool:
    """Whether an order is to be paid before the work although it is free.

    What is only asked for can get its price by an offer.
    """
    return payee == Payee.BEFORE and not price_minor and is_order


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """A version of a service, as a customer orders it. Its texts know what they are in other languages.

    Attributes:
        service_id: The service.
        version_id: The published version; 0 for a draft.
        number: Which version of its service it is; 0 for a draft.
        slug: The name of the service in addresses.
        price_minor: The price in the smallest unit of the currency.
        currency: Three capital letters.
        workflow: The name of the workflow of its tickets.
        payee: Whom its customers pay.
        traits: The traits of all its orders.
        settings_help: How customers change settings later: a part of the closing report (G18).
        purposes: The purposes of mailboxes and calls that lead to it.
        asks_host: Whether its form asks which site to work on.
        requirements: What the customer confirms, by position.
        questions: What the order form asks, and what is asked at first contact.
        deadlines: Its own deadlines; those of `workflow_deadlines` apply to the rest.
        workflow_deadlines: The deadlines of its workflow when it was published.
        claim_hours: Hours after which a claim lapses; None: as the desk's settings say.
        work_hours: The same during work.
    """

    service_id: int
    version_id: int
    number: int
    slug: str
    name: str
    summary: str
    description: str
    price_minor: int
    currency: str
    workflow: str
    payee: Payee = Payee.DEVELOPER
    traits: tuple[str, ...] = ()
    settings_help: str = ""
    purposes: tuple[str, ...] = ()
    asks_host: bool = True
    requirements: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    deadlines: Mapping[str, Any] = field(default_factory=dict)
    workflow_deadlines: Mapping[str, Any] = field(default_factory=dict)
    claim_hours: int | None = None
    work_hours: int | None = None

    @property
    def agreement(self) -> str:
        """A hash of what a customer agrees to: it changes with price and requirements, in any language."""
        others = [sorted(forms_of(text).items()) for text in self.requirements]
        return fingerprint(self.price_minor, self.currency, list(self.requirements), others)

    @property
    def order_questions(self) -> list[Question]:
        """The questions on its order form, besides the fields that every order has."""
        return [question for question in self.questions if question.moment is Moment.ORDER]

    def traits_of(self, answers: Mapping[str, Answer]) -> dict[str, str]:
        """The traits that follow from an order, each with `order` as its source (G12)."""
        answered = [
            question.trait
            for question in self.questions
            if question.trait and question.trait_value in _as_list(answers.get(question.name, ""))
        ]
        return dict.fromkeys([*self.traits, *answered], "order")


def _as_list(answer: Answer) -> list[str]:
    return answer if isinstance(answer, list) else [answer]
