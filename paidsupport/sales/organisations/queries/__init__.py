"""Queries for organisations: for pages, and one by one."""
