"""What holds for every contract."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import get_args

import pytest
from pydantic import BaseModel

import contracts.envelope
import contracts.events
import contracts.media
import contracts.renders
import contracts.work


def _models(module: ModuleType) -> list[type[BaseModel]]:
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, BaseModel)
        and f"{value.__module__}.".startswith(f"{module.__name__}.")
        and value.__pydantic_generic_metadata__["origin"] is None  # pydantic puts `Event[X]` beside `Event`
    ]


MODELS = [
    model
    for module in (contracts.envelope, contracts.events, contracts.media, contracts.renders, contracts.work)
    for model in _models(module)
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_what_may_be_absent_may_be_left_out(model: type[BaseModel]) -> None:
    """Documents are written without absent values, so a field that may be null has to have a default."""
    required = [
        name
        for name, field in model.model_fields.items()
        if field.is_required() and type(None) in get_args(field.annotation)
    ]
    assert not required


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_contract_is_frozen_and_documented(model: type[BaseModel]) -> None:
    assert model.model_config.get("frozen")
    assert model.__doc__
