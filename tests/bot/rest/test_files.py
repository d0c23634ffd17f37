"""Files by REST: handed over as bytes, described, given back as a download, refused in words."""

from __future__ import annotations

from httpx2 import AsyncClient

from engine.files import LARGEST
from tests.bot.rest.house import RestHouse


async def test_a_file_is_kept_described_and_given_back_as_a_download(api: AsyncClient, house: RestHouse) -> None:
    kept = await api.post("/api/v2/files", params={"name": "../r\u00e9port.csv"}, content=b"a,b\n")
    assert kept.status_code == 201
    said = kept.json()
    assert (said["name"], said["media_type"], said["size"]) == ("r\u00e9port.csv", "text/csv", 4)
    assert (await api.get(f"/api/v2/files/{said['id']}")).json() == said
    content = await api.get(f"/api/v2/files/{said['id']}/content")
    assert content.content == b"a,b\n"
    assert content.headers["content-disposition"] == "attachment; filename*=UTF-8''r%C3%A9port.csv"
    assert content.headers["content-type"] == "application/octet-stream", "never shown as a page of ours"


async def test_what_is_not_kept_is_refused_in_words(api: AsyncClient) -> None:
    assert (await api.get("/api/v2/files/file_none")).status_code == 404
    assert (await api.get("/api/v2/files/file_none/content")).status_code == 404
    empty = await api.post("/api/v2/files", params={"name": "a.txt"}, content=b"")
    assert (empty.status_code, "is empty" in empty.json()["error"]) == (422, True)
    large = await api.post("/api/v2/files", params={"name": "a.bin"}, content=b"x", headers={"content-length": str(LARGEST + 1)})
    assert large.status_code == 413
    assert (await api.post("/api/v2/files", content=b"x")).status_code == 400
