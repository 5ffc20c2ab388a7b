"""What managers can see and do about the desk's money."""
