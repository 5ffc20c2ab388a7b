"""What must hold of issues."""
