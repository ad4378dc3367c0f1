"""publish.requested -> publish.planned, publish.done, publish.unconfirmed, render.requested, work.failed

Needs: claims publish, claims ledger, seen claims rejected, channels, timers
"""
