"""clip.transcribed -> clip.analyzed"""
