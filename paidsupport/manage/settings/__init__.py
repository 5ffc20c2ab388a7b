"""The settings that managers own: pages and commands."""
