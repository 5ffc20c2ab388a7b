"""Keeping the records of organisations, and assigning tickets to them."""
