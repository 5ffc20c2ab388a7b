"""The rows: tables, the questions asked of them, and migrations. SQLAlchemy, no Flask."""
