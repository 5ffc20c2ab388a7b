"""Linking, merging, and taking apart again."""
