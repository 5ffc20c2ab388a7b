"""Keeping the records of organisations, and finding whose a ticket is."""
