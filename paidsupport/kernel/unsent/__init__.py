"""Forms that were sent after their session had ended."""
