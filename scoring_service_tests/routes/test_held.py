"""Videos that no browser shows: uploaded, seen, given a style."""

import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline_kit.storage.store import Store
from scoring_service.routes import held as held_videos
from scoring_service_tests.routes.test_films import HERE
from scoring_service_tests.serving import Asked
from style_pipeline_tests.clips import ffmpeg, moving

SETTINGS = "strength = 0.50\n"


@pytest.fixture
def media(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "media").as_uri())


@pytest.fixture
def here(tmp_path: Path, media: Store) -> Asked:
    given: dict[str, Any] = {"base_url": HERE, "stylize": True, "faq": "none"}
    given["dagster_url"] = "http://127.0.0.1:9"
    return Asked(Store(url=(tmp_path / "ops").as_uri()), media=media, **given)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """FFV1 in Matroska, of which browsers show nothing."""
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    ffmpeg(*moving("64x48", frames=5), "-c:v", "ffv1", path)
    return path.read_bytes()


def held(here: Asked, content: bytes) -> str:
    link = here.post("/v1/films", json={"name": "clip.mkv", "size": len(content)}).json()
    assert here.get(f"/v1/films/{link['id']}").json()["state"] == "uploading"
    assert here.get(f"/v1/films/{link['id']}/frame").status_code == 409
    assert here.put(link["url"], content=content).status_code == 201
    return str(link["id"])


def test_a_video_is_seen_before_it_has_a_style_and_only_then_made(
    here: Asked, media: Store, clip: bytes
) -> None:
    id = held(here, clip)
    # The sensor leaves out what is hidden; so does the gallery.
    (name,) = (each.name for each in media.list("videos"))
    assert name.startswith("videos/.held/")
    assert here.get(f"/v1/films/{id}").json()["state"] == "held"
    assert here.get("/v1/films").json() == []
    answer = here.get(f"/v1/films/{id}/frame")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.content)).size == (64, 48)

    for wrong in ({"style": "nothing"}, {"style": "ink", "settings": "strength = 7"}, {}):
        assert here.post(f"/v1/films/{id}/style", json=wrong).status_code == 422
    chosen = {"style": "ink", "settings": SETTINGS}
    answer = here.post(f"/v1/films/{id}/style", json=chosen)
    assert answer.status_code == 200
    video, settings = (each.name for each in media.list("videos"))
    assert video == name.replace(".held", "ink")
    assert media.read(video) == clip
    assert media.read(settings).decode() == SETTINGS
    told = here.get(f"/v1/films/{answer.json()['id']}").json()
    assert (told["name"], told["style"]) == ("clip.mkv", "ink")
    assert here.get(f"/v1/films/{id}").status_code == 404
    assert here.post(f"/v1/films/{answer.json()['id']}/style", json=chosen).status_code == 409


def test_what_is_no_video_is_said_to_be_when_it_is_to_be_seen(here: Asked) -> None:
    answer = here.get(f"/v1/films/{held(here, b'this is no video' * 9)}/frame")
    assert answer.status_code == 422
    assert "clip.mkv" in answer.json()["detail"]


def test_reading_a_video_may_take_longer_than_other_requests(
    here: Asked, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(file: Path) -> Image.Image:
        time.sleep(0.6)
        return Image.new("RGB", (8, 8))

    monkeypatch.setattr(held_videos, "telling_picture", slow)
    id = held(here, clip)
    here.app.seconds = 0.3  # type: ignore[attr-defined]
    assert here.get(f"/v1/films/{id}/frame").status_code == 200
    monkeypatch.setattr(held_videos, "SECONDS", 0.2)
    assert here.get(f"/v1/films/{id}/frame").status_code == 504


def test_what_nobody_gave_a_style_is_removed_after_a_day(
    here: Asked, media: Store, clip: bytes
) -> None:
    held(here, clip)
    (name,) = (each.name for each in media.list("videos"))
    path = Path(media.location(name))
    os.utime(path, (path.stat().st_mtime - 90_000,) * 2)
    held(here, clip)
    (left,) = (each.name for each in media.list("videos"))
    assert left != name
