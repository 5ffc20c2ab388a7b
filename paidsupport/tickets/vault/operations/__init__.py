"""Encrypting, viewing, and comparing what is written with what is secret."""
