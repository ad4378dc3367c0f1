"""Where faces are, for whoever writes over the picture."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.vlm.adapters.framing.areas import face_areas
from actors.vlm.adapters.people.faces import Face

shares = st.floats(0, 1)
boxes = st.builds(Face, shares, shares, st.floats(0.02, 0.6), st.floats(0.02, 0.6))


def test_a_face_that_stays_is_one_area_and_one_that_goes_is_several() -> None:
    still = Face(0.3, 0.4, 0.1, 0.2)
    looked = [(n / 2, (still, Face(0.1 + n / 10, 0.8, 0.1, 0.1))) for n in range(4)]
    areas = face_areas(looked, 1.6)
    (stays,) = [area for area in areas if area.y < 0.5]
    assert (stays.start, stays.end, stays.x, stays.y, stays.width, stays.height) == (0.0, 1.6, 0.25, 0.3, 0.1, 0.2)
    assert len(areas) == 5


@given(st.lists(st.lists(boxes, max_size=3), max_size=8))
def test_every_face_lies_in_an_area_at_its_time(found: list[list[Face]]) -> None:
    looked = [(n / 2, tuple(each)) for n, each in enumerate(found)]
    areas = face_areas(looked, 10.0)
    for t, seen in looked:
        for box in seen:
            assert any(
                area.start <= t <= area.end
                and area.x - 1e-3 <= box.x <= area.x + area.width + 1e-3
                and area.y - 1e-3 <= box.y <= area.y + area.height + 1e-3
                for area in areas
            )
