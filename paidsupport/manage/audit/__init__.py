"""The history of the configuration: who changed what, from what to what."""
