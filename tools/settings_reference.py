"""`docs/settings.md` and `.env.example`, made from the settings classes."""

from __future__ import annotations

from itertools import groupby

from cli.settings_index import Setting, all_settings

__all__ = ["env_example", "settings_page"]

_HEAD = """# Settings

<!-- generated from the settings classes: make references -->

Every process reads them from the environment, then from a file `.env` in its working folder. A process reads only what
its unit names here, and what `runtime` names. Where a default is missing it is worked out at start, as the description
says.
"""


def settings_page() -> str:
    """A table per unit."""
    parts = [_HEAD]
    for unit, group in groupby(all_settings(), key=lambda setting: setting.unit):
        parts += [f"\n## {unit}\n", "| variable | value | default | meaning |", "| --- | --- | --- | --- |"]
        parts += [_row(setting) for setting in group]
    return "\n".join(parts) + "\n"


def env_example() -> str:
    """Every setting, commented out, with its default; secrets without a value."""
    lines = ["# Copy to .env and uncomment what you change. Generated: make references"]
    for unit, group in groupby(all_settings(), key=lambda setting: setting.unit):
        lines += ["", f"# --- {unit}"]
        for setting in group:
            lines += [
                f"# {setting.description}",
                f"#{setting.variable}={'' if setting.secret else setting.default or ''}",
            ]
    return "\n".join(lines) + "\n"


def _row(setting: Setting) -> str:
    default = "" if setting.secret or not setting.default else f"`{setting.default}`"
    cells = (f"`{setting.variable}`", setting.kind, default, setting.description)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
