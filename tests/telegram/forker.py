"""Runs the bot's process again and again, however it ends: `python -m tests.telegram.forker`.

Each is forked from this one, which has imported and built everything: a test kills it often, and that is the same.
Every line on standard input is an order, as JSON: the settings, where the process id is written down, and the log. It
is answered with a line once the bot has ended by itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from aiogram import methods

from gateway.telegram.__main__ import main as bot
from gateway.telegram.library import Message, Update
from runtime.child import die_with_parent

# What each would build for itself when it first uses it.
_USED = (
    *(Message, Update, methods.AnswerCallbackQuery, methods.DeleteMessage, methods.EditMessageCaption),
    *(methods.EditMessageText, methods.GetMe, methods.GetUpdates, methods.SendMessage, methods.SendVideo),
)


def main() -> None:
    """Until standard input ends."""
    for entity in _USED:
        entity.model_rebuild()
    if tie := die_with_parent(signal.SIGKILL, parent=os.getppid()):
        tie()
    for line in sys.stdin:
        order = json.loads(line)
        while not os.WIFEXITED(_run(order)):
            pass  # killed: it starts again, as whatever runs it would have it
        print("ended", flush=True)


def _run(order: dict[str, Any]) -> int:
    """The bot, from its start to its end; how that was."""
    pid = os.fork()
    if pid == 0:
        _be_the_bot(order)
    part = Path(f"{order['pid']}.part")
    part.write_text(str(pid))
    part.replace(order["pid"])
    return os.waitpid(pid, 0)[1]


def _be_the_bot(order: dict[str, Any]) -> None:
    if tie := die_with_parent(signal.SIGKILL, parent=os.getppid()):
        tie()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["settings"])
    bot()
    os._exit(0)


if __name__ == "__main__":
    main()
