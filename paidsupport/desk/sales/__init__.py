"""Leads on their way to a decision: what blocks them, what management decides, what is offered (T9)."""
