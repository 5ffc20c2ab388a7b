"""Notifying staff: at once by email, in a daily digest, on the page."""
