"""Counting what is asked; answering with a page; issues for what is missing."""
