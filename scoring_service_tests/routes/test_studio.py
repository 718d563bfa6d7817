"""The studio's page, signing in to it, and the documentation of all requests."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, CorsRule
from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import ACCOUNT_KEY, AzureContainer
from scoring_service.routes.studio import FILES, FOLDER
from scoring_service_tests.fake_dagster import FakeDagster, fake_dagster
from scoring_service_tests.serving import Asked, picture
from scoring_service_tests.test_process import ready, running
from style_pipeline.intake.reports import report, report_name
from style_pipeline.look.style_toml import parse_settings
from style_pipeline.object_names import Video
from style_pipeline_tests.clips import H264, ffmpeg, moving

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def test_the_page_may_load_from_its_own_server_alone(asked: Asked) -> None:
    assert asked.get("/").headers["location"] == "/studio/"
    for path in ("/docs", "/studio/", *(f"/studio/{name}" for name in FILES)):
        answer = asked.get(path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
    for path in ("/studio/../access.py", "/studio/%2e%2e/access.py", "/studio/other.js"):
        assert asked.get(path).status_code == 404


def test_nothing_in_the_pages_is_inline_or_from_elsewhere() -> None:
    pages = {file.name: file.read_text() for file in FOLDER.glob("*.html")}
    assert set(pages) == {"index.html", "docs.html"}
    for html in pages.values():
        assert not re.search(r"<style|style=|\son\w+=|https?:", html)
        scripts = re.findall(r"<script[^>]*>(.*?)</script>", html)
        assert set(scripts) == {""}
    scripts = [file.read_text() for file in FOLDER.glob("*.js")]
    assert len(scripts) > 5
    for script in scripts:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|eval\(|https?:", script)
        assert all(name in FILES for name in re.findall(r'"\./(.*?)"', script))


def test_everything_that_can_be_set_has_a_label() -> None:
    html = (FOLDER / "index.html").read_text()
    for field in re.findall(r"<input[^>]*>", html):
        before = html[: html.index(field)]
        labeled = before.count("<label") > before.count("</label")
        assert labeled or "aria-label" in field, field
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", html))


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser: apt-get install chromium")
def test_the_documentation_has_examples_that_can_be_sent_and_needs_no_other_server(
    published_ops: Store, tmp_path: Path
) -> None:
    with page_of(tmp_path, published_ops) as (page, address):
        urls: list[str] = []
        failed: list[str] = []
        page.on("request", lambda request: urls.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(f"{address}/docs")
        page.get_by_text("/v1/faq/match").click()
        page.get_by_role("button", name="Try it out").click()
        expect(page.locator("textarea")).to_have_value(re.compile("Where is my new card?"))
        page.get_by_role("button", name="Execute").click()
        answer = page.locator(".live-responses-table")
        expect(answer).to_contain_text("The answer on card-arrival.")
        assert len(urls) > 5
        assert [url for url in urls if not url.startswith((address, "data:"))] == []
        assert failed == []


@pytest.fixture
def dagster() -> Iterator[FakeDagster]:
    with fake_dagster() as server:
        yield server


@pytest.fixture
def media(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "media").as_uri())


@pytest.fixture
def page(
    published_ops: Store, network: Path, tmp_path: Path, media: Store, dagster: FakeDagster
) -> Iterator[Page]:
    settings = {
        "SCORING_SERVICE_MEDIA_URL": media.url,
        "SCORING_SERVICE_DAGSTER_URL": dagster.url,
        "SCORING_SERVICE_CLASSIFIERS": f"colors={network}",
    }
    with page_of(tmp_path, published_ops, **settings) as (page, address):
        page.goto(address)
        yield page


@contextmanager
def page_of(folder: Path, ops: Store, **settings: str) -> Iterator[tuple[Page, str]]:
    """A page of a phone's size in a browser, and the address of a studio."""
    own = {
        "SCORING_SERVICE_OPS_URL": ops.url,
        "SCORING_SERVICE_STYLIZE": "true",
        "SCORING_SERVICE_DEVICE": "cpu",
        **settings,
    }
    with running(folder, **own) as (_, address), sync_playwright() as playwright:
        ready(address)
        # Root, as in a container, has no sandbox.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        yield page, address
        browser.close()


def brightness(image: Locator) -> float:
    """From 0, black, to 255."""
    mean: float = image.evaluate(
        """async (image) => {
            await image.decode();
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 8;
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0, 8, 8);
            const pixels = context.getImageData(0, 0, 8, 8).data;
            return pixels.filter((_, place) => place % 4 < 3).reduce((a, b) => a + b) / (3 * 64);
        }"""
    )
    return mean


def plays(card: Locator, *, seconds: float) -> None:
    """The film of a card is played, and so long."""
    video = card.locator("video")
    expect(video).to_be_visible()
    length = video.evaluate(
        """async (video) => {
            video.muted = true;
            await video.play();
            video.pause();
            return video.duration;
        }"""
    )
    assert abs(length - seconds) < 0.1


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser: apt-get install chromium")
def test_a_photo_that_is_larger_than_a_request_may_be_is_scaled_and_classified(
    published_ops: Store, network: Path, tmp_path: Path
) -> None:
    photo, size = tmp_path / "photo.png", (3000, 2000)
    noise = [Image.effect_noise(size, 60) for _ in range(2)]
    Image.merge("RGB", [Image.new("L", size, 255), *noise]).save(photo, compress_level=1)
    assert photo.stat().st_size > 8e6
    classifier = {"SCORING_SERVICE_CLASSIFIERS": f"colors={network}"}
    with page_of(tmp_path, published_ops, **classifier) as (page, address):
        page.goto(address)
        page.get_by_role("tab", name="What is it?").click()
        page.locator("#shown").set_input_files(photo)
        expect(page.locator("#labels li").first).to_contain_text("red")
        (tmp_path / "broken.png").write_bytes(b"no picture")
        page.locator("#shown").set_input_files(tmp_path / "broken.png")
        expect(page.locator("#message")).to_have_text("This browser cannot show that file.")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser: apt-get install chromium")
def test_a_person_gets_from_a_picture_to_a_film_classifies_a_picture_and_asks(
    page: Page, tmp_path: Path, media: Store, dagster: FakeDagster
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    Image.effect_mandelbrot((320, 240), (-2, -1.2, 1, 1.2), 50).save(tmp_path / "picture.png")
    page.locator("#file").set_input_files(tmp_path / "picture.png")
    night = page.get_by_role("button", name="starry-night")
    night.click()
    expect(page.get_by_alt_text("The picture in the chosen style")).to_be_visible()
    expect(page.locator("#settings")).to_contain_text("starry-night = 1")
    page.get_by_label("Strength").fill("0.5")
    page.get_by_label("great-wave", exact=True).fill("0.4")
    expect(page.locator("#settings")).to_contain_text("strength = 0.50")
    expect(page.locator("#settings")).to_contain_text("great-wave = 0.4")
    page.get_by_label("Before and after").fill("20")
    expect(page.get_by_alt_text("This picture as woman-with-a-hat")).to_be_visible()

    # Of a video, the frame that is chosen, taken in the browser.
    ffmpeg(*moving("320x240", frames=50), "-c:v", "libvpx", tmp_path / "clip.webm")
    before = page.locator("#before")
    earlier = str(before.get_attribute("src"))
    page.locator("#file").set_input_files(tmp_path / "clip.webm")
    expect(before).not_to_have_attribute("src", earlier)
    assert brightness(before) > 60
    earlier = str(before.get_attribute("src"))
    page.get_by_label("Second of the video").fill("1.2")
    expect(before).not_to_have_attribute("src", earlier)
    assert brightness(before) > 60
    expect(page.get_by_alt_text("This picture as woman-with-a-hat")).to_be_visible()

    # The video that the frame is of, whole, as this style.
    night.click()
    expect(page.locator("#settings")).to_contain_text("blend = { starry-night = 1 }")
    expect(page.locator("#chosen-video")).to_contain_text("clip.webm, 1 MB")
    page.get_by_role("button", name="Make the film").click()
    card = page.get_by_role("article")
    expect(card.get_by_role("status")).to_have_text("Queued")
    (video,) = (
        Video(each.name.removeprefix("videos/"))
        for each in media.list("videos")
        if each.name.endswith("clip.webm")
    )
    assert media.read(video.source) == (tmp_path / "clip.webm").read_bytes()
    settings = media.read(f"videos/{video.key.rpartition('/')[0]}/style.toml").decode()
    assert settings == page.locator("#settings").text_content()
    assert parse_settings(settings.encode(), name="style.toml").strength == 0.5
    dagster.state = "stylizing"
    expect(card.get_by_role("status")).to_have_text("Stylizing: 1 of 3 chunks, 50 s left")
    expect(card.get_by_role("progressbar")).to_have_attribute("value", "1")
    dagster.state = "joining"
    expect(card.get_by_role("status")).to_have_text("Joining the chunks")
    ffmpeg(*moving("320x240", frames=50), *H264, tmp_path / "film.mp4")
    media.upload(tmp_path / "film.mp4", video.film("mp4"))
    media.write(video.contact_sheet, picture("blue", "JPEG"))
    expect(card.get_by_role("status")).to_have_text("Done")
    plays(card, seconds=2.0)
    expect(card.get_by_alt_text("Contact sheet of clip.webm")).to_be_visible()

    # A video that the browser cannot show is uploaded first, and its frame comes from the server.
    ffmpeg(*moving("320x240", frames=5), "-c:v", "ffv1", tmp_path / "raw.mkv")
    earlier = str(before.get_attribute("src"))
    page.locator("#file").set_input_files(tmp_path / "raw.mkv")
    page.get_by_role("button", name="Upload it to see a frame of it").click()
    expect(before).not_to_have_attribute("src", earlier)
    assert brightness(before) > 60
    dagster.state = "reading"
    night.click()
    page.get_by_role("button", name="Make the film").click()
    raw = page.get_by_role("article").filter(has_text="raw.mkv")
    expect(raw.get_by_role("status")).to_have_text("Reading the video: 150 frames")
    assert any(
        each.name.startswith("videos/starry-night/") and each.name.endswith("raw.mkv")
        for each in media.list("videos")
    )

    # By the keyboard to all films, of which one was refused.
    broken = Video("ink/broken.mp4")
    media.write(broken.source, b"this is no video")
    said = report(broken.source, "it has no pictures", at=datetime.now(UTC))
    media.write(report_name(broken.source), said)
    page.get_by_role("tab", name="Styles").focus()
    page.keyboard.press("ArrowRight")
    films = page.get_by_role("list", name="Films").get_by_role("article")
    expect(films).to_have_count(3)
    expect(films.filter(has_text="broken.mp4")).to_contain_text("Not taken: it has no pictures")
    plays(films.filter(has_text="clip.webm"), seconds=2.0)

    page.get_by_role("tab", name="What is it?").click()
    (tmp_path / "red.png").write_bytes(picture("red"))
    page.locator("#shown").set_input_files(tmp_path / "red.png")
    expect(page.locator("#labels li").first).to_contain_text("red")

    page.get_by_role("tab", name="Ask").click()
    page.get_by_label("Question").fill("my debit card is lost")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#matches li").first).to_contain_text("The answer on lost-card.")
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser: apt-get install chromium")
def test_the_page_uploads_straight_to_a_container_and_plays_the_film_from_there(
    published_ops: Store, azure_container: AzureContainer, tmp_path: Path, dagster: FakeDagster
) -> None:
    """Past its policy, and past the account's, which lets in this page alone."""
    media = azure_container.store()
    settings = {
        "SCORING_SERVICE_MEDIA_URL": media.url,
        "SCORING_SERVICE_MEDIA_ENDPOINT": media.endpoint,
        "SCORING_SERVICE_MEDIA_ACCOUNT_KEY": media.account_key,
        "SCORING_SERVICE_DAGSTER_URL": dagster.url,
    }
    clip = tmp_path / "clip.mp4"
    ffmpeg(*moving("160x120", frames=50), *H264, clip)
    with page_of(tmp_path, published_ops, **settings) as (page, address):
        # As in deploy/terraform/storage.tf.
        rule = CorsRule([address], ["PUT"], allowed_headers=["content-type", "x-ms-blob-type"])
        account = BlobServiceClient(azure_container.endpoint, credential=ACCOUNT_KEY)
        account.set_service_properties(cors=[rule])
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(address)
        page.locator("#file").set_input_files(clip)
        page.get_by_role("button", name="starry-night").click()
        page.get_by_role("button", name="Make the film").click()
        card = page.get_by_role("article")
        expect(card.get_by_role("status")).to_have_text("Queued")
        (name,) = (each.name for each in media.list("videos") if each.name.endswith(".mp4"))
        assert media.read(name) == clip.read_bytes()
        video = Video(name.removeprefix("videos/"))
        media.upload(clip, video.film("mp4"))
        media.write(video.contact_sheet, picture("blue", "JPEG"))
        plays(card, seconds=2.0)
        sheet = card.get_by_alt_text("Contact sheet of clip.mp4")
        expect(sheet).to_be_visible()
        assert sheet.evaluate(
            "async (image) => { await image.decode(); return image.naturalWidth; }"
        )
        assert complaints == []
