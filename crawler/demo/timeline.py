"""What a site has published after a time, and what happens to it later.

Times are seconds of the demo: real seconds since the start times `speed`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.demo.story import Story

_INTERVAL = 120.0
_AGE_STEP = 47 * 60.0
_CORRECTED_AT = 180.0
_RETITLED_AT = 300.0
_GONE_AT = 420.0
_HIDDEN = (240.0, 480.0)
_CORRECTED, _RETITLED, _GONE, _HIDES = range(4)


class Presence(StrEnum):
    """Whether an article can be read now."""

    LIVE = "live"
    MISSING = "missing"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an article's page holds now.

    Attributes:
        path: Its path on the site.
        number: 1 as first published; one more for each change of its words.
        presence: `MISSING` answers 404 and will be back, `GONE` answers 410.
        modified: When its words were last changed.
    """

    story: Story
    path: str
    number: int
    presence: Presence
    title: str
    paragraphs: tuple[str, ...]
    published: datetime
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """When a site's articles appear.

    Attributes:
        started_at: The real time of demo second 0.
        speed: Demo seconds in a real second.
        initial: How many articles are there from the start.
        phase: The demo second of the first new one; one more every 120.
    """

    started_at: datetime
    speed: float
    initial: int
    phase: float

    def published(self, second: float) -> int:
        """Return how many articles have appeared by then."""
        if second < self.phase:
            return self.initial
        return self.initial + 1 + int((second - self.phase) // _INTERVAL)

    def published_at(self, index: int) -> datetime:
        """Return when an article appeared, or will."""
        return self._real(self._appears(index))

    def revision(self, story: Story, path: str, second: float) -> Revision:
        """Return what has become of an article that has appeared."""
        changes = [at for at in self._changes(story.index) if at <= second]
        corrected = story.index != _RETITLED and bool(changes)
        retitled = story.index == _RETITLED and bool(changes)
        first, rest = story.paragraphs[:2], story.paragraphs[3:]
        appeared = self._appears(story.index)
        return Revision(
            story=story,
            path=path,
            number=1 + len(changes),
            presence=_presence(story.index, second),
            title=story.new_title if retitled else story.title,
            paragraphs=(*first, story.correction, *rest)
            if corrected
            else story.paragraphs,
            published=self.published_at(story.index),
            modified=self._real(max([appeared, *changes])),
        )

    def _appears(self, index: int) -> float:
        if index < self.initial:
            return (index - self.initial) * _AGE_STEP
        return self.phase + (index - self.initial) * _INTERVAL

    def _changes(self, index: int) -> list[float]:
        """Return when an article's words change; every third new one is corrected."""
        if index in (_CORRECTED, _RETITLED):
            return [_CORRECTED_AT if index == _CORRECTED else _RETITLED_AT]
        late = index >= self.initial and index % 3 == 1
        return [self._appears(index) + _CORRECTED_AT] if late else []

    def _real(self, second: float) -> datetime:
        """Return the real time of a demo second; the past is not scaled."""
        scale = self.speed if second > 0 else 1.0
        return self.started_at + timedelta(seconds=second / scale)


def _presence(index: int, second: float) -> Presence:
    if index == _GONE and second >= _GONE_AT:
        return Presence.GONE
    if index == _HIDES and _HIDDEN[0] <= second < _HIDDEN[1]:
        return Presence.MISSING
    return Presence.LIVE
