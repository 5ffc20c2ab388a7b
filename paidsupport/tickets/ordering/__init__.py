"""Ordering: the form, its questions, and the ticket it becomes."""
