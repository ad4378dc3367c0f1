"""Who is in the pictures, from when to when, and who speaks."""
