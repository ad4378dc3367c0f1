"""The documents of the door: valid, whole, with examples that fit, and pages that need nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema_rs import validator_for
from openapi_spec_validator import validate

from gateway.http.app import routes
from gateway.http.auth import MAX_BODY
from tests.gateway.conftest import TOKEN

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Json:
    """As `/openapi.json` has it."""
    made: Json = routes().openapi()
    return made


def contents(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Where, in which media type, and what of every body and answer."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for part, told in [("body", operation.get("requestBody", {})), *operation["responses"].items()]:
                for kind, media in told.get("content", {}).items():
                    yield f"{method} {path} {part}", kind, media


def test_the_document_is_valid_openapi_3_1(document: Json) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_json_body_and_answer_has_an_example_that_fits_its_schema(document: Json) -> None:
    found = 0
    for where, kind, media in contents(document):
        if "json" in kind:
            fits = validator_for({**media["schema"], "components": document["components"]})
            for example in media["examples"].values():
                found += 1
                errors = [error.message for error in fits.iter_errors(example["value"])]
                assert errors == [], where
    assert found > 300


def test_every_operation_tells_its_refusals_as_problem_documents(document: Json) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            statuses = set(operation["responses"])
            assert {"421", "422", "429", "503"} <= statuses, (method, path)
            if operation.get("security"):
                assert {"401", "403"} <= statuses, (method, path)
            if "requestBody" in operation:
                assert "413" in statuses, (method, path)
            problem = operation["responses"]["422"]["content"]
            assert list(problem) == ["application/problem+json"], (method, path)


def test_every_operation_says_what_it_does(document: Json) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), (method, path)


@pytest.mark.parametrize("path", ["/docs", "/asyncapi"])
async def test_a_page_needs_nothing_from_elsewhere_and_runs_no_script(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"http://localhost{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<(script|link|img|iframe)\b|url\(|@import", answer.text)
    assert "render.done" in answer.text or "/api/v1/clips" in answer.text


@pytest.mark.parametrize("path", ["/docs", "/asyncapi", "/openapi.json", "/asyncapi.json"])
async def test_what_a_browser_opens_takes_the_token_by_its_address(client: httpx.AsyncClient, path: str) -> None:
    del client.headers["Authorization"]
    assert (await client.get(f"http://localhost{path}")).status_code == 401
    by_address = await client.get(f"http://localhost{path}", params={"access_token": TOKEN})
    assert by_address.status_code == (200 if path.endswith(".json") else 303)


async def test_the_door_serves_both_documents(client: httpx.AsyncClient) -> None:
    assert (await client.get("http://localhost/openapi.json")).json()["info"]["title"] == "Clipwire"
    assert (await client.get("http://localhost/asyncapi.json")).json()["asyncapi"] == "3.0.0"
    assert str(MAX_BODY) in (await client.get("http://localhost/openapi.json")).text
