"""Drafting, issuing and telling of invoices, and what is known of them."""
