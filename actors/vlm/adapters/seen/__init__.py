"""Whether a clip, or a stretch of it, was there before: fingerprints, and where they are kept and compared."""
