"""Blockers, wishes, offers, and what is built for a lead."""
