"""Logins to the customer's server: encrypted, viewed by the owner, destroyed."""
