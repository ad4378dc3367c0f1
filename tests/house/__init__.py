"""Tests of the house itself: its shape, its gates, its generated references."""
