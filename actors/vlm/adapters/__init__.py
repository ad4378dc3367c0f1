"""The local analysis: PyAV and OpenCV in a child process."""
