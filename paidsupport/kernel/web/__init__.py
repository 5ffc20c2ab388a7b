"""What pages are built from, whatever they are about."""
