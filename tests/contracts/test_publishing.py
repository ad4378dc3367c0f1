"""What a channel's words and a person's answer have to be."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actors.publisher.core.words import _FIELD
from contracts.events import PublishRequested
from contracts.publishing import WORDING_FIELDS, Wording

ORDER = {"render_id": "r_" + "0" * 20, "account_id": "outbox:default"}


@pytest.mark.parametrize("template", ["title", "description"])
@pytest.mark.parametrize("unknown", ["hook", "chapter", "Title", "titel"])
def test_a_field_that_there_is_not_is_refused_with_those_that_there_are(template: str, unknown: str) -> None:
    with pytest.raises(ValidationError, match=rf"`{{{unknown}}}` is no field; there are .*`{{chapters}}`"):
        Wording.model_validate({template: f"{{title}} {{{unknown}}}"})


def test_every_field_that_there_is_is_taken_and_so_are_braces_that_are_no_name() -> None:
    template = "".join(f"{{{name}}}" for name in WORDING_FIELDS) + " {} { } {1} {a b} {{ } {a-b}"
    assert Wording(title=template, description=template).title == template
    assert _FIELD.findall(template) == list(WORDING_FIELDS)
    assert all(f"{{{name}}}" in (Wording.__doc__ or "") for name in WORDING_FIELDS)


@pytest.mark.parametrize("url", [None, "", " "])
def test_what_is_there_has_an_address(url: str | None) -> None:
    with pytest.raises(ValidationError, match="say where it was found") as refused:
        PublishRequested.model_validate({**ORDER, "outcome": "there", "url": url})
    assert refused.value.errors()[0]["loc"] == ("url",)
    with pytest.raises(ValidationError, match="say where it was found"):
        PublishRequested.model_validate({**ORDER, "outcome": "there"})
    assert PublishRequested.model_validate({**ORDER, "outcome": "there", "url": "https://example.org/v/1"}).url
    assert PublishRequested.model_validate({**ORDER, "outcome": "not_there"}).url is None
