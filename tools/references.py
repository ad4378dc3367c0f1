"""Writes the generated references; with `--check` it says which are stale: `python -m tools.references`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cli.export import nats_permissions, schemas
from tools.compose_settings import compose_settings
from tools.flow import contradictions, with_picture
from tools.gallery import page as gallery_page
from tools.platforms_reference import platforms_page
from tools.settings_reference import env_example, settings_page

__all__ = ["generated", "stale"]

ROOT = Path(__file__).resolve().parents[1]
_USERS_HEAD = "# Generated: make references. What each user may do, as the cards of actors and doors say.\n"


def generated(root: Path = ROOT) -> dict[Path, str]:
    """Every generated file with the text that it should have."""
    files = {
        root / "README.md": with_picture((root / "README.md").read_text(encoding="utf-8"), root),
        root / "docs/settings.md": settings_page(),
        root / "docs/platforms.md": platforms_page(),
        root / ".env.example": env_example(),
        root / "deploy/compose/settings.yaml": compose_settings(),
        root / "deploy/compose/users.conf": _USERS_HEAD + nats_permissions(),
        root / "docs/gallery/README.md": gallery_page(root),
    }
    for name, schema in schemas().items():
        files[root / f"docs/schemas/{name}.json"] = (
            json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        )
    return files


def stale(root: Path = ROOT) -> list[str]:
    """One line for everything that is not as the code says."""
    files = generated(root)
    lines = [
        f"{path.relative_to(root)} is not what the code says: make references"
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    lines += [
        f"{path.relative_to(root)} belongs to no subject"
        for path in sorted((root / "docs/schemas").glob("*.json"))
        if path not in files
    ]
    return lines + contradictions(root)


def main() -> None:
    """See the module's docstring."""
    if "--check" in sys.argv[1:]:
        lines = stale()
        for line in lines:
            print(line)
        raise SystemExit(1 if lines else 0)
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")
    for line in contradictions(ROOT):
        print(line)


if __name__ == "__main__":
    main()
