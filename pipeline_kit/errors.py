"""What kinds of failure there are: whoever raises knows the kind, and nobody else has to."""

from typing import ClassVar


class PermanentError(Exception):
    """The same work would fail again in the same way: somebody has to change something first."""

    remedy: ClassVar[str] = ""
    """What that somebody can do, where it is the same for every error of the class."""

    def advice(self) -> str:
        """What is wrong and what to do, in one line."""
        return f"{self}: {self.remedy}" if self.remedy else str(self)


class UnusableInput(PermanentError):
    """The fault is the input's: who gave it has to give another."""


class TransientError(Exception):
    """The same work may succeed in a moment, as where storage does not answer."""


class SupersededError(Exception):
    """The work is for a version of its input that was replaced: the new version has its own."""

    speaks: ClassVar[bool] = False
    """Whether its message is for people, where it is not an upload that was replaced."""
