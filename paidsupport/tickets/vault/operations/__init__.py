"""Sealing, looking, comparing what is written with what is secret."""
