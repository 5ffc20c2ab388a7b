"""A test email: whether emails leave, and if not, what is wrong (P10)."""
