"""What has to be disclosed of a short, and cannot be through a platform's API, is told with the post."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.keys import render_uri
from contracts.publishing import Disclosure
from contracts.renders import Recipe
from tests.publisher.platforms.cases import CASES
from tests.publisher.platforms.kit import Kit


@pytest.mark.parametrize("name", ["bluesky", "mastodon", "pinterest", "telegram"])
async def test_what_no_label_says_is_told_to_a_person(name: str, tmp_path: Path) -> None:
    server = CASES[name].server()
    with server.running():
        async with Kit(CASES[name], server, tmp_path) as kit:
            recipe = Recipe(disclosure=Disclosure(synthetic=True, paid_promotion=True))
            render = (await kit.render()).model_copy(update={"recipe": recipe})
            await kit.bench.media.write(render_uri(render.render_id), render)
            assert await kit.drive(kit.request(render)) == "done"
            claim = await kit.bench.claims.get(f"publish/{kit.request(render).publication_id}")
            assert claim is not None
            notes = claim.data["publication"]["notes"]
            assert ["made or altered by a machine" in notes[0], "a paid promotion" in notes[1]] == [True, True]
