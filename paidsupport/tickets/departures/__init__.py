"""What has left the desk, in a journal beside the files: a restored database does not know it."""
