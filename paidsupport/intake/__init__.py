"""Requests: what comes in by mail and phone, triaged, answered and counted."""
