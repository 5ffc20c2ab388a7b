"""Tickets as they are read: pages, and as plain values for programs."""
