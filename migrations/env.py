"""Runs our revisions on the connection that `paidsupport.kernel.db.migrate` holds."""

from alembic import context

from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.migrate import VERSION_TABLE, include_name

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_name=include_name,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
