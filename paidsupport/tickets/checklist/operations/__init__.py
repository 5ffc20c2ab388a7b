"""Ticking the checklist, and logging the work."""
