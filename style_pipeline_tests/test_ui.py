"""What a person sees in Dagster's UI, of a film that was finished and of one that failed."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from shlex import split
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from pipeline_kit_tests.waiting import wait_for
from style_pipeline_tests.cli.shell import run as style_pipeline
from style_pipeline_tests.clips import ffmpeg, make_clip, moving
from style_pipeline_tests.dagster_dev import DagsterDev, Run, running
from style_pipeline_tests.following import a_chunk, drop, runs_of, wait_for_the_end

FILM, BROKEN, STRAY = "brushwork/film.mp4", "brushwork/broken.mp4", "stray.mp4"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.slow,  # Dagster is started, and a film made
    pytest.mark.skipif(CHROMIUM is None, reason="there is no browser: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagsterDev]:
    """With a film that is finished, a video that failed, and one that was not taken."""
    folder = tmp_path_factory.mktemp("ui")
    with running(folder / "dev", {"STYLE_PIPELINE_PRICE_PER_HOUR": "3600"}) as dev:
        (folder / "broken.mp4").write_bytes(b"this is no video" * 100)
        drop(dev, folder / "broken.mp4")
        drop(dev, make_clip(folder / "film.mp4", frames=8))
        wait_for_the_end(dev, "film.mp4", films=1)
        wait_for("the failure", lambda: failed_run(dev))
        (dev.folder / "media/videos" / STRAY).write_bytes(b"dropped beside the styles' folders")
        wait_for("the report", (dev.folder / f"media/rejected/{STRAY}.json").exists)
        yield dev


def failed_run(dev: DagsterDev) -> list[Run]:
    return [run for run in runs_of(dev, "broken.mp4") if run.status == "FAILURE"]


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        # Root, as in a container, has no sandbox.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.set_default_timeout(60_000)
        yield page
        browser.close()


@pytest.fixture
def page(browser_page: Page, dev: DagsterDev) -> Page:
    expect.set_options(timeout=60_000)
    return browser_page


def open_page(page: Page, dev: DagsterDev, path: str, **query: str) -> None:
    page.goto(f"http://127.0.0.1:{dev.port}/{path}?{urlencode(query)}")


def value(page: Page, name: str) -> str:
    """Of the metadata on a partition's page."""
    row = page.get_by_role("row").filter(has=page.get_by_text(name, exact=True))
    return row.get_by_role("cell").nth(1).inner_text().strip()


def test_a_finished_film_s_page_says_where_it_is_how_long_and_what_it_cost(
    page: Page, dev: DagsterDev
) -> None:
    open_page(page, dev, "assets/styled_video", view="partitions", partition=FILM)
    expect(page.get_by_text("contact_sheet", exact=True)).to_be_visible()
    expect(page.get_by_text("Materialized", exact=True)).to_be_visible()
    assert value(page, "film") == str(dev.folder / "media/styled" / FILM)
    assert (value(page, "seconds"), value(page, "frames")) == ("0.32", "8")
    assert float(value(page, "cost")) > 0


def test_a_finished_film_s_page_shows_it_before_and_after(page: Page, dev: DagsterDev) -> None:
    open_page(page, dev, "assets/styled_video", view="partitions", partition=FILM)
    for name in ("before", "after"):
        glimpse = page.get_by_alt_text(name, exact=True)
        expect(glimpse).to_be_visible()
        assert glimpse.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [64, 48]
    page.get_by_text("[Show Markdown]").click()
    sheet = page.get_by_alt_text("contact sheet")
    expect(sheet).to_be_visible()
    width, height = sheet.evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert width == 1100
    # Four pictures of 4:3 side by side, in two rows.
    assert height > 2 * width / 4 * 3 / 4


def test_a_failure_s_page_leads_to_a_line_that_says_what_to_do(page: Page, dev: DagsterDev) -> None:
    open_page(page, dev, "assets/frames", view="partitions", partition=BROKEN)
    expect(page.get_by_text("failed, and did not materialize this asset")).to_be_visible()
    page.get_by_role("link", name=failed_run(dev)[0].run_id[:8]).first.click()
    line = page.get_by_text("export it again and drop it again").first
    expect(line).to_be_visible()
    first_line = line.inner_text().partition("\n")[0]
    assert first_line.startswith(f"{BROKEN}: broken.mp4 cannot be decoded")


def test_an_empty_slot_s_page_says_that_it_is_empty(page: Page, dev: DagsterDev) -> None:
    open_page(page, dev, "assets/styled_frames", view="partitions", partition=f"{FILM}|002")
    line = "no: this slot is empty, the video has 2 chunks, in slots 000 to 001"
    expect(page.get_by_text(line)).to_be_visible()


def test_a_file_that_is_not_taken_is_told_of_with_what_to_do(page: Page, dev: DagsterDev) -> None:
    open_page(page, dev, "assets/videos", view="events")
    line = f"videos/{STRAY} is not taken: it is in no style's folder: move it into videos/<style>/ "
    expect(page.get_by_text(line)).to_be_visible()


def test_a_shipped_style_s_page_shows_what_it_makes(page: Page, dev: DagsterDev) -> None:
    open_page(page, dev, "assets/style_model", view="partitions", partition="great-wave")
    page.get_by_text("[Show Markdown]").click()
    sample = page.get_by_alt_text("sample")
    expect(sample).to_be_visible()
    assert sample.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [384, 216]


@pytest.mark.parametrize(
    ("asset", "group", "kind", "owner", "words"),
    [
        ("videos", "source", "file", "media", "Files that people drop into"),
        ("styled_frames", "styling", "pytorch", "styling", "One chunk: decode its frames"),
        ("style_model", "styles", "pytorch", "styling", "A style, fitted to its painting"),
    ],
)
def test_an_asset_explains_itself(
    page: Page, dev: DagsterDev, asset: str, group: str, kind: str, owner: str, words: str
) -> None:
    open_page(page, dev, f"assets/{asset}", view="overview")
    for shown in (page.get_by_text(words).first, page.get_by_text(kind, exact=False).first):
        expect(shown).to_be_visible()
    for word in (group, owner):
        expect(page.get_by_text(word, exact=True).first).to_be_visible()


def test_the_graph_shows_all_steps_of_a_video_by_name(page: Page, dev: DagsterDev) -> None:
    open_page(page, dev, "locations/style_pipeline.definitions/asset-groups/styling/lineage")
    for asset in ("look", "styled_frames", "styled_video"):
        expect(page.get_by_text(asset, exact=True).first).to_be_visible()


def test_a_shell_tells_the_same(dev: DagsterDev, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dev.folder)
    monkeypatch.setenv("DAGSTER_HOME", str(dev.folder / "home"))
    answer = style_pipeline("status", "--json")
    assert answer.code == 1
    broken, film, stray = answer.json
    assert (stray["video"], stray["state"]) == (STRAY, "rejected")
    assert (broken["video"], broken["state"]) == (BROKEN, "failed")
    assert broken["reason"].endswith("export it again and drop it again")
    assert (film["state"], film["chunks_done"], film["chunks"]) == ("done", 2, 2)
    assert film["film"] == str(dev.folder / "media/styled" / FILM)


def test_a_chunk_that_is_painted_shows_how_far_it_is_and_the_time_left(
    page: Page, dev: DagsterDev, tmp_path: Path
) -> None:
    # Large, so that it takes longer than the five seconds after which progress is told first.
    long = tmp_path / "long.mp4"
    ffmpeg(*moving("1920x1080", frames=450), *split("-c:v libx264 -preset ultrafast"), long)
    drop(dev, long)
    chunk = a_chunk(dev, long.name, status="STARTED")
    wait_for("its progress", lambda: dev.observations("styled_frames"))
    with dev.held(chunk):
        open_page(page, dev, "assets/styled_frames", view="events")
        line = page.get_by_text(re.compile(r"^\d+ of 150 frames, [\d.]+ fps, \d+ (s|min) left$"))
        expect(line.first).to_be_visible()
        told = dev.command("status", "brushwork/long.mp4").splitlines()[1]
        assert re.search(r"long\.mp4 +stylizing +0 of 3 +(\d+ h )?\d+ (s|min)$", told), told
