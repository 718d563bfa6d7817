"""A service without a socket, and what it is asked."""

import asyncio
import io
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from faq_pipeline.library import published
from faq_pipeline.matching.matcher import Matcher
from faq_pipeline.matching.matcher_file import save_matcher
from faq_pipeline_tests.questions import fitted_to_faqs
from pipeline_kit.storage.store import Store
from scoring_service.app import create_app
from scoring_service.settings import ServiceSettings

T = TypeVar("T")
FAQ = "bank.csv"
COLORS = ("red", "green", "blue")


def publish(
    ops: Store, folder: Path, matcher: Matcher | None = None, *, probes: Sequence[str] | None = None
) -> str:
    """Make a matcher the published one, as the pipeline does it; its digest."""
    chosen = matcher or fitted_to_faqs().matcher
    if probes is None:
        probes = [entry.question for entry in chosen.entries]
    save_matcher(folder / "matcher", chosen, probes=probes, about={})
    return published(ops).publish(FAQ, folder / "matcher")


class Asked:
    """An application that is asked in an event loop of its own."""

    def __init__(
        self,
        ops: Store,
        *,
        media: Store | None = None,
        base_url: str = "http://test",
        **settings: Any,
    ) -> None:
        self.settings = ServiceSettings(**{"faq": FAQ, "stylize": False, **settings})
        self.app, self.service = create_app(self.settings, ops, media)
        self.base_url = base_url

    def ready(self) -> "Asked":
        """With all that it loads."""
        self.service.poll()
        self.service.classifiers.open()
        return self

    def run(self, work: Callable[[httpx.AsyncClient], Coroutine[Any, Any, T]]) -> T:
        async def run() -> T:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
                return await work(client)

        return asyncio.run(run())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.run(lambda client: client.get(path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.run(lambda client: client.post(path, **options))

    def put(self, path: str, **options: Any) -> httpx.Response:
        return self.run(lambda client: client.put(path, **options))

    def match(self, question: str, **options: Any) -> httpx.Response:
        return self.post("/v1/faq/match", json={"question": question, **options})


def picture(color: str, kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, kind)
    return buffer.getvalue()


def color_network(path: Path, *, gain: float = 1.0) -> Path:
    """An ONNX classifier that says which color a picture of 8x8 pixels has."""
    mean = np.array([0.485, 0.456, 0.406], np.float32).reshape(1, 3, 1, 1)
    nodes = [
        helper.make_node("Add", ["picture", "mean"], ["plain"]),
        helper.make_node("GlobalAveragePool", ["plain"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Mul", ["flat", "gain"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes,
        "colors",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3])],
        [
            numpy_helper.from_array(mean, "mean"),
            numpy_helper.from_array(np.array(gain, np.float32), "gain"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    path.with_name(f"{path.name}.json").write_text('{"labels": ["red", "green", "blue"]}')
    return path
