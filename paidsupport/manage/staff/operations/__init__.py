"""Inviting people to the staff, and handing over what they hold when they leave."""
