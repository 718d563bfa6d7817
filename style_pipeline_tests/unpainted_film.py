"""A program: all that a CPU pod does to a video, in the current folder; its film is not painted.

It ends with an error if anything that only painting or training needs was imported by then. Chunks
are encoded here as they were decoded, since it is painting that needs PyTorch.
"""

import sys
from pathlib import Path

import dagster as dg

from style_pipeline.definitions import defs
from style_pipeline.look.look import Look
from style_pipeline.media.encoding import Encoder
from style_pipeline.media.frame_index import read_index
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.segment import Origin, write_segment
from style_pipeline.object_names import Video
from style_pipeline.resources.settings import resources
from style_pipeline.sensors.new_styles import new_styles
from style_pipeline.sensors.new_videos import new_videos
from style_pipeline_tests.clips import AAC, H264, ffmpeg, moving, tone

VIDEO = Video("brushwork/clip.mp4")
HEAVY = {"torch", "torchvision", "openvino", "matplotlib", "pandas"}


def materialize(instance: dg.DagsterInstance, *assets: str) -> None:
    job = defs.resolve_implicit_global_asset_job_def()
    assert job.execute_in_process(
        instance=instance,
        asset_selection=[dg.AssetKey(asset) for asset in assets],
        partition_key=VIDEO.key,
    ).success


def look_around(instance: dg.DagsterInstance) -> None:
    """A tick of each sensor, and what the daemon evaluates."""
    handed = resources()
    for sensor in (new_videos, new_styles):
        with dg.build_sensor_context(
            instance=instance,
            definitions=defs,
            sensor_name=sensor.name,
            resources={name: handed[name] for name in sensor.required_resource_keys},
        ) as context:
            sensor.evaluate_tick(context)
    dg.evaluate_automation_conditions(defs, instance, asset_selection=dg.AssetSelection.all())


def main() -> None:
    source = Path("media", VIDEO.source)
    source.parent.mkdir(parents=True)
    ffmpeg(*moving(), *tone(), *H264, *AAC, source)
    with dg.DagsterInstance.ephemeral(str(Path("home").absolute())) as instance:
        instance.add_dynamic_partitions("videos", [VIDEO.key])
        look_around(instance)
        materialize(instance, "audio", "frames", "look")
        index = read_index(Path("ops", VIDEO.index))
        chosen = Look.from_json(Path("ops", VIDEO.look).read_bytes())
        for slot, chunk in enumerate(index.chunks):
            segment = Path("ops", VIDEO.segment(slot))
            segment.parent.mkdir(exist_ok=True)
            if chunk:
                write_segment(
                    segment,
                    read_range(source, index, chunk),
                    index,
                    chunk,
                    encoder=Encoder(),
                    origin=Origin(index.content_hash, chosen.content_hash),
                )
        materialize(instance, "styled_video")
        assert Path("media", VIDEO.film("mp4")).exists()
    if found := HEAVY & sys.modules.keys():
        sys.exit(f"imported: {', '.join(sorted(found))}")


if __name__ == "__main__":
    main()
