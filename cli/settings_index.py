"""Every setting of every unit, in one list; the reference and `clipwire doctor` are made from it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretBytes, SecretStr, ValidationError
from pydantic_core import PydanticUndefined

from runtime.settings import Settings
from runtime.units import settings_of

__all__ = ["Setting", "all_settings", "wrong_settings"]

_HOMES = ("runtime", "actors", "gateway", "cli")


@dataclass(frozen=True)
class Setting:
    """One setting. `default` is what a person would write, `""` for unset, none where it is worked out at start."""

    variable: str
    unit: str
    kind: str
    default: str | None
    description: str
    secret: bool


def all_settings() -> list[Setting]:
    """Every field of every `Settings` class, unit by unit; one that several units share is listed once."""
    found: dict[str, Setting] = {}
    for unit, model in _models():
        for name, field in model.model_fields.items():
            variable = f"{model.model_config.get('env_prefix', '')}{name}".upper()
            if variable in found:
                continue
            found[variable] = Setting(
                variable,
                unit,
                _kind(field.annotation),
                None if field.default is PydanticUndefined else _written(field.default),
                field.description or "",
                _holds(field.annotation, (SecretStr, SecretBytes)),
            )
    return list(found.values())


def wrong_settings() -> list[str]:
    """Every setting of any unit that can't work, in words, each once and named as the variable that it is."""
    lines: dict[str, str] = {}
    for _, model in _models():
        try:
            model()
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False, include_input=False):
                variable = f"CLIPWIRE_{'.'.join(str(part) for part in fault['loc']).upper()}"
                lines.setdefault(variable, f"{variable}: {fault['msg'].removeprefix('Value error, ')}")
    return list(lines.values())


def _models() -> Iterator[tuple[str, type[Settings]]]:
    for home in _HOMES:
        for unit in [home, *_packages(importlib.import_module(home))]:
            for name, model in settings_of(unit):
                if model.__module__ == name:
                    yield name.removesuffix(".settings"), model


def _packages(package: Any) -> list[str]:
    return sorted(
        module.name for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.") if module.ispkg
    )


def _holds(annotation: Any, kinds: tuple[type, ...]) -> bool:
    return annotation in kinds or any(_holds(part, kinds) for part in get_args(annotation))


def _kind(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return " or ".join(_kind(part) for part in get_args(annotation) if part is not type(None))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    names = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "Path": "path"}
    name = getattr(annotation, "__name__", str(annotation))
    if name in {"SecretStr", "SecretBytes"}:
        return "secret"
    return _kind(get_args(annotation)[0]) if name == "Annotated" else names.get(name, name)


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
