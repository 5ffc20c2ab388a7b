"""The issue tracker, which holds no personal data."""
