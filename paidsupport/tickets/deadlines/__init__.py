"""Deadlines of tickets, and what the clock does about them."""
