"""Connections to other programs: set up by managers, served by workers."""
