"""What knows no ticket: the mechanisms that every capability is built from."""
