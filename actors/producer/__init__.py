"""candidate.ranked, candidate.rejected, clip.analyzed, render.done, render.rejected, work.failed ->
candidate.approved, candidate.rejected, approval.asked, render.requested, publish.requested

Needs: claims decided, claims said, claims rejected, claims failed, claims cutting, claims cut, claims made, channels
"""
