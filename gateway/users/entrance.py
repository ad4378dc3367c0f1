"""The ways in: registering, logging in, and a new password."""

from __future__ import annotations

from contracts.permissions import Role
from gateway.users.audit import Audit, Came
from gateway.users.errors import ForbiddenError, RefusedError
from gateway.users.guesses import Guesses
from gateway.users.invitations import Invitations
from gateway.users.passwords import Passwords
from gateway.users.principal import Principal, User
from gateway.users.sessions import Pair, Sessions
from gateway.users.settings import UserSettings
from gateway.users.statements import statement
from gateway.users.users import Users, checked_name
from runtime.database import Connection, Pool

__all__ = ["Entrance"]


class Entrance:
    """See the module's docstring. Every method may raise `DatabaseErrors`."""

    def __init__(
        self,
        pool: Pool,
        settings: UserSettings,
        *,
        users: Users,
        passwords: Passwords,
        sessions: Sessions,
        invitations: Invitations,
        guesses: Guesses,
        audit: Audit,
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._users = users
        self._passwords = passwords
        self._sessions = sessions
        self._invitations = invitations
        self._guesses = guesses
        self._audit = audit

    async def register(
        self, name: str, password: str, code: str | None, *, by: Principal | None, came: Came, role: Role | None = None
    ) -> User:
        """A new user; the first of all is an admin. `by`: an admin may always, and say which `role`.

        Raises `ForbiddenError` where the setting does not allow it, `TakenError` for the name of somebody else.
        """
        name = checked_name(name)
        await self._foresee(code, by)
        kept = await self._passwords.hash(password, name=name)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(statement("users.sql", "lock_registration"))
            first = await connection.fetchval(statement("users.sql", "is_first"))
            given = await self._role(connection, name, code, by, role)
            user = await self._users.add(name, "admin" if first else given, kept, connection=connection)
        await self._audit.write(
            "user.registered", by or Principal(user, "session"), came, about=user.id, role=user.role
        )
        return user

    async def login(self, name: str, password: str, came: Came) -> tuple[User, Pair]:
        """Raises `RefusedError` where name or password are wrong (which of the two is not told), `SlowDownError`."""
        name = name.strip().lower()[:100]
        await self._guesses.count(name, came.address)
        ident, kept = await self._users.password(name) or (None, None)
        right = await self._passwords.check(kept, password)
        user = await self._users.get(ident) if right and ident else None
        if user is not None and kept is not None:
            await self._guesses.right(name, came.address)
            if (pair := await self._sessions.begin(user, kept, came)) is not None:
                if self._passwords.outdated(kept):
                    again = await self._passwords.again(password)
                    await self._users.set_password(user.id, again, instead_of=kept)
                await self._audit.write("login.done", Principal(user, "session"), came)
                return user, pair
        await self._audit.write("login.failed", None, came, about=name)
        raise RefusedError("name or password is wrong", advice="If it is lost, an admin makes a new one possible")

    async def change_password(self, by: Principal, user: User, current: str, password: str, came: Came) -> None:
        """Every other login is over with it. Raises as `login` does."""
        await self._guesses.count(user.name, came.address)
        _, kept = await self._users.password(user.name) or (None, None)
        if not await self._passwords.check(kept, current):
            await self._audit.write("password.failed", by, came)
            raise RefusedError("current_password: it is wrong", field="current_password")
        await self._guesses.right(user.name, came.address)
        await self._users.set_password(user.id, await self._passwords.hash(password, name=user.name))
        await self._sessions.end_all(user.id, but=by.key if by.via == "session" else None)
        await self._audit.write("password.changed", by, came)

    async def reset_password(self, code: str, password: str, came: Came) -> User:
        """With a code of an admin. Every login is over with it. Raises `RefusedError`."""
        if not await self._invitations.is_good(code, resets=True):
            raise _no_code()
        kept = await self._passwords.hash(password, name="\n")
        user_id = await self._invitations.use_reset(code)
        user = await self._users.get(user_id) if user_id else None
        if user is None:
            raise _no_code()
        await self._users.set_password(user.id, kept)
        await self._sessions.end_all(user.id)
        await self._guesses.forget(user.name)
        await self._audit.write("password.reset", Principal(user, "session"), came)
        return user

    async def _foresee(self, code: str | None, by: Principal | None) -> None:
        """What can't succeed costs no hash."""
        if _may_invite(by):
            return
        if code is not None and self._settings.registration != "closed":
            if not await self._invitations.is_good(code, resets=False):
                raise _no_invitation()
        elif self._settings.registration != "open":
            raise self._closed()

    async def _role(
        self, connection: Connection, name: str, code: str | None, by: Principal | None, role: Role | None
    ) -> Role:
        if by is not None and _may_invite(by):
            return by.given(role or self._settings.registration_role)
        if code is not None and self._settings.registration != "closed":
            if (given := await self._invitations.use(connection, code, name)) is not None:
                return given
            raise _no_invitation()
        if self._settings.registration == "open":
            return self._settings.registration_role
        raise self._closed()

    def _closed(self) -> ForbiddenError:
        if self._settings.registration == "invitation":
            return ForbiddenError(
                "an invitation is needed to register",
                advice="Ask an admin; the operator of this machine makes one with `clipwire user invite`",
                field="invitation",
            )
        return ForbiddenError("nobody can register here", advice="Ask an admin to make you a user")


def _may_invite(by: Principal | None) -> bool:
    return by is not None and by.may("users:write")


def _no_invitation() -> ForbiddenError:
    return ForbiddenError(
        "the invitation is not good (any more)", advice="Ask who invited you for a new one", field="invitation"
    )


def _no_code() -> RefusedError:
    return RefusedError("the code is not good (any more)", advice="Ask an admin for a new one")
