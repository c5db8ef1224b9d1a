"""The page's files, who gets them, and who may speak to the admin API from a browser."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest

from lootlocker_async.emulator import Emulator, page
from lootlocker_async.emulator.errors import ServiceError
from lootlocker_async.emulator.origins import check_host, check_origin, is_of_browser

KEY = "an-admin-key"


@pytest.fixture
async def emulator():
    async with Emulator(admin_key=KEY) as emulator:
        yield emulator


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as session:
        yield session


async def test_the_page_and_its_files(emulator, session):
    async with session.get(emulator.page_url) as answer:
        text = await answer.text()
        assert (answer.status, answer.content_type, answer.charset) == (200, "text/html", "utf-8")
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    named = set(re.findall(r'(?:href|src)="(/[^"]*)"', text))
    assert {address.rpartition(".")[2] for address in named} == {"css", "js", "svg"}
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    imported = {f"{page.ADDRESS}{file.name}" for file in page_files() if file.suffix == ".js"}
    for address in named | imported:
        async with session.get(emulator.page_url.rstrip("/") + address) as answer:
            assert (answer.status, answer.content_type) == (200, kinds[address.rpartition(".")[2]])
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(emulator.record) == 0


def page_files():
    return sorted(Path(page.__file__).parent.iterdir())


def test_the_files_hold_to_the_policy():
    for file in page_files():
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text), file
        if file.suffix != ".py":
            # Nothing comes from another host; the one address is the name of SVG's vocabulary.
            assert "//" not in re.sub(r"(^|\s)// .*|http://www\.w3\.org/2000/svg|`//\$|https?://\*", "", text), file
        if file.suffix == ".html":
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)
        if file.suffix == ".js":
            imports = re.findall(r'from "\./([^"]+)"', text)
            assert {page.find(page.ADDRESS + name) for name in imports}.isdisjoint({None}), file
            assert len(text.splitlines()) < 250, file


async def test_a_file_that_is_known_already_is_not_sent_again(emulator, session):
    async with session.head(emulator.page_url) as answer:
        etag = answer.headers["ETag"]
        assert (answer.status, await answer.read()) == (200, b"")
        assert answer.headers["Cache-Control"] == "no-cache"
    async with session.get(emulator.page_url, headers={"If-None-Match": etag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
    async with session.post(emulator.page_url) as answer:
        assert answer.status == 405
    for name in ("nothing.js", "__init__.py", "../admin.py", ""):
        async with session.get(emulator.page_url + page.ADDRESS[1:] + name.replace("/", "%2f")) as answer:
            assert answer.status == 404


async def test_there_is_none_without_a_key(session):
    async with Emulator() as emulator:
        with pytest.raises(RuntimeError, match="admin_key"):
            _ = emulator.page_url
        async with session.get(emulator.base_url.removesuffix("server")) as answer:
            assert answer.status == 404
        assert len(emulator.record) == 1


async def test_it_stands_beside_the_server_api(emulator, session):
    async with session.get(emulator.base_url + "/") as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "not_found")
    assert len(emulator.record) == 1


async def test_another_name_of_this_address_gets_nothing(emulator, session):
    for path in ("/", f"{page.ADDRESS}main.js"):
        url = emulator.page_url.rstrip("/") + path
        async with session.get(url, headers={"Host": "rebound.example.com"}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (421, "host_unknown")
        async with session.get(url, headers={"Host": "localhost:99"}) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "http://evil.example.com"}, "origin_unknown"),
        ({"Origin": "null"}, "origin_unknown"),
        ({"Sec-Fetch-Site": "cross-site"}, "origin_unknown"),
        ({"Sec-Fetch-Site": "same-site"}, "origin_unknown"),
        ({"Host": "rebound.example.com", "Origin": "http://rebound.example.com"}, "host_unknown"),
        ({"Host": "rebound.example.com", "Sec-Fetch-Site": "same-origin"}, "host_unknown"),
    ],
)
async def test_another_site_gets_nothing_even_with_the_key(emulator, session, headers, code):
    async with session.delete(f"{emulator.admin_url}/world", headers={"x-admin-key": KEY, **headers}) as answer:
        assert (await answer.json())["code"] == code
    # Nor is the health told, which needs no key.
    async with session.get(f"{emulator.admin_url}/health", headers=headers) as answer:
        assert answer.status in {403, 421}


async def test_the_page_itself_and_programs_get_through(emulator, session):
    origin = emulator.page_url.rstrip("/")
    for headers in ({"Origin": origin, "Sec-Fetch-Site": "same-origin"}, {"Host": "emulator:8787"}, {}):
        async with session.post(
            f"{emulator.admin_url}/clock", json={}, headers={"x-admin-key": KEY, **headers}
        ) as answer:
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8787", "[::1]:8787", "localhost", "LOCALHOST:1", "a.localhost", "10.0.0.7:80", "box.lan:80"]
)
def test_names_of_this_machine(host):
    check_host({"Host": host}, "box.lan")


@pytest.mark.parametrize("host", ["", "[::1", "example.com", "localhost.example.com", "127.0.0.1.example.com"])
def test_other_names(host):
    with pytest.raises(ServiceError):
        check_host({"Host": host}, "box.lan")
    with pytest.raises(ServiceError):
        check_host({}, "box.lan")


def test_origins_are_those_of_browsers():
    assert not is_of_browser({"Host": "localhost"})
    assert is_of_browser({"Origin": "http://localhost"})
    check_origin({"Origin": "https://LocalHost:5", "Host": "localhost:5"})
    check_origin({"Sec-Fetch-Site": "none", "Host": "localhost:5"})
    with pytest.raises(ServiceError):
        check_origin({"Origin": "http://localhost:6", "Host": "localhost:5"})
