"""What is done with issues: analysis, action, review, resolution."""
