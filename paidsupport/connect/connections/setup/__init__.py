"""Connections as managers set them up."""
