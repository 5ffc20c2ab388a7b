"""Invariants of tickets, their claims and their histories."""
