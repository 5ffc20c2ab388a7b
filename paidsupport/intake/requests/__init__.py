"""Requests: what comes in by mail, phone or form and is not an order."""
