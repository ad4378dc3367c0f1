"""candidate.found -> candidate.ranked"""
