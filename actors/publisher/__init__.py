"""publish.requested -> publish.planned, publish.done, publish.unconfirmed, render.requested

Needs: claims publish, claims ledger, seen claims rejected, channels, timers
"""
