"""The downloader: local files, the web, and what it refuses."""
