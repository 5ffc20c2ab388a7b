"""Invariants of issues."""
