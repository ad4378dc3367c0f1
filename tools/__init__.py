"""What keeps the house in order: checks, generated references, the scaffold of a new actor."""
