"""The outside world of the downloader: the web by yt-dlp, the local disk, and PyAV to examine files."""
