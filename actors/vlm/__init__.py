"""clip.transcribed -> clip.analyzed

Needs: claims model-turn, claims model-budget, channels
"""
