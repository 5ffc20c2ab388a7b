"""What happens to a ticket itself: claims, transitions, history."""
