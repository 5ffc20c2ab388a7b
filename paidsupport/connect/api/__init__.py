"""The same operations in JSON, for programs that act for a member of staff."""
