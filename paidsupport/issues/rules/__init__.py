"""Rules for issues: kinds, stages, estimates, releases."""
