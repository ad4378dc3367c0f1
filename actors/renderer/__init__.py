"""render.requested -> render.done"""
