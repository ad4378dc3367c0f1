"""A few seconds of what `make fuzz` does: no answer that the document does not tell."""

from __future__ import annotations

from pathlib import Path

from gateway.http.server import serving
from gateway.http.settings import GatewaySettings
from runtime.settings import RuntimeSettings
from tests.gateway.fuzz import TOKEN, fuzz


async def test_no_answer_differs_from_the_document(nats_url: str, database_url: str, tmp_path: Path) -> None:
    runtime = RuntimeSettings(home=tmp_path / "home", nats_url=nats_url, database_url=database_url, drain_s=1)
    async with serving(runtime, GatewaySettings(http_port=0), TOKEN) as url:
        result = await fuzz(url, examples=1, phases="examples,fuzzing", only="/(jobs|renders|webhooks|candidates)")
    assert result.code == 0, result.said
    assert result.cases > 20
