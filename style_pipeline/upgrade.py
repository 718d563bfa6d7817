"""Settings of earlier versions that have become others, and what to write for them now."""

import json
import os
from collections.abc import Mapping
from typing import Any

from pipeline_kit.settings import BadSetting

# Of STYLE_PIPELINE_<kind>_POD_<name>, until 0.1.
_PLAIN = {
    "CPUS": "cpus",
    "MEMORY": "memory",
    "SCRATCH": "scratch",
    "IMAGE": "image",
    "SERVICE_ACCOUNT": "service_account",
}
_OLD = {*_PLAIN, "GPUS", "NODES", "TOLERATIONS"}


def check_no_old_names(prefix: str, environ: Mapping[str, str] = os.environ) -> None:
    """Raises `BadSetting` that says what to set in place of the fifteen settings of pods."""
    for kind in ("CPU", "GPU"):
        start = f"{prefix}{kind}_POD_"
        old = {
            name.removeprefix(start): value
            for name, value in environ.items()
            if value and name.startswith(start) and name.removeprefix(start) in _OLD
        }
        if value := _pod(old):
            names = ", ".join(f"{start}{name}" for name in sorted(old))
            raise BadSetting(
                f"{names}: set {start.removesuffix('_')}={json.dumps(value)!r} instead, and unset "
                "the old names"
            )


def _pod(old: Mapping[str, str]) -> dict[str, Any]:
    """The value of a kind of pod that says the same."""
    new: dict[str, Any] = {_PLAIN[name]: value for name, value in old.items() if name in _PLAIN}
    if "GPUS" in old:
        new["gpus"] = int(old["GPUS"]) if old["GPUS"].isdecimal() else old["GPUS"]
    if nodes := old.get("NODES"):
        new["node_selector"] = dict(entry.partition("=")[::2] for entry in _entries(nodes))
    if taints := old.get("TOLERATIONS"):
        new["tolerations"] = [_toleration(entry) for entry in _entries(taints)]
    return new


def _entries(value: str) -> list[str]:
    return [] if value == "none" else [entry.strip() for entry in value.split(",")]


def _toleration(entry: str) -> dict[str, str]:
    """`key`, `key=value`, either with `:effect`."""
    taint, _, effect = entry.partition(":")
    key, equals, value = taint.partition("=")
    found = {"key": key, **({"operator": "Equal", "value": value} if equals else {})}
    return {**found, **({"effect": effect} if effect else {})}
