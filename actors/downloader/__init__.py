"""candidate.approved -> clip.downloaded

Needs: channels
"""
