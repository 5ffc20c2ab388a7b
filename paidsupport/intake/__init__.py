"""Requests: what comes in by mail and phone, sorted, answered and counted."""
