"""What customers decide: consent to risky steps, offers of extra work."""
