"""The pages of the checklist and of the log of work."""
