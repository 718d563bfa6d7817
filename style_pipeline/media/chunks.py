"""How a video's frames are shared out."""


def plan_chunks(frame_count: int, *, max_chunks: int, min_frames: int) -> list[range]:
    """Split frames 0..frame_count evenly into one range for each of `max_chunks` slots.

    No range that is used is shorter than `min_frames` (unless the video is), as a worker costs
    seconds before its first frame; slots beyond what the video needs get an empty range. Every
    frame belongs to exactly one range, and ranges differ by at most one frame in length.
    """
    if frame_count < 1 or max_chunks < 1 or min_frames < 1:
        raise ValueError(f"{frame_count = }, {max_chunks = } and {min_frames = } must all be > 0")
    used = max(1, min(max_chunks, frame_count // min_frames))
    bounds = [frame_count * slot // used for slot in range(used + 1)]
    empty = range(frame_count, frame_count)
    return [*map(range, bounds, bounds[1:])] + [empty] * (max_chunks - used)
