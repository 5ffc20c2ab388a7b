"""Leads: who wants to buy, what stands in the way, what is offered."""
