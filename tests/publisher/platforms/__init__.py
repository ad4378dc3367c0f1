"""Every platform of the publisher against a local server that behaves as the platform does, faults included."""
