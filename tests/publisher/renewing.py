"""Renews an account of a platform of the tests: `python -m tests.publisher.renewing ACCOUNT VERSION`."""

from __future__ import annotations

from tests.support.forking import be_forked


def _main() -> None:
    be_forked("tests.publisher.renewing")
    from actors.publisher.adapters.accounts.refreshing import main
    from tests.publisher.tube import platforms

    main(platforms())


if __name__ == "__main__":
    _main()
