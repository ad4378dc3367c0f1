"""A publisher that needs the tokens of an account: `python -m tests.publisher.account_worker ACCOUNT`."""

from __future__ import annotations

import asyncio
import sys

from actors.publisher.adapters.accounts.database import Database
from actors.publisher.adapters.accounts.kept import Accounts
from actors.publisher.adapters.accounts.keys import KeyRing
from actors.publisher.adapters.accounts.vault import AccountVault, open_renewals
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import now
from runtime.settings import RuntimeSettings


async def main(account_id: str) -> None:
    runtime = RuntimeSettings()
    database = Database(runtime.database_url or "")
    accounts = Accounts(database, KeyRing(PublisherSettings(), runtime.home), clock=now)
    async with open_renewals(module="tests.publisher.renewing") as renewals:
        await AccountVault(accounts, renewals).tokens(account_id)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
