"""Ordering: the form, what is asked on it, and the ticket that it becomes."""
