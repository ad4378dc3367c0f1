"""publish.requested -> publish.done, publish.unconfirmed"""
