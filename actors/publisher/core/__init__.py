"""The decisions of the publisher: pure functions, one module each."""
