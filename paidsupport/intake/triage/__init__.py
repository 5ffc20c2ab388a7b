"""Triage: sorting what comes in, one request after the other."""
