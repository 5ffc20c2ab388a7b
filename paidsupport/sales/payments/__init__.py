"""Payments that developers receive directly from their customers."""
