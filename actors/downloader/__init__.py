"""candidate.approved -> clip.downloaded"""
