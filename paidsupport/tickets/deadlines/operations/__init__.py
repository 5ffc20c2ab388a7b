"""Setting and pausing deadlines; warnings, misses, reminders."""
