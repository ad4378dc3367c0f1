"""Captions of any words, in any style, on any canvas, are drawn without a fault."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from actors.renderer.adapters.captions import captions_of
from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.core import schedule
from contracts.media import Word
from contracts.timeline import Canvas, CaptionPlan, Segment, Timeline
from tests.support.captions import ground

letters = st.sampled_from("fjJQgyWÅÑẾŷ̀ıßЙщΆςالرحמנקूं한국天気😀👍🏽%$5,.!?…'”— ")  # of many scripts on purpose
texts = st.text(letters, min_size=1, max_size=14).map(str.strip).filter(bool)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(texts, min_size=1, max_size=6),
    st.sampled_from(sorted(STYLES)),
    st.sampled_from(((64, 112), (270, 480), (360, 202), (256, 256))),
)
@example(["moment", "it", "is", "spoken,", "jf", "fJ"], "lit", (270, 480))
def test_any_words_are_drawn(said: list[str], style: str, size: tuple[int, int]) -> None:
    words = tuple(Word(text=text, start=n * 0.3, end=n * 0.3 + 0.25) for n, text in enumerate(said))
    timeline = Timeline(
        canvas=Canvas(width=size[0], height=size[1], fps=10),
        segments=(Segment(source="a.mp4", end=2),),
        captions=CaptionPlan(words=words, emphasis=(0,), style=style),
    )
    painter = captions_of(timeline, schedule(timeline), size, None)
    picture = ground(size, (90, 90, 90))
    for number in range(20):
        painter.paint(picture, number)
    painter.close()
