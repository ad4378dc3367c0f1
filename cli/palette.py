"""What a plan may name: looks, transitions and caption styles, each with what it looks like."""

from __future__ import annotations

from rich.table import Table

from cli.output import console, print_json

__all__ = ["palette", "print_palette"]


def palette() -> dict[str, dict[str, str]]:
    """Names with a line for a person, by kind, in alphabetical order."""
    from actors.renderer.adapters.captions.styles import STYLES
    from actors.renderer.adapters.looks import LOOKS
    from actors.renderer.adapters.transitions import TRANSITIONS
    from actors.renderer.core.ramp import RAMP, RAMP_SAYS

    mixes = {name: (mix.__doc__ or "").strip().splitlines()[0].rstrip(".") for name, mix in TRANSITIONS.items()}
    return {
        "looks": dict(sorted({RAMP: RAMP_SAYS, **{name: look.says for name, look in LOOKS.items()}}.items())),
        "transitions": dict(sorted(mixes.items())),
        "styles": dict(sorted((name, style.says) for name, style in STYLES.items())),
    }


def print_palette(*, as_json: bool) -> None:
    """As tables, or as JSON."""
    found = palette()
    if as_json:
        print_json(found)
        return
    for kind, names in found.items():
        table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
        table.add_column(kind, no_wrap=True, min_width=max(len(name) for each in found.values() for name in each))
        table.add_column("")
        for name, says in names.items():
            table.add_row(name, says)
        console.print(table)
        console.print()
