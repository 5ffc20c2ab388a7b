"""The customer's forms. The rules of the domain check the answers, all of them at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    BooleanField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import Field
from wtforms.widgets import CheckboxInput, DateInput, EmailInput, ListWidget, URLInput

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.questions import Kind, Question
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.mount import Visitor
from paidsupport.kernel.web.csrf import field_name
from paidsupport.kernel.web.forms import address, set_data
from paidsupport.tickets.customer_forms import FilesForm, empty
from paidsupport.tickets.ordering import form_files
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.drafts import Draft
from paidsupport.tickets.ordering.operations import Examined, Order

_VERSION = re.compile(r"[0-9]{1,15}")
#: With more choices than this, a drop-down list is easier to use than radio buttons.
_BUTTONS = 6
#: Fields that are sent with a form but not typed: its key, its action, its files.
_NOT_TYPED = frozenset({"key", "place", "remove", "kept"})
_ABOUT = _(
    "What you want to do, what happens instead, and which version you have. Please don't include passwords."
)


class OrderForm(FilesForm):
    """The order form of any service; `form_for` adds the fields of a particular one."""

    name = StringField(_("Your name"))
    email = StringField(
        _("Your email address"),
        [address],
        description=_("We send your confirmation code and all answers there."),
        widget=EmailInput(),
    )
    subject = StringField(
        _("What is it about?"), description=_("A few words, like “Photos don't upload from my phone”.")
    )
    details = TextAreaField(
        _("What would you like us to do?"),
        description=_("What you have now, what you'd like, and what has gone wrong so far."),
    )
    host_url = StringField(_("Address of your website"), widget=URLInput())
    host_access = TextAreaField(
        _("How can we reach your server?"),
        description=_(
            "For example by SSH, FTP or your provider's control panel, and at which address. Please don't"
            " include passwords: your developer will ask for them when they're needed, on your private page"
            " and never by email."
        ),
    )
    #: The version of the service that the customer saw: its price and requirements are agreed to.
    terms = HiddenField()
    #: A trap for programs that fill in every field. It is hidden, but shown again if filled in, so that a
    #: browser with autofill shuts no customer out.
    website = StringField(_("Leave this empty"), [empty])

    #: The checked order, once the form was validated.
    examined: Examined

    def __init__(
        self, ctx: Context, service: Terms, visitor: Visitor | None, key: str, draft: Draft | None
    ) -> None:
        self._service = service
        self._user_id = visitor.id if visitor else None
        self._signed_in_as = visitor.email if visitor else ""
        #: The questions of the service that the form asks, in order.
        self.asked = service.order_questions
        known: dict[str, Any] = {"name": visitor.name, "email": visitor.email} if visitor else {}
        if draft:
            known["formdata"] = MultiDict([*draft.fields, ("key", key)])
        super().__init__(ctx, terms=str(service.version_id), **known)
        if key:
            self.key.data = key
        if draft:
            # those that were refused when it was last sent
            self.uploads = draft.uploads
        #: What was typed, unchanged.
        self.typed = draft.fields if draft else _typed()
        needed = [_answer(question) for question in self.asked if question.required]
        if service.asks_host:
            needed.append("host_url")
        else:
            del self["host_url"], self["host_access"]
            self.details.label.text, self.details.description = _("Your question"), _ABOUT
            needed.append("details")
        # a mark for display, not a validator: the rules of the domain say what is missing
        for name in ("name", "email", *self.requirement_names, *needed):
            self[name].flags.required = True

    def go_on_as(self, key: str) -> None:
        """Keep the draft under another key from now on, with the same files."""
        self.kept = form_files.files_of(self._ctx, self.key.data or "")
        set_data(self.key, key)

    def __iter__(self) -> Iterator[Field]:
        """The fields in the order of the page, so that the summary of errors follows it."""
        first = [
            *(*self.labelled, "subject", "details", "files", "host_url", "host_access"),
            *("name", "email", "website"),
        ]
        rest = [name for name in self._fields if name not in first]
        return iter([self[name] for name in (*rest, *first) if name in self._fields])

    @property
    def requirement_names(self) -> list[str]:
        """The fields that acknowledge requirements."""
        return [f"requirement_{number}" for number in range(len(self._service.requirements))]

    @property
    def labelled(self) -> list[str]:
        """The fields that come from the service: their errors need the label beside them."""
        return [*self.requirement_names, *map(_answer, self.asked)]

    def order(self) -> Order:
        """What was filled in, as the operation takes it."""
        return Order(
            service=self._service.slug,
            name=self.name.data or "",
            email=self.email.data or "",
            host_url=(self.host_url.data or "") if "host_url" in self else "",
            host_access=(self.host_access.data or "") if "host_access" in self else "",
            subject=self.subject.data or "",
            details=self.details.data or "",
            acknowledged=frozenset(
                number for number, name in enumerate(self.requirement_names) if self[name].data
            ),
            answers={question.name: self[_answer(question)].raw_data or () for question in self.asked},
            key=self.key.data or "",
            user_id=self._user_id,
            signed_in_as=self._signed_in_as,
            kept=tuple(request.form.getlist("kept")),
            terms=self._agreement(),
        )

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Check everything at once, by the rules of the form and by those of the domain."""
        fine = super().validate(extra_validators)
        self.examined = submissions.examine(self._ctx, self._service, self.order(), self.uploads)
        problems = self.examined.problems
        self.blame({name: said for name, said in problems.items() if name not in self.errors})
        if "terms" in problems:
            self._show_terms_again()
        return fine and not problems

    def look(self) -> bool:
        """Check a draft; problems are shown at its fields."""
        self.validate()
        for token in self._tokens():
            token.errors = ()  # nothing was sent, so no token can be missing
        return not self.errors

    def draft(self, *, tried: bool) -> Draft:
        """What was sent, as a draft to store."""
        others = self.sorted_files()[1]
        return Draft(self.typed, [(other.name, other.size) for other in others], tried)

    def _agreement(self) -> str:
        """What the customer saw; empty if that was no version of the service."""
        seen = version_in(self.terms.data)
        if seen == self._service.version_id:
            return self._service.agreement
        return catalogue.agreement_under(self._ctx, self._service.service_id, seen)

    def _show_terms_again(self) -> None:
        """Clear the acknowledgements, because the customer gave them for other terms."""
        self.terms.data = str(self._service.version_id)
        for name in self.requirement_names:
            self[name].data = False


def form_for(
    ctx: Context, service: Terms, visitor: Visitor | None, key: str = "", draft: Draft | None = None
) -> OrderForm:
    """Build the order form of `service`, with a signed-in visitor's name and address."""
    return _order_form(service)(ctx, service, visitor, key, draft)


def form_of_draft(ctx: Context, service: Terms) -> OrderForm:
    """Build the order form of terms that are not published: every look at them makes others."""
    return _order_form.__wrapped__(service)(ctx, service, None, "", None)


@lru_cache(maxsize=64)
def _order_form(service: Terms) -> type[OrderForm]:
    """Build the class of a form; cached, because WTForms sets up a class at its first use, which is slow."""
    fields: dict[str, object] = {
        f"requirement_{number}": BooleanField(text) for number, text in enumerate(service.requirements)
    }
    fields |= {_answer(question): _field(question) for question in service.order_questions}
    made: type[OrderForm] = type("ServiceOrderForm", (OrderForm,), fields)
    return made


def version_in(typed: str | None) -> int:
    """The version that a form says it was opened under; 0 if it says none."""
    return int(typed) if typed and _VERSION.fullmatch(typed) else 0


def _typed() -> list[tuple[str, str]]:
    unseen = {*_NOT_TYPED, field_name()}
    return [(name, text) for name, text in request.form.items(multi=True) if name not in unseen]


def _answer(question: Question) -> str:
    return f"answer_{question.name}"


def _field(question: Question) -> object:
    return _FIELDS[question.kind](question)


def _text(question: Question) -> object:
    return StringField(question.label, description=question.help)


def _long_text(question: Question) -> object:
    return TextAreaField(question.label, description=question.help)


def _choice(question: Question) -> object:
    choices = _choices(question)
    if len(choices) > _BUTTONS:
        choices.insert(0, SelectChoice("", _("Choose…")))
        return SelectField(question.label, description=question.help, choices=choices, validate_choice=False)
    return RadioField(question.label, description=question.help, choices=choices, validate_choice=False)


def _choices(question: Question) -> list[SelectChoice]:
    """The choices of a question. Their values are the English texts, which the catalogue's rules refer to."""
    return [SelectChoice(str.__str__(choice), choice) for choice in question.choices]


def _several(question: Question) -> object:
    return SelectMultipleField(
        question.label,
        description=question.help or _("Choose all that apply."),
        choices=_choices(question),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def _yes_no(question: Question) -> object:
    return RadioField(
        question.label,
        description=question.help,
        choices=[SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))],
        validate_choice=False,
    )


def _number(question: Question) -> object:
    # a text field on purpose: browsers empty a number field that holds anything but a number
    return StringField(question.label, description=question.help, render_kw={"inputmode": "decimal"})


def _url(question: Question) -> object:
    return StringField(question.label, description=question.help, widget=URLInput())


def _date(question: Question) -> object:
    return StringField(question.label, description=question.help, widget=DateInput())


_FIELDS = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.CHOICE: _choice,
    Kind.SEVERAL: _several,
    Kind.YES_NO: _yes_no,
    Kind.NUMBER: _number,
    Kind.URL: _url,
    Kind.DATE: _date,
}
