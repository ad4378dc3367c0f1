"""Renews an account of a platform of the tests: `python -m tests.publisher.renewing ACCOUNT VERSION`."""

from __future__ import annotations

from actors.publisher.adapters.accounts.refreshing import main
from tests.publisher.tube import platforms

if __name__ == "__main__":
    main(platforms())
