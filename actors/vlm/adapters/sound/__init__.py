"""What is heard: loudness, speech, music, laughter, applause."""
