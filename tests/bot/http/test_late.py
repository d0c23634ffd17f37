"""Routes that are worked out late are found, refused and described like those that are worked out at once."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from fastapi import Depends, FastAPI, HTTPException

from bot.faces.http.late import LateRoute, LateRouter, work_out


async def one(number: int) -> dict[str, int]:
    return {"number": number}


async def many() -> dict[str, str]:
    return {"many": "all"}


def closed() -> None:
    raise HTTPException(401)


@pytest.fixture
def app() -> FastAPI:
    app, late = FastAPI(), LateRouter(prefix="/things", tags=["things"])
    late.add_api_route("/{number}", one, methods=["GET"])
    late.add_api_route("", many, methods=["GET"])
    late.add_api_route("/{number}", one, methods=["POST"], status_code=201)
    guarded = LateRouter(prefix="/guarded", dependencies=[Depends(closed)])
    guarded.add_api_route("", many, methods=["GET"])
    app.router.routes += late.routes + guarded.routes
    return app


async def ask(app: Any, method: str, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://house") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/things/7", 200, {"number": 7}),
        ("POST", "/things/7", 201, {"number": 7}),
        ("GET", "/things", 200, {"many": "all"}),
        ("GET", "/things/seven", 422, None),
        ("GET", "/nothing", 404, None),
        ("DELETE", "/things/7", 405, None),
        ("GET", "/guarded", 401, None),
    ],
)
async def test_whoever_asks_is_answered_as_ever(app: FastAPI, method: str, path: str, status: int, said: Any) -> None:
    answer = await ask(app, method, path)
    assert answer.status_code == status
    assert said in (None, answer.json())


async def test_below_another_app_they_are_found_as_well(app: FastAPI) -> None:
    above = FastAPI()
    above.mount("/below", app)
    assert (await ask(above, "GET", "/below/things/7")).json() == {"number": 7}
    assert (await ask(above, "GET", "/things/7")).status_code == 404


async def test_only_what_is_asked_for_is_worked_out(app: FastAPI) -> None:
    await ask(app, "GET", "/things")
    assert ["real" in vars(route) for route in app.router.routes if isinstance(route, LateRoute)] == [False, True, False, False]


async def test_the_description_has_them_all_and_they_answer_afterwards(app: FastAPI) -> None:
    await ask(app, "GET", "/things/7")
    work_out(app)
    described = app.openapi()["paths"]
    assert {path: set(methods) for path, methods in described.items()} == {
        "/things/{number}": {"get", "post"},
        "/things": {"get"},
        "/guarded": {"get"},
    }
    assert described["/things"]["get"]["tags"] == ["things"]
    assert (await ask(app, "POST", "/things/7")).json() == {"number": 7}
