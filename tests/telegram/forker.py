"""Runs the bot's process again and again, however it ends: `python -m tests.telegram.forker FILE`.

Forked from one that has imported everything, because a test kills it often. `FILE` has the process id of the bot.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from gateway.telegram.__main__ import main as bot
from runtime.embed import die_with_parent


def main() -> None:
    """Until the bot ends by itself."""
    if tie := die_with_parent(signal.SIGKILL, parent=os.getppid()):
        tie()
    while True:
        pid = os.fork()
        if pid == 0:
            if tie := die_with_parent(signal.SIGKILL, parent=os.getppid()):
                tie()
            bot()
            os._exit(0)
        part = Path(f"{sys.argv[1]}.part")
        part.write_text(str(pid))
        part.replace(sys.argv[1])
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status):
            return


if __name__ == "__main__":
    main()
