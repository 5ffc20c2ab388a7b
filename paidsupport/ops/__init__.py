"""Running the desk: its doctor, its figures, erasure and restoring."""
