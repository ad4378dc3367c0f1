"""What is taken of what yt-dlp lists, what a source tells, and what is a usable video."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.downloader.adapters.failures import failure_of
from actors.downloader.adapters.guard import Guard
from actors.downloader.adapters.offers import choose_captions, choose_formats
from actors.downloader.core import Limits, Measured, caption_format, completed, described, frame_rate, judged
from contracts.media import Candidate, Rights
from runtime.errors import Reject, Retry


def offer(ident: str, height: int = 0, *, sound: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "format_id": ident,
        "protocol": "https",
        "height": height or None,
        "width": height * 16 // 9 or None,
        "vcodec": "avc1" if height else "none",
        "acodec": "mp4a" if sound else "none",
        **more,
    }


@pytest.mark.parametrize(
    ("formats", "chosen"),
    [
        ([offer("a", 360, sound=True), offer("b", 720, sound=True), offer("c", 2160, sound=True)], ["b"]),
        ([offer("s", sound=True), offer("a", 360, sound=True), offer("v", 1080)], ["v", "s"]),
        ([offer("s", sound=True), offer("v", 720), offer("a", 720, sound=True)], ["a"]),
        ([offer("a", 2160, sound=True), offer("b", 1440, sound=True)], ["b"]),
        ([offer("tall", 1920, sound=True, width=1080), offer("wide", 720, sound=True)], ["tall"]),
        ([offer("v", 720)], ["v"]),
        ([offer("s", sound=True)], []),
        ([offer("r", 720, sound=True, protocol="rtmp"), offer("d", 720, sound=True, has_drm=True)], []),
        ([{"format_id": "direct", "protocol": "http", "url": "x"}], ["direct"]),
        ([offer("s", sound=True, language="de"), offer("t", sound=True, language="en"), offer("v", 720)], ["v", "t"]),
    ],
)
def test_the_best_up_to_the_wanted_height_is_taken(formats: list[dict[str, Any]], chosen: list[str]) -> None:
    assert [f["format_id"] for f in choose_formats(formats, max_height=1080)] == chosen


def test_captions_in_the_spoken_language_are_taken_json3_first() -> None:
    files = [{"ext": "vtt", "url": "v"}, {"ext": "json3", "url": "j"}]
    told = {
        "language": "de",
        "subtitles": {"en": files, "de-DE": files, "live_chat": files},
        "automatic_captions": {"en": files, "de-orig": files},
    }
    assert [(c.origin, c.language, c.format, c.url) for c in choose_captions(told)] == [
        ("source", "de-DE", "json3", "j"),
        ("automatic", "de", "json3", "j"),
    ]


def test_translations_are_not_what_is_said() -> None:
    files = [{"ext": "vtt", "url": "v"}]
    assert choose_captions({"language": "de", "subtitles": {"en": files, "fr": files}}) == []


@pytest.mark.parametrize(
    ("body", "name", "kind"),
    [
        ("WEBVTT\n", "x", "vtt"),
        ("\ufeffWEBVTT\n", "x", "vtt"),
        ('{"wireMagic": "pb3", "events": []}', "x.json", "json3"),
        ('{"name": 1}', "x.json3", None),
        ("1\n00:00:01,000 --> 00:00:02,000\nx", "x", "srt"),
        ("00:01.000 --> 00:02.000\nx", "x.VTT", "vtt"),
        ("root:x:0:0:", "passwd.srt", None),
    ],
)
def test_a_caption_format_is_recognised_by_its_content(body: str, name: str, kind: str | None) -> None:
    assert caption_format(body.encode(), name) == kind
    assert caption_format(body.removeprefix("\ufeff").encode("utf-16"), name) == kind


@given(st.binary(max_size=200))
def test_any_bytes_have_a_caption_format_or_none(body: bytes) -> None:
    caption_format(body, "x.srt")


@pytest.mark.parametrize(
    ("licence", "status", "name"),
    [
        ("Creative Commons Attribution license (reuse allowed)", "licensed", "CC-BY"),
        ("CC-BY-SA 4.0", "licensed", "CC-BY-SA-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/", "licensed", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "unknown", "CC-BY-NC-4.0"),
        ("CC BY-ND", "unknown", "CC-BY-ND"),
        ("Creative Commons", "unknown", "Creative Commons"),
        ("Public domain", "unknown", "Public domain"),
        ("Standard licence", "unknown", "Standard licence"),
    ],
)
def test_only_licences_that_allow_shorts_count_as_open(licence: str, status: str, name: str) -> None:
    told = {"title": "T", "uploader": "Ann", "license": licence}
    candidate = described(told, candidate_id="web:1", url="https://example.org/v")
    assert (candidate.rights.status, candidate.rights.licence) == (status, name)
    assert (candidate.rights.attribution is not None) == name.startswith("CC-")


def test_what_the_source_does_not_tell_is_absent() -> None:
    candidate = described({}, candidate_id="web:1", url="https://example.org/my_film%20one.mp4")
    assert candidate == Candidate(
        candidate_id="web:1", url="https://example.org/my_film%20one.mp4", title="my film one", source="https"
    )


def test_gaps_of_a_candidate_are_filled_but_nothing_is_overwritten() -> None:
    found = Candidate(candidate_id="web:1", url="https://a", title="Mine", source="x", views=0)
    told = described(
        {"title": "Theirs", "view_count": 9, "like_count": 3, "uploader": "Ann"}, candidate_id="web:1", url="https://b"
    )
    both = completed(found, told)
    assert (both.title, both.url, both.views, both.likes, both.author) == ("Mine", "https://a", 0, 3, "Ann")
    assert both.rights == Rights(owner="Ann")


def measured(seconds: float, claimed: float, **more: Any) -> Measured:
    times = [i / 10 for i in range(round(seconds * 10))]
    given_ = {"container": "mov", "has_sound": False, "video_codec": "h264", "pixels": 100, "pictures": len(times)}
    return Measured(
        **{
            **given_,
            "header_duration": claimed,
            "width": 10,
            "height": 10,
            "times": times,
            "video_end": seconds,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (measured(5, 36000), "claims 36000"),
        (measured(5, 36000, cut_off=True), None),
        (measured(0.5, 60, cut_off=True), "Only 0.5 of the 60"),
        (measured(0.5, 0.5), None),
        (measured(5, 0.1), None),
        (measured(120, 120), "120 seconds long"),
        (measured(5, 5, audio_end=120), "120 seconds long"),
        (measured(5, 5, video_codec=None, has_sound=True), "sound but no"),
        (measured(5, 5, video_codec=None), "neither"),
        (measured(5, 5, pixels=10**9), "megapixels"),
        (measured(5, 5, pictures=0), "decoded"),
        (measured(0.1, 0.1), "single picture"),
    ],
)
def test_files_are_judged(found: Measured, why: str | None) -> None:
    verdict = judged(found, Limits(pixels=1000, duration_s=100), name="x")
    assert (verdict.refusal is None) == (why is None)
    assert why is None or (verdict.refusal is not None and why in verdict.refusal.what)


@given(st.lists(st.floats(0, 1000), min_size=2, max_size=50, unique=True))
def test_a_frame_rate_is_always_a_positive_number(times: list[float]) -> None:
    ordered = sorted(times)
    if ordered[-1] - ordered[0] > 1e-6:
        fps, _ = frame_rate(ordered)
        assert fps > 0


@pytest.mark.parametrize(
    ("message", "kind", "advice"),
    [
        ("ERROR: [youtube] x: Sign in to confirm that you are not a bot.", Retry, "COOKIES_FILE"),
        ("ERROR: [youtube] x: Private video. Sign in if you've been granted access", Reject, "browser"),
        ("ERROR: [youtube] x: Video unavailable", Reject, "browser"),
        ("ERROR: [youtube] x: Sign in to confirm your age", Reject, "COOKIES_FILE"),
        ("ERROR: [site] x: This video is only available for registered users", Reject, "COOKIES_FILE"),
        ("ERROR: [site] x: This video is not available from your location", Reject, "PROXY"),
        ("ERROR: [youtube] x: Requested format is not available", Reject, "plays in a browser"),
        ("ERROR: [site] x: something nobody knows", Reject, "newer yt-dlp"),
    ],
)
def test_failures_of_yt_dlp_are_told_apart(message: str, kind: type[Retry], advice: str) -> None:
    guard = Guard(allow_private=True, proxy=None, programs=())
    failure = failure_of(RuntimeError(message), url="https://x", guard=guard, downloading=False, cookies=False)
    assert isinstance(failure, kind)
    assert advice in failure.advice


def test_a_long_message_of_a_library_is_cut_between_words() -> None:
    error = RuntimeError("Private video: " + "local_files_only " * 60)
    guard = Guard(allow_private=True, proxy=None, programs=())
    failure = failure_of(error, url="https://example.org/a", guard=guard, downloading=False, cookies=False)
    assert failure.what.endswith("local_files_only …")
