"""What a person has found: its id is read from its address, or it is said that nothing tells it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.adapters.found import found_at
from actors.publisher.adapters.platforms import PLATFORMS
from actors.publisher.core.addresses import id_in
from actors.publisher.settings import PublisherSettings
from contracts.events import PublishRequested
from runtime.errors import Reject
from tests.publisher.support import Bench

ADDRESSES = [
    ("youtube", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "dQw4w9WgXcQ"),
    ("youtube", "https://www.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ", "dQw4w9WgXcQ"),
    ("youtube", "https://youtu.be/dQw4w9WgXcQ/", "dQw4w9WgXcQ"),
    ("youtube", "https://m.youtube.com/shorts/dQw4w9WgXcQ?x=1", "dQw4w9WgXcQ"),
    ("youtube", "https://studio.youtube.com/video/dQw4w9WgXcQ/edit", "dQw4w9WgXcQ"),
    ("youtube", "https://www.youtube.com/@somebody", None),
    ("x", "https://x.com/somebody/status/1790/video/1", "1790"),
    ("x", "https://x.com/i/web/status/1790", "1790"),
    ("x", "https://t.co/abc", None),
    ("tiktok", "https://www.tiktok.com/@some.body/video/7301?is_from_webapp=1", "7301"),
    ("tiktok", "https://vm.tiktok.com/ZMabc/", None),
    ("tiktok", "https://www.tiktok.com/@some.body", None),
    ("instagram", "https://www.instagram.com/somebody/reel/C1-_x/?igsh=1", "C1-_x"),
    ("facebook", "https://www.facebook.com/reel/123", "123"),
    ("facebook", "https://www.facebook.com/watch/?ref=a&v=123", "123"),
    ("facebook", "https://www.facebook.com/somebody/videos/a-title/123/", "123"),
    ("facebook", "https://fb.watch/abc/", None),
    ("linkedin", "https://www.linkedin.com/feed/update/urn%3Ali%3AugcPost%3A12/", "urn:li:ugcPost:12"),
    ("linkedin", "https://www.linkedin.com/feed/update/urn:li:activity:12/", None),
    ("pinterest", "https://de.pinterest.com/pin/a-title--123/", "123"),
    ("pinterest", "https://pin.it/abc", None),
    ("snapchat", "https://www.snapchat.com/@somebody/spotlight/W7_abc?locale=de", "W7_abc"),
    ("telegram", "https://t.me/channel/42?single", "42"),
    ("telegram", "https://t.me/c/1234567/7/42", "42"),
    ("bluesky", "https://bsky.app/profile/somebody.bsky.social/post/3kabc", "3kabc"),
    ("mastodon", "https://example.social/@somebody/109", "109"),
    ("mastodon", "https://example.social/users/somebody/statuses/109", "109"),
    ("peertube", "https://videos.example.org/w/kkGMgK9ZtnKfYAgnEtQxbv", "kkGMgK9ZtnKfYAgnEtQxbv"),
]


@pytest.mark.parametrize(("platform", "url", "ident"), ADDRESSES)
def test_the_id_of_a_post_is_read_from_its_address(platform: str, url: str, ident: str | None) -> None:
    assert id_in(platform, url) == ident


@given(
    st.sampled_from([*PLATFORMS, "another"]), st.text(max_size=80) | st.sampled_from([url for _, url, _ in ADDRESSES])
)
def test_no_address_gives_an_id_that_leads_elsewhere(platform: str, url: str) -> None:
    ident = id_in(platform, url)
    assert ident is None or (ident and (platform in {"outbox", "another"} or not set(ident) & set("/.?#%& ")))


async def test_a_short_link_is_taken_and_says_that_it_does_not_tell_the_id(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    request = PublishRequested(
        render_id="r_" + "0" * 20, account_id="tiktok:a", outcome="there", url="https://vm.tiktok.com/ZMabc/"
    )
    tiktok = PLATFORMS["tiktok"](PublisherSettings(_env_file=None), tmp_path, bench.media)
    posted = await found_at(request, tiktok, bench.sessions, now=bench.clock())
    assert posted.platform_id == "" and "its address does not tell" in posted.notes[0]


@pytest.mark.parametrize("ident", ["..", "../other", ".", "", "/etc", "p_" + "0" * 20 + "/.."])
async def test_nothing_but_a_publication_is_taken_out_of_the_outbox(tmp_path: Path, ident: str) -> None:
    bench = Bench(tmp_path)
    kept = bench.folder / "default" / "kept"
    kept.mkdir(parents=True)
    with pytest.raises(Reject, match="no publication"):
        await bench.outbox().delete(await bench.session(), ident)
    assert kept.is_dir()
