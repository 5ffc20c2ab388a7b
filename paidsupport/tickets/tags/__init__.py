"""Words on tickets by which they are found."""
