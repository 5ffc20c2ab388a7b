"""Statements are imported, and people decide about what no rule could match."""
