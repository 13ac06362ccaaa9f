"""What is to happen: events posted, changed, moved and called off, and their turns."""
