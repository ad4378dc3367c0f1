"""publish.requested -> publish.planned, publish.done, publish.unconfirmed, render.requested"""
