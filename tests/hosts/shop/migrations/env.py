"""The shop's side of Flask-Migrate. `include_name` is all it has to know of the desk."""

from alembic import context
from flask import current_app

from paidsupport import keep_out

extension = current_app.extensions["migrate"]
with extension.db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=extension.db.metadata,
        include_name=keep_out,
        **extension.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
