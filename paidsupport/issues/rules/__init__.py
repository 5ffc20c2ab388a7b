"""What holds of issues: kinds, stages, estimates, releases."""
