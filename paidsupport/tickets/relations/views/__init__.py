"""The pages on which tickets are linked and merged."""
