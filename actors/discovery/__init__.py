"""discovery.requested -> candidate.found, discovery.done

Needs: channels
"""
