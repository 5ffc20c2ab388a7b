"""The configuration that managers own: every change is a line of one chained history."""
