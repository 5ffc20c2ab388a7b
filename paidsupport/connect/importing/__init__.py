"""Moving in from other systems: their tickets as lines of JSON, written as if they had always been here."""
