"""The accounts of people on platforms: connected, kept encrypted, renewed."""
