"""Settings of users."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from contracts.permissions import Role
from runtime.settings import Settings

__all__ = ["UserSettings"]


class UserSettings(Settings):
    """Who may become a user, how long what proves it is good, and how much one may ask."""

    registration: Annotated[
        Literal["closed", "invitation", "open"],
        Field(
            description="who may register: nobody, who has an invitation, or everybody; with an admin's token it is "
            "always possible. The first user becomes admin"
        ),
    ] = "invitation"
    registration_role: Annotated[
        Role, Field(description="role of those who register without an invitation, but for the first")
    ] = "creator"
    session_minutes: Annotated[
        float, Field(gt=0, le=1440, description="minutes for which an access token of a login is good")
    ] = 15.0
    session_days: Annotated[
        float, Field(gt=0, le=400, description="days without a refresh after which a login is over")
    ] = 30.0
    signing_key_days: Annotated[
        float, Field(gt=0, description="days after which access tokens are signed with a new key")
    ] = 30.0
    invitation_days: Annotated[float, Field(gt=0, le=90, description="days for which an invitation is good")] = 7.0
    audit_days: Annotated[
        float, Field(gt=0, le=36500, description="days after which an entry of the audit is deleted")
    ] = 365.0
    user_rate: Annotated[float, Field(gt=0, description="requests a second that one user may send for long")] = 50.0
    address_rate: Annotated[
        float, Field(gt=0, description="requests a second without a valid token that one address may send for long")
    ] = 5.0

    @property
    def access_for(self) -> timedelta:
        """How long an access token is good."""
        return timedelta(minutes=self.session_minutes)

    @property
    def refresh_for(self) -> timedelta:
        """How long a refresh token is good."""
        return timedelta(days=self.session_days)
