"""The site's own pages: a home page and signing in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from paidsupport.demo.users import by_password

home = Blueprint("home", __name__, template_folder="templates")


class LoginForm(FlaskForm):
    """Address and password."""

    email = StringField("Email address", [InputRequired("Enter your email address.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])


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


def _wanted_page() -> str:
    """The page in `next`, if it is a path of ours: never another site."""
    wanted = request.args.get("next", "")
    if wanted.isprintable() and wanted.startswith("/") and not wanted.startswith(("//", "/\\")):
        return wanted
    return url_for("paidsupport.queue")
