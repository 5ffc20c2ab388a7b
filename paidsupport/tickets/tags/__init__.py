"""Tags: words on tickets to find them by."""
