"""Organisations as pages show them, and one by one."""
