"""clip.downloaded -> clip.transcribed"""
