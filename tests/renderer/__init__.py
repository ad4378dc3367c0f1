"""The renderer: real media in, real shorts out."""
