"""discovery.requested -> candidate.found, discovery.done"""
