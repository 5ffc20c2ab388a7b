"""The journal of what has left the desk. It is kept with the files, so it survives a restored database."""
