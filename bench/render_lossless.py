"""Our renderer with x264 told to lose nothing: the reference that our own pictures are judged against."""

from __future__ import annotations

from actors.renderer.adapters.encoders import encoder
from actors.renderer.adapters.job import work
from bench.render_peers import LOSSLESS
from runtime.child import serve_child

if __name__ == "__main__":
    table = dict(encoder.ENCODERS)
    table[encoder.SOFTWARE] = encoder.Kind(ways=(encoder.Way(settings=lambda *_: LOSSLESS),))
    encoder.ENCODERS = table
    serve_child(work)
