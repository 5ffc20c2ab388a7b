"""The pages of notices and of notification settings."""
