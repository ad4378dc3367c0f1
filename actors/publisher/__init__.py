"""publish.requested -> publish.done, publish.unconfirmed, render.requested"""
