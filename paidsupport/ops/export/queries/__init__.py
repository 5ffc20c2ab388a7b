"""Queries for exports: what they read, and which there are."""
