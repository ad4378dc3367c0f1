"""Which role may what, at every route: from the OpenAPI document, so that a new route is asked by itself."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from contracts.permissions import LEAST_ROLE, MEANINGS, ROLES, Permission, Role, allowed
from gateway.http.who import NEEDS, OPEN
from tests.gateway.people import Asking, MakeUser
from tests.gateway.routes import PUBLIC, body_for, marks, named, operation_permission, operations, routes


async def test_every_route_says_what_it_needs(app: FastAPI) -> None:
    for route in routes(app):
        needed = marks(route.dependant, NEEDS)
        public = bool(marks(route.dependant, OPEN)) or route.path in PUBLIC or route.path.startswith("/hooks/")
        pages = not route.path.startswith("/api/")
        by_subject = route.path == "/api/v1/events/{subject}" and "POST" in route.methods
        assert needed or public or pages or by_subject, f"{route.methods} {route.path} says not what it needs"
        assert all(permission in LEAST_ROLE for permission in needed)


async def test_the_matrix_of_roles_and_routes(
    app: FastAPI, client: httpx.AsyncClient, adas: tuple[Asking, dict[str, str]], make_user: MakeUser
) -> None:
    """Whoever lacks the permission gets 403, and whoever has it anything else, at every route that needs one."""
    _, ids = adas
    askers: dict[Role, Asking] = {role: await make_user(f"some-{role}", role) for role in ROLES}
    nobody = {
        **ids,
        "user_id": "u_nobody",
        "token_id": "t_nobody",
        "session_id": "s_nobody",
        "invitation_id": "i_nobody",
    }
    document = (await client.get("http://localhost/openapi.json")).json()
    seen: set[Permission] = set()
    for method, path, operation in operations(document):
        permission = operation_permission(app, method, path)
        address = named(path, nobody)
        leaves = (method, path) == ("delete", "/api/v1/users/me")
        if permission is None or address is None or address == "/api/v1/events" or leaves:
            continue
        for role, asker in askers.items():
            answer = await asker.client.request(method, f"http://localhost{address}", json=body_for(operation, ids))
            refused = answer.status_code == 403 and answer.json().get("permission") == permission
            assert refused == (permission not in allowed(role)), f"{role}: {method} {path}: {answer.text[:200]}"
        seen.add(permission)
    assert seen >= set(MEANINGS) - {"events:read", "webhooks:read", "webhooks:write", "me:write"}


async def test_every_permission_has_a_least_role_and_a_higher_role_has_all_of_the_lower() -> None:
    assert set(MEANINGS) == set(LEAST_ROLE) == allowed("admin")
    assert allowed("viewer") < allowed("creator") < allowed("admin")
    assert all(permission.endswith(":read") or permission == "me:write" for permission in allowed("viewer"))
