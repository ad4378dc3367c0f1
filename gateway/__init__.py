"""Who asks: the HTTP door, and the read models that it answers from."""
