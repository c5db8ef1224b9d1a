"""An application of FastAPI's: the dependency and its override, several clients, routers, and a missing extra."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient

from lootlocker_async import ConfigurationError, ConflictError, LootLockerClient
from lootlocker_async.emulator import Fault
from lootlocker_async.integrations.fastapi import (
    LootLocker,
    LootLockerDep,
    add_exception_handlers,
    lifespans,
    lootlocker_client,
    readiness_endpoint,
)
from lootlocker_async.testing import LiveEmulator, running_emulator

STAGE = LootLocker("stage", make=lambda: LootLockerClient.from_env("STAGE_", trust_env=False))
StageDep = Annotated[LootLockerClient, Depends(STAGE.client)]


def application() -> FastAPI:
    lootlocker = LootLocker(ready_for=3600)
    app = FastAPI(lifespan=lootlocker.lifespan)
    add_exception_handlers(app)
    app.add_api_route("/ready", readiness_endpoint(lootlocker), include_in_schema=False)

    @app.get("/boards/{key}")
    async def board(key: str, client: LootLockerDep) -> dict[str, str | None]:
        return {"key": (await client.leaderboards.get(key)).key}

    @app.get("/top")
    async def top(count: int, client: LootLockerDep) -> int:
        return len(await client.leaderboards.list_scores("daily", page_size=count))

    @app.websocket("/feed")
    async def feed(websocket: WebSocket, client: LootLockerDep) -> None:
        await websocket.accept()
        await websocket.send_text(f"{(await client.leaderboards.get(await websocket.receive_text())).key}")

    return app


def test_the_dependency_gives_the_application_s_client(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    emulator.game.board("daily", type="generic")
    with TestClient(application()) as api:
        assert api.get("/boards/daily").json() == {"key": "daily"}
        with api.websocket_connect("/feed") as websocket:
            websocket.send_text("daily")
            assert websocket.receive_text() == "daily"
        assert api.get("/ready").json()["ready"] is True
        assert emulator.logins == 1


def test_errors_become_answers(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    with TestClient(application()) as api:
        answer = api.get("/boards/nowhere")
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such thing.")
        # What the SDK refuses is the request's fault, as what pydantic refuses is.
        answer = api.get("/top", params={"count": 9999})
        assert (answer.status_code, answer.json()["error"]) == (422, "invalid")
        emulator.faults.add(Fault.error("leaderboards_get", status=500))
        assert api.get("/boards/daily").status_code == 502


def test_the_schema_knows_nothing_of_it(environment: dict[str, str]) -> None:
    schema = application().openapi()
    assert set(schema["paths"]) == {"/boards/{key}", "/top"}
    assert [it["name"] for it in schema["paths"]["/boards/{key}"]["get"]["parameters"]] == ["key"]


async def test_a_test_puts_a_client_of_its_own_in_its_place(emulator: LiveEmulator) -> None:
    """Without a lifespan and without an environment."""
    emulator.game.board("daily", type="generic")
    app = application()
    async with emulator.client() as client:
        app.dependency_overrides[lootlocker_client] = lambda: client
        api = TestClient(app)
        assert api.get("/boards/daily").json() == {"key": "daily"}


def test_without_either_it_says_what_is_missing() -> None:
    with pytest.raises(ConfigurationError, match="no client named 'lootlocker' is open here"):
        TestClient(application()).get("/boards/daily")


def test_two_clients_side_by_side(
    emulator: LiveEmulator, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live = LootLocker()
    app = FastAPI(lifespan=lifespans(live.lifespan, STAGE.lifespan))

    @app.post("/promote/{key}")
    async def promote(key: str, live: LootLockerDep, stage: StageDep) -> list[str]:
        tried = await stage.leaderboards.get(key)
        await live.leaderboards.create(
            key=key, name=f"{tried.name}", type=tried.type, direction_method=tried.direction_method
        )
        return [live.config.address, stage.config.address]

    with running_emulator() as second:
        second.game.board("season-2", name="Season 2")
        monkeypatch.setenv("STAGE_SERVER_KEY", second.server_key)
        monkeypatch.setenv("STAGE_BASE_URL", second.base_url)
        with TestClient(app) as api:
            assert api.post("/promote/season-2").json() == [emulator.base_url, second.base_url]
            # Each dependency has its own override; a method of the same object is the same one.
            app.dependency_overrides[STAGE.client] = lambda: app.state.lootlocker
            with pytest.raises(ConflictError):
                api.post("/promote/season-2")
        emulator.assert_executed("leaderboards.create", times=1, where={"name": "Season 2"})


def test_a_router_can_bring_it_along(emulator: LiveEmulator, environment: dict[str, str]) -> None:
    emulator.game.board("daily", type="generic")
    router = APIRouter(prefix="/game", lifespan=LootLocker().lifespan)

    @router.get("/boards/{key}")
    async def board(key: str, client: LootLockerDep) -> str | None:
        return (await client.leaderboards.get(key)).key

    app = FastAPI()
    app.include_router(router)
    with TestClient(app) as api:
        assert api.get("/game/boards/daily").json() == "daily"


@pytest.mark.parametrize(
    ("module", "lacking", "told"),
    [
        ("fastapi", "fastapi", "The integration with FastAPI needs the library fastapi"),
        ("fastapi", "starlette", "The integration with Starlette and FastAPI needs the library starlette"),
        ("starlette", "starlette", "The integration with Starlette and FastAPI needs the library starlette"),
    ],
)
def test_a_missing_extra_is_named(module: str, lacking: str, told: str) -> None:
    code = f"import sys; sys.modules['{lacking}'] = None; import lootlocker_async.integrations.{module}"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, text=True)
    assert f"ImportError: {told}; install it with: pip install 'lootlocker-async[fastapi]'" in done.stderr


def test_starlette_alone_will_do() -> None:
    code = "import sys; sys.modules['fastapi'] = None; import lootlocker_async.integrations.starlette"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
