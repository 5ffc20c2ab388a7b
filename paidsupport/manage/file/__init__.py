"""Everything that managers have set up as one file: taken out, looked at, loaded and undone."""
