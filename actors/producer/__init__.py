"""candidate.ranked, candidate.rejected, clip.analyzed, render.done, render.rejected, work.failed ->
candidate.approved, candidate.rejected, approval.asked, render.requested, publish.requested"""
