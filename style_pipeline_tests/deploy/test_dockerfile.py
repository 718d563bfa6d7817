import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
STAGES = dict(
    re.findall(
        r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)",
        (ROOT / "deploy" / "Dockerfile").read_text(),
        re.M | re.S,
    )
)


@pytest.mark.parametrize("image", ["cpu", "gpu", "sensors", "service"])
def test_an_image_runs_as_a_user_with_a_number_that_is_not_root(image: str) -> None:
    # Kubernetes can tell that a user is not root by its number alone.
    assert re.findall(r"^USER (\d+):\d+$", STAGES[image], re.M) == ["10001"]


@pytest.mark.parametrize("image", ["base", "cpu", "gpu", "sensors", "service"])
def test_nothing_is_built_where_it_runs(image: str) -> None:
    assert not re.search(r"\b(apt-get|pip install|gcc|build-essential)\b", STAGES[image])


def installed_by(stage: str) -> set[str]:
    """What a stage writes into requirements.txt."""
    program = re.search(r'python -c "(.*?)" > requirements.txt', STAGES[stage], re.S)
    assert program
    text = program[1].replace("\\\n", "")
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {canonicalize_name(Requirement(line).name) for line in done.stdout.splitlines()}


def test_the_cpu_image_has_no_torch_and_the_gpu_image_has() -> None:
    both = installed_by("build")
    assert {"dagster", "av", "openvino", "dagster-k8s"} <= both
    assert not {"torch", "torchvision"} & both
    runs = re.findall(r"^RUN (.*?)(?<!\\)$", STAGES["build"] + STAGES["build-cpu"], re.M | re.S)
    assert len(runs) >= 2
    installs = [run for run in runs if "pip install" in run]
    assert not any(re.search(r"pip install [^&]*torch", run) for run in installs)
    assert re.search(r"^RUN pip install torch torchvision$", STAGES["build-gpu"], re.M)
    for image in ("cpu", "gpu"):
        assert f"COPY --from=build-{image} /venv /venv" in STAGES[image]


def test_the_image_of_sensors_has_what_they_need_and_no_codecs_or_networks() -> None:
    needed = installed_by("build-sensors")
    assert {"dagster", "dagster-k8s", "polars", "scikit-learn", "fastavro"} <= needed
    assert not {"torch", "torchvision", "openvino", "av", "imageio-ffmpeg"} & needed
    assert "COPY --from=build-sensors /venv /venv" in STAGES["sensors"]


def test_the_image_of_the_service_has_what_computes_and_no_dagster() -> None:
    needed = installed_by("build-service")
    assert {"fastapi", "fastapi-offline", "uvicorn", "openvino", "torch", "av", "scipy"} <= needed
    assert not {"dagster", "dagster-webserver", "imageio-ffmpeg"} & needed
    assert "COPY --from=build-service /venv /venv" in STAGES["service"]


def test_only_what_is_built_is_sent_to_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    sent = [line[1:] for line in lines if line.startswith("!")]
    assert "*" in lines
    assert all((ROOT / name).exists() for name in sent)
    assert not {".env", "media", "ops", ".git"} & set(sent)


def test_everything_that_is_installed_in_an_image_has_its_version_written_down() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = {
        canonicalize_name(line.split("==")[0])
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    extras = project["optional-dependencies"]
    todo = [
        *project["dependencies"],
        *extras["kubernetes"],
        *extras["telemetry"],
        *extras["sensors"],
        *extras["service"],
        *extras["classifiers"],
    ]
    seen: set[tuple[str, str]] = set()
    while todo:
        requirement = Requirement(todo.pop())
        extras = ["", *sorted(requirement.extras)]
        if (key := (canonicalize_name(requirement.name), str(extras))) in seen:
            continue
        seen.add(key)
        todo += [
            needed
            for needed in requires(requirement.name) or []
            if (marker := Requirement(needed).marker) is None
            or any(marker.evaluate({"extra": extra}) for extra in extras)
        ]
    assert {name for name, _ in seen} - pinned == set()
