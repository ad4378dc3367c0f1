"""aiogram's types are built when they are used, and can be, all of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from aiogram import methods, types
from pydantic import BaseModel

from gateway.telegram.library import Update

PARTS = ("actors", "cli", "contracts", "gateway", "runtime", "tools")
BUILT = """
import sys
from gateway.telegram.library import types
from pydantic import BaseModel
kept = [getattr(types, name) for name in types.__all__]
print(sum(isinstance(each, type) and issubclass(each, BaseModel) and each.__pydantic_complete__ for each in kept))
"""


def test_of_what_aiogram_has_hardly_anything_is_built_at_the_start() -> None:
    done = subprocess.run([sys.executable, "-c", BUILT], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 40 < len(types.__all__) / 8


def test_one_module_imports_aiogram() -> None:
    root = Path(__file__).resolve().parents[2]
    code = {path.relative_to(root): path.read_text() for part in PARTS for path in (root / part).rglob("*.py")}
    who = [str(path) for path, text in code.items() if re.search(r"^\s*(import|from) aiogram\b", text, re.MULTILINE)]
    assert who == ["gateway/telegram/library.py"]


def test_whatever_is_not_aiograms_is_built_as_always() -> None:
    class Own(BaseModel):
        other: Other | None = None

    class Other(BaseModel):
        number: int

    assert Own.model_rebuild(_types_namespace={"Other": Other}) is True
    assert Own.model_validate({"other": {"number": 3}}).other == Other(number=3)


def test_each_type_finds_those_that_its_fields_name() -> None:
    """As pydantic looks them up: also those of an inherited field in the module of the heir."""
    for home in (types, methods):
        for entity in (getattr(home, name) for name in home.__all__):
            for base in entity.__mro__ if isinstance(entity, type) else ():
                for field, annotation in vars(base).get("__annotations__", {}).items():
                    if field in getattr(entity, "model_fields", {}) and isinstance(annotation, str):
                        eval(annotation, {**vars(sys.modules[entity.__module__])})


def test_an_update_is_read_with_all_that_it_may_contain() -> None:
    chat = {"id": 1, "type": "private"}
    before = {
        "message_id": 1,
        "date": 1,
        "chat": chat,
        "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 2}],
    }
    message = {"message_id": 2, "date": 2, "chat": chat, "text": "x", "reply_to_message": before}
    update = Update.model_validate({"update_id": 1, "message": message})
    assert update.message is not None and update.message.reply_to_message is not None
    assert update.message.reply_to_message.photo == [
        types.PhotoSize(file_id="a", file_unique_id="b", width=1, height=2)
    ]
