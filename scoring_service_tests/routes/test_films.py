"""Films: links for their owners, how far they are, and the films themselves."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from pipeline_kit.storage.objects import StoreUnavailable
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import AzureContainer
from scoring_service.access import hash_of
from scoring_service_tests.fake_dagster import FakeDagster, fake_dagster
from scoring_service_tests.serving import Asked
from style_pipeline.object_names import Video
from style_pipeline_tests.assets.journey import publish_small_network
from style_pipeline_tests.dagster_dev import free_port

HERE = "http://127.0.0.1:8000"
CLIP = bytes(range(256)) * 40
WANTED = {
    "name": "holiday.mp4",
    "size": len(CLIP),
    "style": "starry-night",
    "settings": "strength = 0.50\nblend = { starry-night = 0.6, great-wave = 0.4 }\n",
}


@dataclass
class Studio:
    """A service with folders, and callers."""

    asked: Asked
    media: Store
    dagster: FakeDagster

    def make(self, *, key: str = "", **change: Any) -> httpx.Response:
        return self.asked.post("/v1/films", json={**WANTED, **change}, headers=self.given(key))

    def get(self, path: str, *, key: str = "", **headers: str) -> httpx.Response:
        return self.asked.get(path, headers={**self.given(key), **headers})

    def uploaded(self, *, key: str = "") -> tuple[str, Video]:
        """A film's id, and its video."""
        link = self.make(key=key).json()
        before = set(self.videos())
        assert self.asked.put(link["url"], content=CLIP).status_code == 201
        (name,) = set(self.videos()) - before
        return link["id"], Video(name.removeprefix("videos/"))

    def videos(self) -> list[str]:
        listed = (each.name for each in self.media.list("videos"))
        return [name for name in listed if not name.endswith("style.toml")]

    @staticmethod
    def given(key: str) -> dict[str, str]:
        return {"X-API-Key": key} if key else {}


@pytest.fixture(scope="module")
def dagster() -> Iterator[FakeDagster]:
    with fake_dagster() as server:
        yield server


def new_studio(ops: Store, folder: Path, dagster: FakeDagster, **settings: Any) -> Studio:
    media = Store(url=(folder / "media").as_uri())
    own = Store(url=(folder / "ops").as_uri())
    given = {"base_url": HERE, "stylize": True, "device": "cpu", "faq": "none", **settings}
    return Studio(Asked(own, media=media, dagster_url=dagster.url, **given), media, dagster)


@pytest.fixture
def here(published_ops: Store, tmp_path: Path, dagster: FakeDagster) -> Studio:
    """On this machine, without keys."""
    return new_studio(published_ops, tmp_path, dagster)


@pytest.fixture
def server(published_ops: Store, tmp_path: Path, dagster: FakeDagster) -> Studio:
    """Beyond it, with two people."""
    keys = ",".join(f"{name}:{hash_of(name)}" for name in ("ann", "bob"))
    address = {"host": "0.0.0.0", "base_url": "https://studio.example.org"}
    return new_studio(published_ops, tmp_path, dagster, keys=keys, links_per_hour=2, **address)


def test_a_video_is_uploaded_followed_and_watched(here: Studio) -> None:
    id, video = here.uploaded()
    assert here.media.read(video.source) == CLIP
    assert video.style == "starry-night"
    settings = here.media.read(video.source.replace("holiday.mp4", "style.toml"))
    assert settings.decode() == WANTED["settings"]
    seen = []
    for here.dagster.state in ("queued", "stylizing", "joining"):
        told = here.get(f"/v1/films/{id}").json()
        seen.append((told["state"], told["chunks_done"], told["chunks"], told["seconds_left"]))
    assert seen == [("queued", 0, 0, None), ("stylizing", 1, 3, 50), ("joining", 3, 3, None)]
    assert here.get(f"/v1/films/{id}/film").status_code == 404

    here.media.write(video.film("mp4"), CLIP)
    here.media.write(video.contact_sheet, b"\xff\xd8 sheet")
    told = here.get(f"/v1/films/{id}").json()
    assert (told["state"], told["film"], told["sheet"]) == ("done", True, True)
    assert (told["name"], told["style"]) == ("holiday.mp4", "starry-night")
    film = here.get(f"/v1/films/{id}/film")
    assert (film.status_code, film.content) == (200, CLIP)
    assert film.headers["content-type"] == "video/mp4"
    assert film.headers["x-content-type-options"] == "nosniff"
    part = here.get(f"/v1/films/{id}/film", Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, CLIP[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(CLIP)}"
    assert here.get(f"/v1/films/{id}/sheet").headers["content-type"] == "image/jpeg"
    (listed,) = here.get("/v1/films").json()
    assert listed == {**told, "chunks": 0, "chunks_done": 0, "frames": 0}


def test_before_its_video_has_come_and_after_it_was_refused_a_film_says_so(here: Studio) -> None:
    id = here.make().json()["id"]
    assert here.get(f"/v1/films/{id}").json()["state"] == "uploading"
    here.dagster.state = "failed"
    id, video = here.uploaded()
    told = here.get(f"/v1/films/{id}").json()
    assert told["state"] == "failed"
    assert "cannot be decoded" in told["reason"]
    report = f'{{"file": "{video.source}", "reason": "it is no video", "time": "2026-11-29"}}'
    here.media.write(f"rejected/{video.key}.json", report.encode())
    told = here.get(f"/v1/films/{id}").json()
    assert (told["state"], told["reason"]) == ("refused", "it is no video")


def test_without_dagster_a_line_says_so_and_films_are_shown_all_the_same(
    published_ops: Store, tmp_path: Path, dagster: FakeDagster
) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    studio = new_studio(published_ops, tmp_path, dagster)
    assert studio.asked.service.film_parts
    studio.asked.service.film_parts.dagster.url = away
    id, video = studio.uploaded()
    told = studio.get(f"/v1/films/{id}").json()
    assert told["state"] == "unknown"
    assert told["reason"] == f"Dagster does not answer at {away}: is it running?"
    studio.media.write(video.film("mp4"), CLIP)
    assert studio.get(f"/v1/films/{id}").json()["state"] == "done"


def test_beyond_this_machine_nobody_gets_anything_without_signing_in(server: Studio) -> None:
    id, video = server.uploaded(key="ann")
    server.media.write(video.film("mp4"), CLIP)
    paths = ("/v1/films", f"/v1/films/{id}", f"/v1/films/{id}/film", f"/v1/films/{id}/sheet")
    for key in ("", "nobody"):
        assert server.make(key=key).status_code == 401
        assert [server.get(path, key=key).status_code for path in paths] == [401] * 4


def test_each_person_sees_their_own_films_alone(server: Studio) -> None:
    id, video = server.uploaded(key="ann")
    server.media.write(video.film("mp4"), CLIP)
    server.media.write(video.contact_sheet, b"sheet")
    server.media.write("videos/starry-night/by hand.mp4", CLIP)
    paths = (f"/v1/films/{id}", f"/v1/films/{id}/film", f"/v1/films/{id}/sheet")
    assert [server.get(path, key="ann").status_code for path in paths] == [200] * 3
    assert [server.get(path, key="bob").status_code for path in paths] == [404] * 3
    assert [each["id"] for each in server.get("/v1/films", key="ann").json()] == [id]
    assert server.get("/v1/films", key="bob").json() == []


def test_links_are_few_in_an_hour_for_each_person(server: Studio) -> None:
    assert [server.make(key="ann").status_code for _ in range(3)] == [201, 201, 429]
    answer = server.make(key="ann")
    assert answer.json()["detail"] == "more than 2 videos an hour"
    assert 1700 < int(answer.headers["retry-after"]) <= 1801
    assert server.make(key="bob").status_code == 201


def test_what_is_wrong_with_a_video_is_said_before_it_is_sent(here: Studio, tmp_path: Path) -> None:
    publish_small_network(Store(url=(tmp_path / "ops").as_uri()), "candy", seed=1)
    here.asked.service.needed_styles().poll()
    for change, status, says in (
        ({"name": "../x.mp4"}, 422, "name: "),
        ({"name": "x.exe"}, 422, "name: .exe is no kind of video"),
        ({"style": "nothing"}, 422, "there is no style 'nothing'"),
        ({"settings": "strength = 7"}, 422, "style.toml: strength = 7"),
        ({"settings": "blend = { candy = 1, great-wave = 1 }"}, 422, "networks of their own"),
        ({"size": 6_000_000_000}, 413, "the video has 6.0 GB: at most 5 are taken"),
        ({"size": -1}, 422, "size: "),
        ({"size": True}, 422, "size: Input should be a valid integer"),
        ({"size": "7"}, 422, "size: Input should be a valid integer"),
    ):
        answer = here.make(**change)
        assert (answer.status_code, says in answer.json()["detail"]) == (status, True), change
    assert here.media.list("videos") == []
    assert here.get("/v1/films").json() == []


def test_two_videos_of_one_name_are_two_films(here: Studio) -> None:
    first, second = here.uploaded(), here.uploaded()
    assert first[0] != second[0]
    assert first[1].filename == second[1].filename == "holiday.mp4"
    assert len(here.videos()) == 2


@pytest.mark.parametrize(
    "change",
    [{"base_url": "http://rebound.example.org:8000"}, {"base_url": "http://192.0.2.7:8000"}],
)
def test_without_keys_no_page_gets_at_films_by_a_name_of_its_own(
    published_ops: Store, tmp_path: Path, dagster: FakeDagster, change: dict[str, str]
) -> None:
    studio = new_studio(published_ops, tmp_path, dagster, **change)
    assert studio.make().status_code == 401
    assert studio.get("/v1/films").status_code == 401


def test_without_keys_nobody_gets_at_films_through_a_proxy(here: Studio) -> None:
    assert here.get("/v1/films").status_code == 200
    assert here.get("/v1/films", **{"X-Forwarded-For": "192.0.2.7"}).status_code == 401


def test_no_link_is_in_a_log_or_in_metrics(here: Studio, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "scoring_service"):
        link = here.make().json()
        here.asked.put(link["url"], content=CLIP)
        here.get(f"/v1/films/{link['id']}")
    said = " ".join(each.getMessage() for each in caplog.records if "httpx" not in each.name)
    metrics = here.get("/metrics").text
    for secret in (link["url"].rpartition("/")[2], link["id"]):
        assert secret not in said
        assert secret not in metrics
    assert '"path": "/v1/films/{id}"' in said


def test_storage_that_is_away_is_a_503_that_shows_no_address(
    here: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(store: Store, prefix: str) -> None:
        raise StoreUnavailable("cannot list https://account.example.org/ops")

    monkeypatch.setattr(Store, "list", away)
    answer = here.get("/v1/films")
    assert answer.status_code == 503
    assert "account" not in answer.text


def test_a_service_without_films_says_so(published_ops: Store) -> None:
    assert Asked(published_ops, base_url=HERE).get("/v1/films").status_code == 404


def test_from_a_container_a_film_comes_by_a_link_that_reads_it_alone(
    published_ops: Store, azure_container: AzureContainer, dagster: FakeDagster
) -> None:
    media = azure_container.store()
    given: dict[str, Any] = {"base_url": HERE, "stylize": True, "dagster_url": dagster.url}
    studio = Studio(Asked(azure_container.store("ops"), media=media, **given), media, dagster)
    link = studio.make().json()
    put = httpx.put(link["url"], content=CLIP, headers=link["headers"], trust_env=False)
    assert put.status_code == 201
    (name,) = studio.videos()
    film = Video(name.removeprefix("videos/")).film("mp4")
    media.write(film, CLIP)
    answer = studio.get(f"/v1/films/{link['id']}/film")
    assert answer.status_code == 307
    assert answer.headers["cache-control"] == "no-store"
    url = answer.headers["location"]
    part = httpx.get(url, headers={"Range": "bytes=10-19"}, trust_env=False)
    assert (part.status_code, part.content) == (206, CLIP[10:20])
    assert httpx.put(url, content=b"x", headers=link["headers"]).status_code == 403
    assert httpx.get(url.replace(film, name)).status_code == 403
    policy = studio.get("/studio/").headers["content-security-policy"]
    account = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
    assert f"connect-src 'self' {account};" in policy
    assert f"media-src 'self' blob: {account};" in policy
    assert f"img-src 'self' blob: {account};" in policy
    assert "script-src 'self';" in policy
