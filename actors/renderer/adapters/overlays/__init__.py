"""Overlays: one file for each kind, and one line in the table of `painters`."""
