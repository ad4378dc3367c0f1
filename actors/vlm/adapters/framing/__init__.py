"""Where the crop goes, in which mode, and what captions keep clear of."""
