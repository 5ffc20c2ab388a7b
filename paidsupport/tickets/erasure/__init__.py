"""Emptying the rows of a ticket of what is personal in them."""
