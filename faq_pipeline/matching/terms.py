"""Questions as sparse rows: words, pairs of words and parts of words, weighted by their rarity."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from math import log

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

Array = npt.NDArray[np.float32]

PARTS = (2, 3, 4, 5)
"""Characters of the parts of a word, which has a blank at either end."""
_WORD = re.compile(r"\w+")
_REMEMBERED = 20_000
"""Words whose parts are kept at hand."""
_LONGEST_WORD = 40
_DAMPED = (1 + np.log(np.maximum(1, np.arange(10_000)))).astype(np.float32)
"""By how often a term is in a question. A table, as the logarithms of many numbers differ in their
last digits from those of one."""
_PAIRED = 24
"""Words of a question, from its beginning, that are taken in pairs."""


def words(text: str) -> list[str]:
    """The words of a question, without case, apostrophes and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("\u2019", "")
    return _WORD.findall(plain)


def _word_terms(found: Sequence[str]) -> Iterator[str]:
    """Words, neighbors, and words that are together in the question, wherever: by these a linear
    model sees what a polynomial kernel would."""
    yield from found
    for pair in pairwise(found):
        yield " ".join(pair)
    for pair in combinations(sorted(set(found[:_PAIRED])), 2):
        yield "+".join(pair)


def _parts(word: str) -> Iterator[str]:
    padded = f" {word[:_LONGEST_WORD]} "
    for size in PARTS:
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


class Terms:
    """The terms that a model knows, in two blocks: words and their pairs, then parts of words.

    Args:
        names: of all terms, the words' first.
        split: how many of them are of words.
        rarity: float32, a weight for each term.
    """

    def __init__(self, names: Sequence[str], split: int, rarity: Array) -> None:
        self.names, self.split, self.rarity = tuple(names), split, rarity
        self._words = {name: place for place, name in enumerate(names[:split])}
        self._parts = {name: split + place for place, name in enumerate(names[split:])}
        self._known_parts: dict[str, list[int]] = {}

    @classmethod
    def of(cls, texts: Iterable[str], *, least: int = 2) -> "Terms":
        """Those in at least so many of the texts."""
        blocks: tuple[Counter[str], Counter[str]] = Counter(), Counter()
        count = 0
        for count, text in enumerate(texts, 1):  # noqa: B007
            found = words(text)
            blocks[0].update(set(_word_terms(found)))
            blocks[1].update({part for word in found for part in _parts(word)})
        kept = [sorted(name for name, n in block.items() if n >= least) for block in blocks]
        rarity = [
            1 + log((1 + count) / (1 + block[name]))
            for block, names in zip(blocks, kept, strict=True)
            for name in names
        ]
        return cls([*kept[0], *kept[1]], len(kept[0]), np.array(rarity, np.float32))

    def rows(self, texts: Sequence[str]) -> tuple[csr_matrix, Array]:
        """A row for each text, each block of it of length 1, and the share of words not known."""
        places: list[int] = []
        counts: list[int] = []
        ends, unknown = [0], []
        for text in texts:
            found = words(text)
            terms = Counter(self._places(found))
            places.extend(terms)
            counts.extend(terms.values())
            ends.append(len(places))
            unknown.append(sum(word not in self._words for word in found) / max(1, len(found)))
        columns = np.array(places, np.int32)
        values = (
            _DAMPED[np.minimum(np.array(counts, np.int64), len(_DAMPED) - 1)] * self.rarity[columns]
        )
        owner = np.repeat(np.arange(len(texts)), np.diff(ends)) * 2 + (columns >= self.split)
        lengths = np.sqrt(np.bincount(owner, values * values, 2 * len(texts)))
        values /= np.maximum(lengths, 1e-9)[owner].astype(np.float32)
        shape = (len(texts), len(self.names))
        rows = csr_matrix((values, columns, np.array(ends, np.int32)), shape=shape)
        return rows, np.array(unknown, np.float32)

    def _places(self, found: Sequence[str]) -> list[int]:
        known = self._words
        places = [known[term] for term in _word_terms(found) if term in known]
        for word in found:
            places += self._places_of_parts(word)
        return places

    def _places_of_parts(self, word: str) -> list[int]:
        if (places := self._known_parts.get(word)) is None:
            places = [self._parts[part] for part in _parts(word) if part in self._parts]
            if len(self._known_parts) < _REMEMBERED:
                self._known_parts[word] = places
        return places
