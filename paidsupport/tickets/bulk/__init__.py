"""Doing one thing with several tickets at once, and taking it back."""
