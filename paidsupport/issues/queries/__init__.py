"""Issues as they are read: lists, analysis, work, reviews."""
