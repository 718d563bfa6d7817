"""A TensorFlow SavedModel without TensorFlow: its protocol buffers, written by hand."""

import struct
from pathlib import Path

FLOAT, INT32 = 1, 3


def _varint(value: int) -> bytes:
    value %= 1 << 64
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _field(number: int, value: bytes | str | int) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _shape(*sizes: int) -> bytes:
    return b"".join(_field(2, _field(1, size)) for size in sizes)


def _node(name: str, op: str, *inputs: str, **attributes: bytes) -> bytes:
    named = [_field(5, _field(1, key) + _field(2, value)) for key, value in attributes.items()]
    asked = [_field(3, each) for each in inputs]
    return _field(1, b"".join([_field(1, name), _field(2, op), *asked, *named]))


def _signature(number: int, key: str, tensor: str, *sizes: int) -> bytes:
    about = _field(1, tensor) + _field(2, FLOAT) + _field(3, _shape(*sizes))
    return _field(number, _field(1, key) + _field(2, about))


def color_model(folder: Path) -> Path:
    """It takes (N, 8, 8, 3) and gives the mean of each channel."""
    floats, ints = _field(6, FLOAT), _field(6, INT32)
    axes = _field(1, INT32) + _field(2, _shape(2)) + _field(4, struct.pack("<2i", 1, 2))
    graph = b"".join(
        [
            _node("x", "Placeholder", dtype=floats, shape=_field(7, _shape(-1, 8, 8, 3))),
            _node("axes", "Const", dtype=ints, value=_field(8, axes)),
            _node("mean", "Mean", "x", "axes", T=floats, Tidx=ints, keep_dims=_field(5, 0)),
        ]
    )
    signature = (
        _signature(1, "picture", "x:0", -1, 8, 8, 3)
        + _signature(2, "scores", "mean:0", -1, 3)
        + _field(3, "tensorflow/serving/predict")
    )
    meta = (
        _field(1, _field(4, "serve"))
        + _field(2, graph)
        + _field(5, _field(1, "serving_default") + _field(2, signature))
    )
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(_field(1, 1) + _field(2, meta))
    return folder
