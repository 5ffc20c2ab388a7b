"""Providers of payments that are called over the network."""
