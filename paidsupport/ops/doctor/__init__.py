"""The doctor proves every invariant on the live data."""
