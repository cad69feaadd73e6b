"""Python versions, the life of a name across them, and the range a project supports.

Versions are Python 3's: a minor number and, where it matters, a patch number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple, Self

_PATTERN = re.compile(r"3\.(\d{1,2})(?:\.(\d{1,2}))?")


class Version(NamedTuple):
    """A release of Python 3: `Version(13)` is 3.13.0, `Version(13, 3)` is 3.13.3."""

    minor: int
    micro: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `3.13` or `3.13.3`; anything else is a ValueError."""
        match = _PATTERN.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a version like 3.13 or 3.13.3")
        return cls(int(match[1]), int(match[2] or 0))

    @property
    def feature(self) -> Version:
        """The release without its patch number."""
        return Version(self.minor)

    def __str__(self) -> str:
        return f"3.{self.minor}.{self.micro}" if self.micro else f"3.{self.minor}"


OLDEST = Version(9)
NEWEST = Version(15)


@dataclass(frozen=True)
class Target:
    """The versions of Python that a file has to work on.

    `newest` is None when nothing bounds the range; `source` says who decided.
    """

    oldest: Version
    newest: Version | None
    source: str

    @property
    def last(self) -> Version:
        """The newest documented version in the range."""
        return min(self.newest.feature, NEWEST) if self.newest else NEWEST

    def includes(self, version: Version) -> bool:
        """Say whether some supported release is `version` or its line."""
        return self.oldest.feature <= version.feature <= self.last

    def __str__(self) -> str:
        if self.newest is None:
            return f"{self.oldest}+"
        if self.newest.feature == self.oldest.feature:
            return str(self.oldest)
        return f"{self.oldest} to {self.newest}"


def exactly(version: Version, source: str) -> Target:
    """Make the target of one release."""
    return Target(version, version, source)


@dataclass(frozen=True)
class Lifetime:
    """When a name, a parameter or a behaviour came and went; None is "before 3.9" and "never".

    `removed` is the first version without it.
    """

    since: Version | None = None
    deprecated: Version | None = None
    removed: Version | None = None

    def exists_in(self, version: Version) -> bool:
        """Say whether some release of the line of `version` has it."""
        if self.since is not None and self.since.feature > version.feature:
            return False
        return self.removed is None or self.removed.feature > version.feature

    def overlaps(self, target: Target) -> bool:
        """Say whether it exists in at least one version of the target."""
        if self.since is not None and self.since.feature > target.last:
            return False
        return self.removed is None or self.removed > target.oldest

    def covers(self, target: Target) -> bool:
        """Say whether it exists in every version of the target."""
        return self.missing_before(target) is None and self.missing_from(target) is None

    def missing_before(self, target: Target) -> Version | None:
        """The version it came with, when the target has older ones."""
        return self.since if self.since is not None and self.since > target.oldest else None

    def missing_from(self, target: Target) -> Version | None:
        """The version it went away with, when the target reaches it."""
        return self.removed if self.removed is not None and self.removed.feature <= target.last else None

    def deprecated_in(self, target: Target) -> Version | None:
        """The version it is deprecated from, when the target reaches it."""
        return self.deprecated if self.deprecated is not None and self.deprecated.feature <= target.last else None
