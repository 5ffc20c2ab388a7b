"""Statements of banks: CAMT.053 and CAMT.054, and MT940."""
