"""Emails to customers and staff: rows in the outbox first, mails after."""
