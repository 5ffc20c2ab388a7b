"""Incoming mail: the bytes as they arrived, and what became of them."""
