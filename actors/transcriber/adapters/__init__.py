"""The outside world of the transcriber: caption files, and speech recognition by faster-whisper."""
