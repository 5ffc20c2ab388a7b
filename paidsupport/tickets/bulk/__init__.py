"""Doing one thing with several tickets at once, and undoing it."""
