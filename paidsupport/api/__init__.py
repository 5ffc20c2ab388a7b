"""The same operations in JSON, for programs that act for a person of the desk."""
