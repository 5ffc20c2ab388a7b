"""The site's own pages: a home page, signing in, and a bank for tests of payments."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types
    DecimalField,
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, NumberRange

from paidsupport.demo.pay import bank
from paidsupport.demo.users import by_password

_CURRENCIES = [SelectChoice(each, each) for each in bank.ACCOUNT["currencies"].split(", ")]
home = Blueprint("home", __name__, template_folder="templates")


class LoginForm(FlaskForm):
    """Address and password."""

    email = StringField("Email address", [InputRequired("Enter your email address.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])


class TransferForm(FlaskForm):
    """The transfer that the statement is to hold."""

    reference = StringField("Reference", [InputRequired("Enter the reference from the customer's page.")])
    amount = DecimalField(
        "Amount", [InputRequired("Enter the amount."), NumberRange(0.01, 1_000_000)], places=2
    )
    currency = SelectField("Currency", choices=_CURRENCIES)


@home.get("/")
def index() -> str:
    """The home page: what this site is, and where to start."""
    return render_template("site/home.html")


@home.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in, then go back to the page that asked for it, if it is one of this site."""
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("site/login.html", form=form), 422 if form.is_submitted() else 200
    user = by_password(form.email.data or "", form.password.data or "")
    if user is None:
        form.form_errors.append("The email address or the password is wrong.")
        return render_template("site/login.html", form=form), 422
    login_user(user)
    return redirect(_wanted_page(), 303)


@home.post("/logout")
@login_required
def logout() -> ResponseReturnValue:
    """Sign out."""
    logout_user()
    return redirect(url_for("home.index"), 303)


@home.route("/bank", methods=["GET", "POST"])
def test_bank() -> ResponseReturnValue:
    """Make a statement for tests, with one transfer."""
    form = TransferForm()
    if not form.validate_on_submit():
        return render_template("site/bank.html", form=form), 422 if form.is_submitted() else 200
    amount = form.amount.data or Decimal()
    said = bank.statement(
        form.reference.data or "", f"{amount:.2f}", form.currency.data, datetime.now(UTC).date()
    )
    told = {"Content-Disposition": "attachment; filename=statement.xml"}
    return Response(said, mimetype="application/xml", headers=told)


def _wanted_page() -> str:
    """The page in `next`, if it is a path of ours: never another site."""
    wanted = request.args.get("next", "")
    if wanted.isprintable() and wanted.startswith("/") and not wanted.startswith(("//", "/\\")):
        return wanted
    return url_for("paidsupport.queue")
