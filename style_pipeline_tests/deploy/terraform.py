"""What deploy/terraform says, as its text."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
from hcl2 import SerializationOptions

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted((DEPLOY / "terraform").glob("*.tf"))
TEXT = "\n".join(file.read_text() for file in FILES)
_PLAIN = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)


def blocks(kind: str) -> list[dict[str, Any]]:
    """All blocks of a kind, such as `variable`, as {label: body}."""
    return [block for body in _bodies() for block in body.get(kind, [])]


@cache
def _bodies() -> list[dict[str, Any]]:
    return [hcl2.loads(file.read_text(), serialization_options=_PLAIN) for file in FILES]


def resources(kind: str = "") -> dict[str, dict[str, Any]]:
    """Resources by address, such as `azurerm_subnet.nodes`; of one kind, or all."""
    return {
        f"{resource_kind}.{name}": body
        for block in blocks("resource")
        for resource_kind, named in block.items()
        for name, body in named.items()
        if resource_kind == kind or not kind
    }


def local_values() -> dict[str, Any]:
    """All `locals`, with references to one another put in where they are plain strings."""
    found = {name: value for block in blocks("locals") for name, value in block.items()}

    def resolved(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: resolved(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [resolved(inner) for inner in value]
        if isinstance(value, str) and (match := re.fullmatch(r"\$\{local\.(\w+)\}", value)):
            return found[match[1]]
        return value

    return {name: resolved(value) for name, value in found.items()}
