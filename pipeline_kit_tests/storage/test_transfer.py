import multiprocessing
import resource
import signal
import time
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError

from pipeline_kit.storage.objects import ObjectNotFound
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import AzureContainer
from pipeline_kit_tests.storage.stored import MEBIBYTE


def peak_memory() -> int:
    """Bytes. Not getrusage's where /proc is: it starts from what the parent process had."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def transfer(store: Store, path: Path, *, upload: bool) -> int:
    """Peak memory, in bytes, that the transfer of a film added to this process."""
    store.write("first", b"everything is loaded now")
    before = peak_memory()
    if upload:
        store.upload(path, "film")
    else:
        store.download("film", path)
    return peak_memory() - before


@pytest.mark.parametrize("store", ["folder", "azure"], indirect=True)
@pytest.mark.parametrize("upload", [True, False])
def test_a_large_film_passes_through_little_memory(
    store: Store, upload: bool, tmp_path: Path
) -> None:
    film = tmp_path / "film"
    with film.open("wb") as file:
        file.truncate(200 * MEBIBYTE)
    if not upload:
        store.upload(film, "film")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        used = pool.apply(transfer, (store, film), {"upload": upload})
    assert used < 64 * MEBIBYTE


def upload(store: Store, source: Path) -> None:
    store.upload(source, "videos/film")


@pytest.mark.parametrize("store", ["folder", "azure"], indirect=True)
def test_a_killed_upload_leaves_nothing_to_be_seen_and_can_be_repeated(
    store: Store, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    film = tmp_path / "film"
    with film.open("wb") as file:
        file.truncate(600 * MEBIBYTE)

    def has_begun() -> bool:
        if store.url.startswith("file:"):
            return any((tmp_path / "store").rglob("film#*"))
        container: AzureContainer = request.getfixturevalue("azure_container")
        with container.client as client:
            try:
                _, blocks = client.get_blob_client("videos/film").get_block_list("uncommitted")
            except ResourceNotFoundError:
                return False
        return bool(blocks)

    writer = multiprocessing.get_context("spawn").Process(target=upload, args=(store, film))
    writer.start()
    while not has_begun():
        assert writer.exitcode is None
        time.sleep(0.001)
    writer.kill()
    writer.join()
    assert writer.exitcode == -signal.SIGKILL
    assert store.list() == []
    with pytest.raises(ObjectNotFound):
        store.head("videos/film")
    with film.open("wb") as file:
        file.truncate(9 * MEBIBYTE)
    stored = store.upload(film, "videos/film")
    assert store.list("videos") == [stored]
