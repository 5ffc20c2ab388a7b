"""Triage: what comes in is sorted, one request after the other."""
