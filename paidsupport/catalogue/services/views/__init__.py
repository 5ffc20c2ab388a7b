"""The pages on which managers set services up (P10)."""
