"""The file of a matcher: arrays and names, never code."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from faq_pipeline.matching.matcher import SCOPE, Entry, Matcher
from faq_pipeline.matching.terms import Terms
from pipeline_kit.errors import UnusableInput

FORMAT: Final = "faq-matcher-1"


class BadMatcher(UnusableInput):
    """A file holds no matcher, or not as it should."""

    remedy = "publish the model again"


def save_matcher(
    path: Path, matcher: Matcher, *, probes: Sequence[str] = (), about: Mapping[str, Any]
) -> None:
    """Write it, its answers to some questions, by which it is tested where it is loaded, and what
    else is to be known of it. The same matcher is the same bytes.
    """
    names = "\n".join(matcher.terms.names).encode()
    arrays: dict[str, Any] = {
        "weights": matcher.weights,
        "bias": matcher.bias,
        "rarity": matcher.terms.rarity,
        "scope": matcher.scope,
        "sharpness": np.array([matcher.sharpness]),
        "names": np.frombuffer(names, np.uint8),
        "split": np.array([matcher.terms.split]),
    }
    entries = [[each.id, each.question, each.answer] for each in matcher.entries]
    told = {"format": FORMAT, "entries": entries, "probes": _answers(matcher, probes)}
    # One value, as safetensors writes several in any order.
    save_file(arrays, path, metadata={"about": json.dumps({**told, **about}, sort_keys=True)})


def about_matcher(path: Path) -> dict[str, Any]:
    """What else is to be known of it. Raises `BadMatcher`."""
    try:
        with safe_open(path, framework="numpy") as file:
            about: dict[str, Any] = json.loads((file.metadata() or {}).get("about", "{}"))
    except (SafetensorError, OSError, ValueError) as error:
        raise BadMatcher(f"{path.name} is no safetensors file ({error})") from None
    if about.get("format") != FORMAT:
        raise BadMatcher(f"{path.name} has the format {about.get('format')!r}, not {FORMAT!r}")
    return about


def load_matcher(path: Path) -> Matcher:
    """The matcher of a file. Raises `BadMatcher`."""
    about = about_matcher(path)
    with safe_open(path, framework="numpy") as file:
        arrays = {name: np.asarray(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    try:
        entries = tuple(Entry(*map(str, each)) for each in about["entries"])
        names = arrays["names"].tobytes().decode().split("\n")
        _check(arrays, len(names), len(entries))
        return Matcher(
            entries=entries,
            terms=Terms(names, int(arrays["split"][0]), arrays["rarity"]),
            weights=arrays["weights"],
            bias=arrays["bias"],
            sharpness=float(arrays["sharpness"][0]),
            scope=arrays["scope"],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise BadMatcher(f"{path.name} holds no matcher ({error!r})") from None


def answers_as_when_saved(path: Path, matcher: Matcher) -> bool:
    """Whether a matcher that was loaded from the file gives the answers that it had when saved.

    A file that remembers no answers shows nothing: False. Another processor may round
    probabilities otherwise, in their last digits.
    """
    saved = about_matcher(path)["probes"]
    again = _answers(matcher, [question for question, *_ in saved])
    return bool(saved) and all(
        names == found and np.allclose(chances, others, atol=1e-6, rtol=0)
        for (_, names, chances), (_, found, others) in zip(saved, again, strict=True)
    )


def _answers(
    matcher: Matcher, questions: Sequence[str]
) -> list[tuple[str, list[str], list[float]]]:
    """Each question, the ids of its best matches, and their probabilities."""
    return [
        (
            question,
            [match.entry.id for match in answer.matches],
            [match.probability for match in answer.matches],
        )
        for question, answer in zip(questions, matcher.answer(questions), strict=True)
    ]


def _check(arrays: dict[str, Any], terms: int, entries: int) -> None:
    shapes = {
        "weights": (np.float32, (terms, entries)),
        "bias": (np.float32, (entries,)),
        "rarity": (np.float32, (terms,)),
        "scope": (np.float64, (SCOPE + 1,)),
        "sharpness": (np.float64, (1,)),
        "split": (np.int64, (1,)),
    }
    for name, (kind, shape) in shapes.items():
        if arrays[name].dtype != kind or arrays[name].shape != shape:
            raise ValueError(f"{name} should be {kind.__name__} of shape {shape}")
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} holds what is no number")
    if not 0 <= arrays["split"][0] <= terms:
        raise ValueError("split is not within the terms")
