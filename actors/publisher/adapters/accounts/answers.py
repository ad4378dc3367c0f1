"""What doors ask about accounts, answered: the only place where what a person types in or brings back is used."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from actors.publisher.adapters.accounts.connections import Connections, Pending, Started
from actors.publisher.adapters.accounts.kept import Accounts
from actors.publisher.adapters.accounts.secrecy import without
from actors.publisher.adapters.http import HttpApi
from actors.publisher.core.masking import masked
from actors.publisher.ports import Api, Grant, NeedsApp, Owner, Platform, Revokes, Tokens, secrets_of
from contracts import asks
from contracts.base import AccountId
from contracts.publishing import Account
from runtime.asks import Answers, refusal_of
from runtime.errors import ClipwireError, Reject, Retry

__all__ = ["AccountAnswers"]

_ACCOUNT_ID: TypeAdapter[str] = TypeAdapter(AccountId)


class AccountAnswers:
    """`accounts`: none where no database is set; then it is told what there would be, and nothing can be connected."""

    def __init__(self, platforms: Mapping[str, Platform], accounts: Accounts | None, client: httpx.AsyncClient) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._client = client

    @property
    def answers(self) -> Answers:
        """Every question with what answers it."""
        return {
            asks.PLATFORMS: self.platforms,
            asks.CONNECT: self.connect,
            asks.CONNECTION: self.connection,
            asks.CALLBACK: self.callback,
            asks.ACCOUNTS: self.accounts,
            asks.REMOVE: self.remove,
            asks.ROTATE_KEY: self.rotate_key,
        }

    async def platforms(self, _: asks.Nothing) -> asks.Platforms:
        """What can be connected, what is asked for it, and whether it is set up."""
        return asks.Platforms(platforms=tuple(info_of(platform) for platform in self._platforms.values()))

    async def accounts(self, _: asks.Nothing) -> asks.Accounts:
        """What is connected."""
        return asks.Accounts(accounts=tuple(await self._kept.every()))

    async def connect(self, asked: asks.Connect) -> asks.Connection:
        """Where the person has to go; or accounts, where what was typed in was enough."""
        platform, grant = self._with_grant(asked.platform)
        given = _given(grant, asked.given)
        started = Started.anew(asked.browser)
        pending = Pending(started.verifier, asked.redirect_uri, given, asked.owner)
        api = HttpApi(self._client, platform.name)
        kept = self._kept
        try:
            page = await grant.consent(
                api, given, state=started.state, verifier=started.verifier, redirect_uri=asked.redirect_uri
            )
            if page is not None:
                pending = Pending(started.verifier, asked.redirect_uri, {**given, **page.keep}, asked.owner)
                return await Connections(kept).begin(platform.name, started, page.url, pending)
            found = await self._opened(platform, grant, api, given, pending)
        except ClipwireError as error:
            raise without(error, pending.secrets(grant.asks)) from None
        return asks.Connection(
            state="done",
            connection=started.connection,
            platform=platform.name,
            expires_at=kept.clock(),
            accounts=tuple(found),
        )

    async def callback(self, asked: asks.Callback) -> asks.Connection:
        """The person came back: their accounts are connected, or it is said why not."""
        platform, grant = self._with_grant(asked.platform)
        query = {name: value.get_secret_value() for name, value in asked.query.items()}
        state, connections = query.pop("state", ""), Connections(self._kept)
        pending = await connections.take(platform.name, state)
        api, given = HttpApi(self._client, platform.name), {**query, **pending.given}
        try:
            found = await self._opened(platform, grant, api, given, pending)
        except ClipwireError as error:
            mild = without(error, (*pending.secrets(grant.asks), query.get("code", "")))
            return await connections.failed(platform.name, state, refusal_of(mild))
        return await connections.done(platform.name, state, found)

    async def connection(self, asked: asks.WhichConnection) -> asks.Connection:
        """How far it is."""
        return await Connections(self._kept).get(asked.connection)

    async def remove(self, asked: asks.Remove) -> asks.Removed:
        """Forgotten here in any case; the platform is told where it can be."""
        account = await self._kept.get(asked.account_id)
        if account is None:
            raise Reject(
                f"the account {asked.account_id!r} is not connected",
                advice="`clipwire account list` shows what is",
                field="account_id",
            )
        revoked, note = await self._given_back(account)
        await self._kept.remove(account.account_id)
        return asks.Removed(account_id=account.account_id, revoked=revoked, note=note)

    async def rotate_key(self, _: asks.Nothing) -> asks.Rotated:
        """Everything under the newest key: a new one where the key is in a file of ours, else the one that is set."""
        accounts, keys = self._kept, self._kept.keys
        async with accounts.locked_whole() as transaction:
            if keys.own_file:
                keys.make()
            count = await accounts.encrypt_again(transaction)
            await Connections(accounts).encrypt_again(transaction)
        if not keys.own_file:
            done = f"all is encrypted with {keys.source}; CLIPWIRE_SECRET_KEYS_PREVIOUS can be emptied"
            return asks.Rotated(accounts=count, note=done)
        async with accounts.locked_whole():  # only now that all of it is stored, and while nobody else makes a key
            keys.forget()
        return asks.Rotated(accounts=count, note=f"a new key is in {keys.source}; the old one is gone")

    @property
    def _kept(self) -> Accounts:
        if self._accounts is None:
            raise Reject(
                "accounts cannot be kept: no database is set",
                advice="Set CLIPWIRE_DATABASE_URL for the publisher; `clipwire up` does it by itself",
            )
        return self._accounts

    def _with_grant(self, name: str) -> tuple[Platform, Grant]:
        platform = self._platforms.get(name)
        connectable = ", ".join(sorted(each.name for each in self._platforms.values() if each.grant)) or "none"
        if platform is None:
            raise Reject(
                f"there is no platform {name!r}", advice=f"Platforms with accounts: {connectable}", field="platform"
            )
        if platform.grant is None:
            raise Reject(
                f"{name} needs no account to be connected: any name is one",
                advice=f"Publish on `{name}:default`, or under any other name",
                field="platform",
            )
        return platform, platform.grant

    async def _opened(
        self, platform: Platform, grant: Grant, api: Api, given: Mapping[str, str], pending: Pending
    ) -> list[Account]:
        """Tokens for what was given, and the accounts that they open, kept."""
        tokens = await grant.tokens(api, given, verifier=pending.verifier, redirect_uri=pending.redirect_uri)
        try:
            owners = await platform.owners(api, tokens)
            for owner in owners:
                _checked(platform, owner)
            return await self._kept.connect(platform.name, pending.owner, owners)
        except ClipwireError as error:
            raise without(error, secrets_of(tokens)) from None

    async def _given_back(self, account: Account) -> tuple[bool, str]:
        """Whether the platform takes the tokens no more, and what a person has to know."""
        platform = self._platforms.get(account.platform)
        grant = platform.grant if platform else None
        by_hand = f"if it is to be shut out there, take its access away in the settings of {account.platform}"
        if not isinstance(grant, Revokes):
            return False, f"forgotten here; {by_hand}"
        tokens: Tokens | None = None
        try:
            kept = await self._kept.opened(account.account_id)
            tokens = kept.tokens if kept else None
            if tokens is not None:
                await grant.revoke(HttpApi(self._client, account.platform), tokens)
        except (Reject, Retry) as error:
            why = masked(error.what, secrets_of(tokens)) if tokens else error.what
            return False, f"forgotten here; {why}: {by_hand}"
        return True, "forgotten here, and its tokens are worthless there"


def info_of(platform: Platform) -> asks.PlatformInfo:
    """How accounts of a platform are connected."""
    grant = platform.grant
    if grant is None:
        return asks.PlatformInfo(name=platform.name, connect="none", ready=True)
    missing = grant.missing if isinstance(grant, NeedsApp) else None
    fields = tuple(asks.AskedField(name=a.name, label=a.label, secret=a.secret, default=a.default) for a in grant.asks)
    return asks.PlatformInfo(name=platform.name, connect="login", asks=fields, ready=missing is None, missing=missing)


def _given(grant: Grant, typed: Mapping[str, SecretStr]) -> dict[str, str]:
    """What was typed in, with defaults; exactly what is asked."""
    given = {name: value.get_secret_value().strip() for name, value in typed.items()}
    known = {asked.name: asked for asked in grant.asks}
    for name in given:
        if name not in known:
            raise Reject(
                f"{name!r} is not asked", advice=f"Asked is: {', '.join(known) or 'nothing'}", field=f"given.{name}"
            )
    for name, asked in known.items():
        if not given.get(name):
            if asked.default is None:
                raise Reject(f"{name} is missing: {asked.label}", advice="Give it as well", field=f"given.{name}")
            given[name] = asked.default
    return given


def _checked(platform: Platform, owner: Owner) -> None:
    try:
        _ACCOUNT_ID.validate_python(f"{platform.name}:{owner.name}")
    except ValidationError:
        raise Reject(
            f"{platform.name} calls the account {owner.title!r} {owner.name!r}, which cannot be a name here",
            advice="Please report it: this is a bug of Clipwire",
        ) from None
