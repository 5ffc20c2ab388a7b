"""A whole export, taken into an empty desk."""
