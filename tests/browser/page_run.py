"""The emulator's page in a real browser. `nox -s browser` runs this; the ordinary tests need no browser."""

from __future__ import annotations

import ast
import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import APIResponse, Page, Route, expect

from lootlocker_async import LootLockerClient, OutcomeUnknownError, RateLimitedError, ServerError
from lootlocker_async.emulator import Emulator, Fault
from tests.browser.opening import KEY, NOW, PATIENCE, Open

pytestmark = pytest.mark.asyncio(loop_scope="session")
expect.set_options(timeout=PATIENCE)
HERE = Path(__file__).parent
HOSTILE = '<img src=x onerror="document.title=`hit`"><script>document.title="hit"</script>'


async def test_a_call_shows_up_as_it_comes(open_page: Open, emulator: Emulator, client: LootLockerClient) -> None:
    emulator.world.add_leaderboard("daily", name="Daily Arena", type="generic")
    page = await open_page()
    await expect(page.get_by_text("Nothing yet.")).to_be_visible()
    await client.leaderboards.submit_score("daily", member_id="361", score=9000)
    row = page.locator(".request", has_text="leaderboards_submit_score")
    await expect(row).to_contain_text("200")
    await expect(row).to_contain_text("/server/leaderboards/daily/submit")
    await row.click()
    detail = page.get_by_role("dialog")
    await expect(detail.get_by_role("heading", level=2)).to_contain_text("leaderboards_submit_score")
    await expect(detail.locator("pre[aria-labelledby=detail-request]")).to_contain_text('"score": 9000')
    await expect(detail.locator("pre[aria-labelledby=detail-answer]")).to_contain_text('"rank": 1')
    await page.keyboard.press("Escape")
    await expect(detail).to_be_hidden()
    assert emulator.server_key not in await page.content()


async def test_the_top_list_is_live(open_page: Open, emulator: Emulator, client: LootLockerClient) -> None:
    players = emulator.world.add_players(["Aurelia", "Bram"])
    emulator.world.add_leaderboard("daily", name="Daily Arena", type="player")
    page = await open_page()
    await page.get_by_role("link", name="Daily Arena").click()
    await expect(page.get_by_text("No scores yet.")).to_be_visible()
    for player, score in zip(players, (1_200_300, 5_000), strict=True):
        await client.leaderboards.submit_score("daily", member_id=str(player), score=score)
    rows = page.locator("#world tbody tr")
    await expect(rows).to_have_text([re.compile("1.*Aurelia.*1,200,300"), re.compile("2.*Bram.*5,000")])
    await client.leaderboards.submit_score("daily", member_id=str(players[1]), score=2**60)
    await expect(rows.first).to_contain_text("Bram")
    await expect(rows.first).to_contain_text("1,152,921,504,606,846,976")


async def test_a_fault_that_is_switched_on_meets_the_next_call(
    open_page: Open, emulator: Emulator, client: LootLockerClient
) -> None:
    emulator.world.add_leaderboard("daily", type="generic")
    page = await open_page()
    await client.leaderboards.get("daily")
    switch = page.get_by_role("switch", name="500, not executed")
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "true")
    with pytest.raises(ServerError):
        await client.leaderboards.get("daily")
    await expect(page.locator(".request", has_text="leaderboards_get").first).to_contain_text("500")
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "false")
    await client.leaderboards.get("daily")

    await page.get_by_label("For", exact=True).fill("leaderboards_increment_score")
    await page.get_by_label("For", exact=True).blur()
    await page.get_by_role("switch", name="Lost after executing").click()
    await expect(page.get_by_role("list", name="Faults that are on")).to_contain_text("leaderboards_increment_score")
    with pytest.raises(OutcomeUnknownError):
        await client.leaderboards.increment_score("daily", member_id="a", amount=5)
    lost = page.locator(".request", has_text="leaderboards_increment_score")
    await expect(lost).to_contain_text("No answer went out")
    await expect(lost).to_contain_text("executed all the same")
    await page.get_by_role("button", name="All off").click()
    await expect(page.get_by_role("list", name="Faults that are on")).to_have_count(0)
    await client.leaderboards.increment_score("daily", member_id="a", amount=5)


async def test_any_fault_and_a_rate_limit(open_page: Open, emulator: Emulator, client: LootLockerClient) -> None:
    page = await open_page()
    await page.get_by_role("button", name="Another fault…").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("What goes wrong").select_option("unavailable")
    await form.get_by_label("How many calls").fill("1")
    await form.get_by_label("Retry-After, in seconds").fill("7")
    await form.get_by_label("For which calls").fill("nothing_like_this")
    await form.get_by_role("button", name="Switch it on").click()
    await expect(page.locator("#toast")).to_contain_text("no call matches")
    await form.get_by_label("For which calls").fill("currencies")
    await form.get_by_role("button", name="Switch it on").click()
    await expect(form).to_be_hidden()
    (fault,) = emulator.faults.active
    assert (fault.kind, fault.match, fault.times, fault.retry_after) == ("unavailable", ("currencies",), 1, "7")
    with pytest.raises(ServerError):
        await client.currencies.list()
    await expect(page.get_by_role("list", name="Faults that are on")).to_have_count(0)

    await page.get_by_label("Calls a second").fill("0.01")
    await page.get_by_role("switch", name="Limit calls").click()
    await expect(page.get_by_role("switch", name="Limit calls")).to_have_attribute("aria-checked", "true")
    await client.currencies.list()
    with pytest.raises(RateLimitedError):
        await client.currencies.list()
    await expect(page.locator(".request").first).to_contain_text("rate limit")
    emulator.rate_limit = None
    await page.get_by_role("button", name="Expire tokens").click()
    await expect(page.locator("#toast")).to_contain_text("1 token has expired")


async def test_the_form_waits_until_it_is_known_what_can_go_wrong(open_page: Open, emulator: Emulator) -> None:
    page = await open_page("")
    asked, answering = asyncio.Event(), asyncio.Event()

    async def answer_late(route: Route) -> None:
        asked.set()
        await answering.wait()
        await route.continue_()

    await page.route("**/faults/kinds", answer_late)
    await page.get_by_label("Admin key").fill(KEY)
    await page.get_by_role("button", name="Sign in").click()
    await asked.wait()
    await page.get_by_role("button", name="Another fault…").click()
    answering.set()
    form = page.get_by_role("dialog")
    await form.get_by_label("What goes wrong").select_option("unavailable")
    await form.get_by_role("button", name="Switch it on").click()
    await expect(form).to_be_hidden()
    assert [fault.kind for fault in emulator.faults.active] == ["unavailable"]


async def test_a_late_answer_does_not_undo_what_is_shown(open_page: Open, emulator: Emulator) -> None:
    page = await open_page()
    switch = page.get_by_role("switch", name="500, not executed")
    await expect(switch).to_have_attribute("aria-checked", "false")
    looks: list[Route] = []
    held: asyncio.Future[tuple[Route, APIResponse]] = asyncio.get_running_loop().create_future()

    async def answer_late(route: Route) -> None:
        if route.request.method == "GET":
            looks.append(route)
        if looks == [route]:
            held.set_result((route, await route.fetch()))
        else:
            await route.continue_()

    await page.route("**/_emulator/faults", answer_late)
    emulator.faults.add(Fault.latency(seconds=0.3))
    emulator.faults.clear()
    async with asyncio.timeout(PATIENCE / 1000):
        route, answer = await held  # the page notices by itself that something has changed
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "true")
    await page.evaluate(
        """() => {
            const list = document.getElementById("fault-list");
            window.undone = 0;
            const watcher = new MutationObserver(() => { window.undone += list.children.length === 0; });
            watcher.observe(list, { childList: true });
        }"""
    )
    async with page.expect_request_finished():
        await route.fulfill(response=answer)
    await page.evaluate("() => fetch('/').then((response) => response.text())")
    assert await page.evaluate("window.undone") == 0
    await expect(switch).to_have_attribute("aria-checked", "true")


async def test_the_clock(open_page: Open, emulator: Emulator) -> None:
    page = await open_page()
    await expect(page.locator("#clock-now")).to_have_text("2026-07-14 09:00:00")
    await page.get_by_role("button", name="one day forward").click()
    await expect(page.locator("#clock-now")).to_have_text("2026-07-15 09:00:00")
    assert emulator.clock.now() == NOW + timedelta(days=1)
    await page.get_by_text("Set the clock").click()
    await page.get_by_label("Set to (UTC)").fill("2030-01-01T12:30:00")
    await page.get_by_role("button", name="Set", exact=True).click()
    await expect(page.locator("#clock-now")).to_have_text("2030-01-01 12:30:00")
    frozen = page.get_by_role("switch", name="Stands still")
    await expect(frozen).to_have_attribute("aria-checked", "true")
    await frozen.click()
    await expect(page.locator("#clock-now")).not_to_have_text("2030-01-01 12:30:00")
    assert not emulator.clock.is_frozen
    emulator.clock.freeze()  # by somebody else
    await expect(frozen).to_have_attribute("aria-checked", "true")


async def test_the_stream_is_filtered(open_page: Open, emulator: Emulator, client: LootLockerClient) -> None:
    emulator.world.add_leaderboard("daily", type="generic")
    page = await open_page()
    await client.currencies.list()
    await client.leaderboards.submit_score("daily", member_id="a", score=1)
    emulator.faults.add(Fault.error("leaderboards_get", status=404), Fault.error("currencies", status=502))
    for call in (client.leaderboards.get("nowhere"), client.currencies.list()):
        with pytest.raises(Exception, match=r"status (404|502)"):
            await call
    rows = page.locator(".request")
    await expect(rows).to_have_count(5)
    await page.get_by_label("Filter requests").fill("leaderboards post")
    await expect(rows).to_have_count(1)
    await expect(page.locator("#requests-count")).to_have_text("1 of 5")
    await page.get_by_label("Filter requests").fill("")
    for name, count in (("4xx", 1), ("5xx", 1), ("2xx", 3), ("Faults", 2), ("All", 5)):
        await page.get_by_role("group", name="Status").get_by_role("button", name=name).click()
        await expect(rows).to_have_count(count)
    await page.get_by_label("Filter requests").fill("there is nothing of it")
    await expect(page.get_by_text("No request is like that.")).to_be_visible()
    await page.get_by_label("Filter requests").fill("")
    await page.get_by_role("button", name="Pause").click()
    await client.leaderboards.submit_score("daily", member_id="a", score=1)
    await expect(page.locator("#total-received")).to_have_text("6")
    await expect(rows).to_have_count(5)
    await page.get_by_role("button", name="Go on").click()
    await expect(rows).to_have_count(6)
    await page.get_by_role("button", name="Clear").click()
    await expect(rows).to_have_count(0)


async def test_a_copied_call_runs(open_page: Open, emulator: Emulator, client: LootLockerClient) -> None:
    emulator.world.add_leaderboard("daily", type="generic", has_metadata=True)
    page = await open_page()
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await client.leaderboards.submit_score("daily", member_id='it\'s "me"', score=-5, metadata="{}")
    await page.locator(".request", has_text="leaderboards_submit_score").click()
    await page.get_by_role("button", name="Copy as SDK call").click()
    await expect(page.locator("#toast")).to_have_text("Copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("await client.leaderboards.submit_score(")
    code = compile(copied, "copied", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, {"client": client})
    first, second = emulator.record.executed("leaderboards_submit_score")
    assert first.body == second.body == {"member_id": 'it\'s "me"', "score": -5, "metadata": "{}"}


async def test_hostile_names_are_text(open_page: Open, emulator: Emulator, client: LootLockerClient) -> None:
    world = emulator.world
    player = world.add_player(HOSTILE)
    world.add_leaderboard("a/b <b>&?#%41", name=HOSTILE, type="player")
    world.add_currency("gld", name=HOSTILE)
    world.add_balance(player_id=player, currency_code="gld", amount="12345678901234567890.5")
    world.add_progression("pass", name=HOSTILE, tiers=[{"points_threshold": 10}])
    world.grant(player, world.add_asset(HOSTILE))
    await client.player_progressions.add_points(player, "pass", amount=5)
    await client.leaderboards.submit_score("a/b <b>&?#%41", member_id=str(player), score=5)
    await client.player_storage.set(payload=[{"player_id": player, "sets": [{"key": "k", "value": HOSTILE}]}])
    page = await open_page()
    await page.get_by_role("link", name=HOSTILE).click()
    await expect(page.get_by_role("heading", name=HOSTILE, exact=True)).to_be_visible()
    await expect(page.locator("tbody tr")).to_contain_text(HOSTILE)
    await page.locator("tbody a").click()
    await expect(page.locator(".balances")).to_contain_text("12,345,678,901,234,567,890.5")
    await expect(page.locator("progress")).to_have_attribute("value", "500")
    await expect(page.locator("#world tbody")).to_contain_text(HOSTILE)
    for section in ("players", "inventories", "wallets", "progressions"):
        await page.locator(f"#sections a[href='#/{section}']").click()
        await expect(page.locator("#world")).to_contain_text(HOSTILE)
    await page.locator(".request", has_text="player_storage").click()
    await expect(page.get_by_role("dialog")).to_contain_text(HOSTILE.replace('"', '\\"'))
    assert await page.title() == "LootLocker emulator"
    assert await page.locator("#world img, #world script, dialog img, dialog script").count() == 0


async def test_the_key(open_page: Open, emulator: Emulator) -> None:
    page = await open_page("")
    field = page.get_by_label("Admin key")
    await expect(field).to_be_focused()
    for wrong in ("not the key", emulator.server_key, "schlüssel"):
        await field.fill(wrong)
        await field.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("The admin key is not known")
        await expect(page.locator("#panes")).to_be_hidden()
    await field.fill(KEY)
    await field.press("Enter")
    await expect(page.locator("#panes")).to_be_visible()
    await page.reload()
    await expect(page.locator("#panes")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(field).to_be_visible()
    await page.reload()
    await expect(field).to_be_visible()


async def test_the_key_in_the_address_is_taken_out_of_it(open_page: Open, emulator: Emulator) -> None:
    page = await open_page()
    await expect(page.locator("#panes")).to_be_visible()
    assert KEY not in page.url
    assert KEY not in await page.content()
    assert await page.evaluate("localStorage.length") == 0
    # The admin API's own requests are not on record, and no key is in an address that the page asks for.
    addresses = await page.evaluate("performance.getEntriesByType('resource').map((it) => it.name)")
    assert addresses
    assert all(KEY not in address and address.startswith(emulator.page_url) for address in addresses)
    other = await open_page("#key=not-the-key")
    await expect(other.get_by_role("alert")).to_have_text("The admin key is not known")


async def test_by_keyboard_alone(open_page: Open, emulator: Emulator, client: LootLockerClient) -> None:
    emulator.world.add_leaderboard("daily", name="Daily Arena", type="generic")
    await client.currencies.list()
    page = await open_page()
    await expect(page.locator(".request")).to_have_count(2)
    await expect(page.get_by_role("link", name="Daily Arena")).to_be_visible()
    seen: list[str] = []
    for _ in range(60):
        await page.keyboard.press("Tab")
        told = await page.evaluate("""() => {
          const it = document.activeElement;
          const style = getComputedStyle(it);
          const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
          return [it.tagName, (it.textContent || it.id || "").trim(), ring];
        }""")
        if told[0] == "BODY":
            break
        assert told[2], f"{told} has the focus and doesn't show it"
        seen.append(told[1])
    whole = "\n".join(seen)
    for needed in (
        "Skip to the world",
        "Players",
        "+1 day",
        "500, not executed",
        "Daily Arena",
        "Pause",
        "currencies_list",
    ):
        assert needed in whole
    await page.locator(".request").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await page.evaluate("document.querySelector('dialog').contains(document.activeElement)")
    await page.keyboard.press("Escape")
    await expect(page.locator(".request").first).to_be_focused()
    switch = page.get_by_role("switch", name="Slow by 300 ms")
    await switch.focus()
    await page.keyboard.press("Space")
    await expect(switch).to_have_attribute("aria-checked", "true")
    await expect(switch).to_be_focused()
    await page.get_by_role("link", name="Daily Arena").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Daily Arena")).to_be_focused()


async def test_long_lists_come_in_pages(open_page: Open, emulator: Emulator) -> None:
    emulator.world.add_players([f"Player {number:03}" for number in range(70)])
    emulator.world.add_leaderboard("long", name="Long", type="generic")
    emulator.world.add_scores("long", [(f"m{number:03}", 1000 - number) for number in range(60)])
    page = await open_page("#/players")
    await page.get_by_label("Admin key").fill(KEY)
    await page.get_by_role("button", name="Sign in").click()
    rows = page.locator("#world tbody tr")
    await expect(rows).to_have_count(25)
    await page.get_by_role("button", name="Next").click()
    await expect(rows.first).to_contain_text("Player 025")
    await page.get_by_role("button", name="Next").click()
    await expect(rows).to_have_count(20)
    await expect(page.get_by_role("button", name="Next")).to_be_disabled()
    await page.get_by_role("button", name="First").click()
    await expect(rows.first).to_contain_text("Player 000")
    await page.get_by_label("Find a player").fill("player 06")
    await expect(rows).to_have_count(10)
    await page.get_by_label("Find a player").fill("nobody")
    await expect(page.get_by_text("Nothing here is like “nobody”.")).to_be_visible()
    await page.locator("#sections a[href='#/leaderboards']").click()
    await page.get_by_role("link", name="Long").click()
    await page.get_by_label("Go to a member").fill("m040")
    await expect(rows.first).to_contain_text("41")
    await page.get_by_label("Go to a member").fill("m999")
    await expect(page.get_by_text("Nobody called “m999” is here.")).to_be_visible()


async def test_an_empty_world_offers_a_game(open_page: Open, emulator: Emulator) -> None:
    page = await open_page()
    await page.get_by_role("button", name="Make a game up").click()
    await expect(page.get_by_role("link", name="Weekly Arena")).to_be_visible()
    await expect(page.get_by_text("2,000 entries")).to_be_visible()
    emulator.reset()
    await expect(page.get_by_text("There is no leaderboard yet.")).to_be_visible()


async def test_an_emulator_that_goes_away_and_comes_back(open_page: Open, emulator: Emulator) -> None:
    page = await open_page("#key=" + KEY)
    await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    await page.route("**/_emulator/**", lambda route: route.abort())
    await expect(page.locator("#connection")).to_have_attribute("data-state", "lost")
    await expect(page.locator("#connection")).to_contain_text("trying again")
    await page.unroute("**/_emulator/**")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "live")


async def test_the_theme(open_page: Open) -> None:
    page = await open_page(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = await page.evaluate(ground)
    await page.get_by_role("button", name="Theme").click()
    await expect(page.get_by_role("button", name="Theme")).to_contain_text("Light")
    light = await page.evaluate(ground)
    assert light != dark
    await page.reload()
    assert await page.evaluate(ground) == light
    await page.get_by_role("button", name="Theme").click()
    assert await page.evaluate(ground) == dark


async def looks_right(page: Page) -> None:
    # What moves in is looked at when it has arrived.
    await page.evaluate("""() => Promise.all(document.getAnimations()
        .filter((it) => it.effect.getComputedTiming().iterations !== Infinity).map((it) => it.finished))""")
    assert await page.evaluate((HERE / "labels.js").read_text(encoding="utf-8")) == []
    assert await page.evaluate((HERE / "contrast.js").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_labels_and_contrast(scheme: Any, open_page: Open, emulator: Emulator, client: LootLockerClient) -> None:
    world = emulator.world
    players = world.add_players(["Aurelia", "Bram", "Cleo", "Dario"])
    world.add_leaderboard("daily", name="Daily Arena", type="player")
    world.add_scores("daily", [(str(player), 100 + player) for player in players])
    world.add_currency("gld")
    world.add_balance(player_id=players[0], currency_code="gld", amount="5")
    world.add_progression("pass", tiers=[{"points_threshold": 10}])
    world.grant(players[0], world.add_asset("Emberfang Blade"))
    await client.player_progressions.add_points(players[0], "pass", amount=5)
    emulator.faults.add(
        Fault.error("leaderboards_get", times=1), Fault.rate_limited("currencies", times=1, retry_after=0),
        Fault.drop_after_execute("leaderboards_submit_score", times=1), Fault.garbage("assets"),
    )  # fmt: skip
    for call in (
        client.leaderboards.get("daily"), client.currencies.list(),
        client.leaderboards.submit_score("daily", member_id=str(players[0]), score=7),
        client.leaderboards.get("nowhere"),
    ):  # fmt: skip
        with pytest.raises(Exception, match=r"status|executed|connection"):
            await call
    page = await open_page("", color_scheme=scheme, reduced_motion="reduce")
    await expect(page.get_by_label("Admin key")).to_be_visible()
    await looks_right(page)
    await page.get_by_label("Admin key").fill(KEY)
    await page.get_by_label("Admin key").press("Enter")
    places = {
        "leaderboards": "Daily Arena",
        "leaderboards/daily": "Bram",
        "players": "Cleo",
        f"players/{players[0]}": "Emberfang",
        "inventories": "Emberfang",
        "wallets": "gld",
        "progressions": "pass",
        "progressions/pass": "Aurelia",
    }
    for place, shown in places.items():
        await page.goto(f"{emulator.page_url}#/{place}")
        await expect(page.locator(".world-body")).to_contain_text(shown)
        await looks_right(page)
    await page.locator(".request", has_text="submit_score").click()
    await expect(page.locator("#detail-code")).to_be_visible()
    await looks_right(page)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Another fault…").click()
    await looks_right(page)
    await page.keyboard.press("Escape")
    assert await page.evaluate("document.getAnimations().length") == 0  # less motion was asked for
    await page.set_viewport_size({"width": 390, "height": 800})
    for pane in ("Requests", "Clock and faults", "World"):
        await page.get_by_role("button", name=pane).click()
        await looks_right(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{pane} is wider than the screen"
        )
