"""render.done, publish.done -> media.archived"""
