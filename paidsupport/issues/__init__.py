"""The tracker of the desk, which holds no personal data."""
