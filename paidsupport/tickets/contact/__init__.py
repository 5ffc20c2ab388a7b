"""The record of whether a customer has been contacted: an append-only log."""
