"""How long the studio's small pictures take: `python -m benchmarks.studio`.

All styles of the store, asked one after the other as the page asks them, for a picture of a size
that is new to the service and then for others of that size. Beside the seconds on the clock stand
those of processors, which other programs do not change.
"""

import asyncio
import io
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
from PIL import Image

from pipeline_kit.storage.store import Store
from scoring_service.app import create_app
from scoring_service.settings import ServiceSettings
from style_pipeline.cli.sample_clip import draw

SIZE = 640, 480


def picture(seconds: float) -> bytes:
    drawn = Image.fromarray((255 * draw(seconds)).clip(0, 255).astype(np.uint8))
    buffer = io.BytesIO()
    drawn.resize(SIZE, Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


async def measure(client: httpx.AsyncClient, what: str, data: bytes) -> None:
    taken: list[tuple[float, float]] = []
    for style in (await client.get("/v1/images/styles")).json():
        began, used = time.perf_counter(), time.process_time()
        answer = await client.post(
            "/v1/images/stylize",
            params={"style": style},
            content=data,
            headers={"Content-Type": "image/jpeg"},
        )
        answer.raise_for_status()
        taken.append((time.perf_counter() - began, time.process_time() - used))
    clock, processors = ([each[place] for each in taken] for place in (0, 1))
    print(
        f"| {what} | {len(taken)} | {np.mean(clock):.2f} | {max(clock):.2f} "
        f"| {np.mean(processors):.2f} | {max(processors):.2f} | {os.getloadavg()[0]:.1f} |"
    )


async def main() -> None:
    with TemporaryDirectory() as folder:
        ops = Store(url=Path(folder).as_uri())
        app, _ = create_app(ServiceSettings(faq="none", device="cpu", requests_per_second=0), ops)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            print(f"{SIZE[0]}x{SIZE[1]}, {os.cpu_count()} cores")
            print("| | styles | s, mean | s, most | CPU s, mean | CPU s, most | load |")
            print("|---|---|---|---|---|---|---|")
            await measure(client, "of a new size", picture(0.0))
            for number in (1, 2, 3):
                await measure(client, f"of that size, {number}", picture(float(number)))


if __name__ == "__main__":
    asyncio.run(main())
