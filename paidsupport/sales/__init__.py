"""Organisations, leads and invoices."""
