"""What is in the pictures of a clip: one observer for each concern, and what shows them the pictures."""
