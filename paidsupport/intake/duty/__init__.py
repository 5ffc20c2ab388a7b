"""Escalation of tickets that are not claimed, along the roster and up to the managers."""
