import urllib.request
from urllib.parse import urlsplit

import pytest

from pipeline_kit_tests.azurite import ACCOUNT_KEY, AzureContainer
from style_pipeline_tests.cli.shell import refusal, run


@pytest.fixture(autouse=True)
def container(
    azure_container: AzureContainer, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> AzureContainer:
    for name, value in (
        ("MEDIA_URL", azure_container.url),
        ("MEDIA_ENDPOINT", azure_container.endpoint),
        ("MEDIA_ACCOUNT_KEY", ACCOUNT_KEY),
        ("OPS_URL", f"file://{tmp_path}"),
    ):
        monkeypatch.setenv(f"STYLE_PIPELINE_{name}", value)
    return azure_container


def test_a_link_is_all_that_is_printed_and_uploads_the_file(container: AzureContainer) -> None:
    answer = run("sas", "ink/holiday.mp4", "--hours", "1")
    link = answer.out.removesuffix("\n")
    assert (answer.code, answer.err) == (0, "")
    assert urlsplit(link).path.endswith("/videos/ink/holiday.mp4")
    headers = {"x-ms-blob-type": "BlockBlob"}
    request = urllib.request.Request(link, b"film", headers, method="PUT")
    with urllib.request.urlopen(request) as response:
        assert response.status == 201
    assert container.store().read("videos/ink/holiday.mp4") == b"film"


def test_a_link_to_a_file_that_would_not_be_taken_is_refused() -> None:
    assert refusal("sas", "cubism/holiday.mp4").startswith(
        "videos/cubism/holiday.mp4: there is no style 'cubism': "
    )
    assert refusal("sas", "ink/notes.txt").startswith("videos/ink/notes.txt: .txt is no kind of ")
    assert refusal("sas", "cubism").startswith("videos/cubism: there is no style 'cubism': ")


def test_what_the_account_cannot_sign_ends_in_one_line() -> None:
    assert "no hierarchical namespace" in refusal("sas", "ink", code=1)
    assert "up to 168 hours" in refusal("sas", "ink/holiday.mp4", "--hours", "900", code=1)
