"""Makes the talks. Nothing here knows the analysis: the truth is what was drawn, spoken and planted."""
