"""Emails to customers and staff: first a row in the outbox, then a mail."""
