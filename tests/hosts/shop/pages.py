"""The shop's own pages: what is for sale, signing in, and adding to the offer."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, login_required, login_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import InputRequired

from .models import Item, User, db

login_manager = LoginManager()
login_manager.login_view = "pages.login"
pages = Blueprint("pages", __name__, template_folder="templates")


class LoginForm(FlaskForm):
    """This shop trusts everybody."""

    email = StringField("E-mail", [InputRequired()])


@login_manager.user_loader
def load(user_id: str) -> User | None:
    """The user with this id."""
    return db.session.get(User, int(user_id))


@pages.get("/")
def index() -> str:
    """Everything that is for sale."""
    return render_template("offer.html", items=db.session.scalars(select(Item).order_by(Item.id)).all())


@pages.get("/items.json")
def listing() -> ResponseReturnValue:
    """The same for programs."""
    return {"items": [item.title for item in db.session.scalars(select(Item).order_by(Item.id))]}


@pages.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in; unknown people are made known."""
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("login.html", form=form)
    user = db.session.scalar(select(User).where(User.email == form.email.data))
    if user is None:
        user = User(email=form.email.data, name=str(form.email.data).partition("@")[0].title())
        db.session.add(user)
        db.session.commit()
    login_user(user)
    flash("Good to see you.")
    return redirect(request.args.get("next") or url_for(".index"))


@pages.post("/items")
@login_required
def add() -> ResponseReturnValue:
    """Offer something; the token comes from CSRFProtect."""
    db.session.add(Item(title=request.form["title"]))
    db.session.commit()
    return redirect(url_for(".index"))


@pages.get("/broken")
def broken() -> ResponseReturnValue:
    """A page with a mistake in it."""
    raise ZeroDivisionError


@pages.get("/forbidden")
def forbidden() -> ResponseReturnValue:
    """A page for nobody."""
    abort(403)


@pages.app_errorhandler(404)
@pages.app_errorhandler(500)
def went_wrong(error: Exception) -> ResponseReturnValue:
    """The shop's own page for errors."""
    return render_template("wrong.html", error=error), getattr(error, "code", 500)


@pages.after_app_request
def sign(response: Response) -> Response:
    """Every answer of this site carries a header."""
    response.headers["X-Shop"] = "open"
    return response
