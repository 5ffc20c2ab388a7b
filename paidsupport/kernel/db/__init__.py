"""Reading and writing rows, whatever they are about."""
