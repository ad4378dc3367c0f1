"""What each unit (an actor, a door, the runtime) reads: its settings classes, and an environment with these alone."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
from collections.abc import Iterator, Mapping

from dotenv import dotenv_values

from runtime.environment import PREFIX, is_setting, without_secrets
from runtime.settings import RuntimeSettings, Settings

__all__ = ["environment_of", "settings_modules", "settings_of", "values_set"]


def settings_modules(unit: str) -> list[str]:
    """`actors.ranker` keeps its settings in `actors.ranker.settings`.

    Those that its process reads besides are named there in `SETTINGS_TOO`: other units, or packages of which each
    module keeps its own.
    """
    name = f"{unit}.settings"
    if importlib.util.find_spec(name) is None:
        return []
    too = getattr(importlib.import_module(name), "SETTINGS_TOO", ())
    return [name, *(module for other in too for module in settings_modules(other) or _modules(other))]


def _modules(package: str) -> list[str]:
    there = pkgutil.iter_modules(importlib.import_module(package).__path__)
    return sorted(f"{package}.{module.name}" for module in there)


def settings_of(unit: str) -> Iterator[tuple[str, type[Settings]]]:
    """Every settings class of a unit with the module that it is read from: its own, and those that it imports."""
    for name in settings_modules(unit):
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, type) and issubclass(value, Settings) and value is not Settings:
                yield name, value


def values_set() -> dict[str, str]:
    """The environment, and beneath it what the file that settings are read from (`.env`) says of settings."""
    file = Settings.model_config.get("env_file")
    told = dotenv_values(str(file)) if file else {}
    values = {name.upper(): value for name, value in told.items() if value and is_setting(name)}
    for name, value in os.environ.items():
        if value or not is_setting(name):  # an empty setting is none
            values[name.upper() if is_setting(name) else name] = value
    return values


def environment_of(unit: str, values: Mapping[str, str]) -> dict[str, str]:
    """Of `values` what a process of this unit may know: the settings that it reads, and what is nobody's secret.

    The file that settings are read from is closed to it: what it may know of that is in its environment.
    """
    models: list[type[Settings]] = [RuntimeSettings, *(model for _, model in settings_of(unit))]
    names = {f"{PREFIX}{field}".upper() for model in models for field in model.model_fields}
    mine = {name: value for name, value in values.items() if name in names}
    return {**without_secrets(values), **mine, f"{PREFIX}ENV_FILE": os.devnull}
