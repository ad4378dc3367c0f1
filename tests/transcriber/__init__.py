"""The transcriber: captions to words to sentences, and listening."""
