"""The studio's page, and signing in to it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from pipeline_kit.storage.store import Store
from scoring_service.access import hash_of
from scoring_service.routes.studio import FOLDER
from scoring_service_tests.serving import Asked, picture
from scoring_service_tests.test_process import ready, running
from style_pipeline_tests.clips import ffmpeg, moving

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def test_the_page_may_load_from_its_own_server_alone(asked: Asked) -> None:
    assert asked.get("/").headers["location"] == "/studio/"
    for path in ("/studio/", "/studio/studio.js", "/studio/studio.css"):
        answer = asked.get(path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
    for path in ("/studio/../access.py", "/studio/%2e%2e/access.py", "/studio/other.js"):
        assert asked.get(path).status_code == 404


def test_nothing_in_the_page_is_inline_or_from_elsewhere() -> None:
    html = (FOLDER / "index.html").read_text()
    assert not re.search(r"<style|style=|\son\w+=|https?:", html)
    assert re.findall(r"<script[^>]*>(.*?)</script>", html) == [""]
    assert "innerHTML" not in (FOLDER / "studio.js").read_text()


def test_everything_that_can_be_set_has_a_label() -> None:
    html = (FOLDER / "index.html").read_text()
    for field in re.findall(r"<input[^>]*>", html):
        before = html[: html.index(field)]
        labelled = before.count("<label") > before.count("</label")
        assert labelled or "aria-label" in field, field
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", html))


def test_a_key_becomes_a_cookie_that_no_script_reads(published_ops: Store) -> None:
    asked = Asked(published_ops, keys=f"shop:{hash_of('s3cret')}").ready()
    assert asked.post("/session").status_code == 401
    answer = asked.post("/session", headers={"Authorization": "Bearer s3cret"})
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Secure"):
        assert part in cookie
    headers = {"Cookie": cookie.partition(";")[0]}
    body = {"question": "lost card"}
    assert asked.post("/v1/faq/match", json=body, headers=headers).status_code == 200


@pytest.fixture
def page(published_ops: Store, network: Path, tmp_path: Path) -> Iterator[Page]:
    """In a browser of a phone's size."""
    settings = {
        "SCORING_SERVICE_OPS_URL": published_ops.url,
        "SCORING_SERVICE_STYLIZE": "true",
        "SCORING_SERVICE_DEVICE": "cpu",
        "SCORING_SERVICE_CLASSIFIERS": f"colors={network}",
    }
    with running(tmp_path, **settings) as (_, address), sync_playwright() as playwright:
        ready(address)
        # Root, as in a container, has no sandbox.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        page.goto(address)
        yield page
        browser.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser: apt-get install chromium")
def test_a_person_tries_styles_classifies_a_picture_and_asks(page: Page, tmp_path: Path) -> None:
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
    page.locator("#file").set_input_files(tmp_path / "clip.webm")
    expect(page.get_by_alt_text("This picture as woman-with-a-hat")).to_be_visible()
    first = page.locator("#before").get_attribute("src")
    page.get_by_label("Second of the video").fill("1.2")
    expect(page.locator("#before")).not_to_have_attribute("src", str(first))
    expect(page.get_by_alt_text("This picture as woman-with-a-hat")).to_be_visible()

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
