"""The forum's own Alembic."""

from alembic import context

from paidsupport import keep_out
from tests.hosts.forum import Base, engine

with engine().connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, include_name=keep_out)
    with context.begin_transaction():
        context.run_migrations()
