"""The forms on the pages of issues."""
