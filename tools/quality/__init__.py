"""The labelled set: talks made by code, with known truth, on which the analysis is measured: `make quality`."""
