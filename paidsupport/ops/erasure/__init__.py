"""Erasing a customer, and exporting what is kept of one."""
