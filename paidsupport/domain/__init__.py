"""The rules, in the standard library alone: what may happen, and which sentence is said if it may not."""
