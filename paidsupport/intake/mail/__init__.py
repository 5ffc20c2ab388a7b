"""Incoming mail: fetched, stored, read, and put on a ticket if there is proof."""
