"""LinkedIn: videos in the feed of a member or of an organization.

Sources: LinkedIn's "Videos API", "Posts API", "little Text Format", "Sign In with LinkedIn using OpenID Connect". Its
`w_member_social` may write and not read: whether a member's post is there cannot be asked, but an organization's can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr

from actors.publisher.adapters.platforms.answers import number_of, object_of, objects_of, text_of
from actors.publisher.adapters.platforms.linkedin_calls import Part, Requests, little, refused, urn_of
from actors.publisher.adapters.platforms.linkedin_upload import Upload
from actors.publisher.adapters.platforms.notes import unlabelled
from actors.publisher.adapters.platforms.oauth import CodeGrant
from actors.publisher.core.limits import Limits, Quota, Text
from actors.publisher.ports import (
    Api,
    Call,
    Grant,
    LostError,
    Owner,
    Post,
    Posted,
    Session,
    Steps,
    Tokens,
    UnconfirmedError,
)
from actors.publisher.settings import PublisherSettings
from contracts.publishing import Account, Metrics
from runtime.errors import Reject, Unavailable
from runtime.media import MediaStore
from runtime.settings import Settings

__all__ = ["LinkedIn", "LinkedInSettings", "open_platform"]

LIMITS = Limits(
    source="LinkedIn: Videos API, Posts API",
    description=Text(3000),
    title=Text(200),
    bytes=(75_000, 500_000_000),
    duration=(3, 30 * 60),
    quotas=(Quota(150, zone="UTC"),),
)
MEMBER = ("openid", "profile", "w_member_social")
ORGANIZATION = ("r_organization_social", "w_organization_social", "rw_organization_admin")
PAGES = 20
SKEW = timedelta(days=1)
"""How much older a post may be called than the moment when it was first asked for."""
Wanted = Callable[[Mapping[str, Any]], bool]


class LinkedInSettings(Settings):
    """Where LinkedIn is, and the app that people log in with."""

    linkedin_base_url: Annotated[str, Field(pattern=r"^https?://", description="address of LinkedIn's API")] = (
        "https://api.linkedin.com"
    )
    linkedin_authorize_url: Annotated[
        str, Field(pattern=r"^https?://", description="page on which a person lets Clipwire post on LinkedIn")
    ] = "https://www.linkedin.com/oauth/v2/authorization"
    linkedin_oauth_base_url: Annotated[
        str, Field(pattern=r"^https?://", description="address of LinkedIn's token service")
    ] = "https://www.linkedin.com/oauth/v2"
    linkedin_version: Annotated[
        str, Field(pattern=r"^20\d{4}$", description="version of LinkedIn's API, a month; each lives a year")
    ] = "202605"
    linkedin_client_id: Annotated[str, Field(description="client id of your app at LinkedIn")] = ""
    linkedin_client_secret: Annotated[SecretStr | None, Field(description="client secret of the same app")] = None
    linkedin_organizations: Annotated[
        bool,
        Field(
            description="connect the organizations that a member administers, too; LinkedIn has to have approved the "
            "app for its Community Management API"
        ),
    ] = False


class LinkedIn:
    """See `Platform`. An account is `person-…` or `organization-…`, by LinkedIn's ids."""

    name: ClassVar[str] = "linkedin"
    limits: Limits = LIMITS

    def __init__(self, settings: LinkedInSettings) -> None:
        self._base_url = settings.linkedin_base_url.rstrip("/")
        self._requests = Requests(self._base_url, settings.linkedin_version)
        self._organizations = settings.linkedin_organizations
        secret = settings.linkedin_client_secret
        self.grant: Grant | None = CodeGrant(
            service="LinkedIn",
            setting="CLIPWIRE_LINKEDIN",
            authorize_url=settings.linkedin_authorize_url,
            token_url=f"{settings.linkedin_oauth_base_url.rstrip('/')}/accessToken",
            client_id=settings.linkedin_client_id,
            client_secret=secret.get_secret_value() if secret else "",
            scopes=(*MEMBER, *ORGANIZATION) if self._organizations else MEMBER,
            pkce="none",
        )

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`: the member, and the organizations that they administer where those are wanted."""
        if tokens.scopes and "w_member_social" not in tokens.scopes:
            raise Reject("you did not let it post (w_member_social)", advice="Connect again, and agree to all of it")
        told = await _known(api, tokens, Call("GET", f"{self._base_url}/v2/userinfo"))
        if not told.get("sub"):
            raise Unavailable("LinkedIn did not tell whose account it is", advice="Connect it again")
        owners = [Owner(f"person-{told['sub']}", str(told.get("name") or told["sub"]), tokens)]
        if self._organizations:
            for each in objects_of(await _known(api, tokens, self._requests.organizations()), "elements"):
                ident = text_of(each, "organization").rpartition(":")[2]
                if ident.isdigit():
                    name = (await _known(api, tokens, self._requests.organization(ident))).get("localizedName")
                    owners.append(Owner(f"organization-{ident}", str(name or ident), tokens))
        return owners

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`. LinkedIn tells nothing before the first byte that the limits do not."""

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`."""
        owner = urn_of(post.account_id)

        async def make() -> dict[str, str]:
            answer = await session.make(self._requests.post(owner, steps.get("video"), post))
            if not answer.ok:
                raise refused(answer)
            if not answer.headers.get("x-restli-id"):
                raise LostError("LinkedIn did not say what the post is called")
            return {"id": answer.headers["x-restli-id"], "at": session.now.isoformat()}

        async def ask() -> dict[str, str] | None:
            since = datetime.fromisoformat(steps.get("asked_at")) - SKEW
            found = await self._listed(session, owner, lambda each: _media(each) == steps.get("video"), since)
            return next(({"id": str(each["id"]), "at": _moment(each, session.now).isoformat()} for each in found), None)

        await Upload(self._requests, session, post, steps).through()
        await steps.keep(asked_at=steps.get("asked_at") or session.now.isoformat())
        shown = await steps.once("post", make, ask=ask)
        notes = unlabelled(post, "LinkedIn", "synthetic", "paid_promotion")
        return replace(_posted(shown["id"], datetime.fromisoformat(shown["at"])), notes=notes)

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`. Of organizations, by their words."""
        words = {post.description.strip(), little(post.description).strip()}
        found = await self._listed(
            session, urn_of(post.account_id), lambda each: str(each.get("commentary")).strip() in words
        )
        if len(found) > 1:
            raise UnconfirmedError(
                f"{session.account.title} has {len(found)} posts with these very words",
                advice="Look at the account, then say whether it is there",
            )
        return _posted(str(found[0]["id"]), _moment(found[0], session.now)) if found else None

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. What is gone already is as well."""
        answer = await session.ask(self._requests.delete(platform_id))
        if not answer.ok and answer.status != 404:
            raise refused(answer)

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. LinkedIn tells them to approved partners only."""
        return {}

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        owner, whole = urn_of(account.account_id), Part("{uploadUrl}", 0, post.film.bytes - 1)
        return [
            self._requests.initialize(owner, post),
            self._requests.send(post, whole),
            self._requests.finalize("{video}", "{uploadToken}", ["{etag}"]),
            self._requests.status("{video}"),
            self._requests.post(owner, "{video}", post),
        ]

    async def _listed(
        self, session: Session, owner: str, wanted: Wanted, since: datetime | None = None
    ) -> list[dict[str, Any]]:
        """Posts of an organization, none of them before `since`. Raises `UnconfirmedError` for a member's, which
        LinkedIn lists for nobody, and where the list is longer than is read."""
        unlisted = UnconfirmedError(
            "LinkedIn does not let programs read what a member has posted",
            advice="Look at the profile's activity there, then say whether it is there",
        )
        if not owner.startswith("urn:li:organization:"):
            raise unlisted
        found: list[dict[str, Any]] = []
        for page in range(PAGES):
            answer = await session.ask(self._requests.list(owner, 50 * page))
            elements = answer.json().get("elements")
            if not answer.ok or not isinstance(elements, list):
                raise unlisted
            listed = objects_of(elements)
            found += [each for each in listed if each.get("id") and wanted(each)]
            older = since is not None and any(_moment(each, session.now) < since for each in listed)
            if older or len(listed) < 50:
                return found
        if found:
            return found
        raise UnconfirmedError(
            f"it is not among the last {50 * PAGES} posts of the organization",
            advice="Look at its older posts, then say whether it is there",
        )


async def _known(api: Api, tokens: Tokens, call: Call) -> dict[str, Any]:
    """What new tokens are told."""
    headers = {**call.headers, "Authorization": f"Bearer {tokens.access}"}
    answer = await api.ask(Call(call.method, call.url, params=call.params, headers=headers, authorize=False))
    if not answer.ok:
        raise refused(answer)
    return answer.json()


def _media(post: Mapping[str, Any]) -> Any:
    return object_of(post, "content", "media").get("id")


def _moment(post: Mapping[str, Any], default: datetime) -> datetime:
    at = number_of(post, "publishedAt") or number_of(post, "createdAt")
    return datetime.fromtimestamp(at / 1000, UTC) if at else default


def _posted(urn: str, at: datetime) -> Posted:
    return Posted(platform_id=urn, url=f"https://www.linkedin.com/feed/update/{urn}/", published_at=at)


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> LinkedIn:
    """LinkedIn, as the settings have it. Asks nothing yet."""
    return LinkedIn(LinkedInSettings())
