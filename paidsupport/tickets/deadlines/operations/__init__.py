"""Deadlines: setting and pausing, warnings, misses, reminders."""
