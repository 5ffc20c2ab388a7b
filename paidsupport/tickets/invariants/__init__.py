"""What must hold of tickets, their claims and their histories."""
