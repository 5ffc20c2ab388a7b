"""Tickets that belong together, and duplicates that are merged."""
