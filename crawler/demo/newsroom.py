"""A site as it stands at a demo second: paths -> pages."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, unquote

from crawler.demo.material import Material, material
from crawler.demo.render import render
from crawler.demo.spec import Spec
from crawler.demo.story import Story, write_story
from crawler.demo.timeline import Presence, Revision, Timeline

_LISTED = 60
_UTF8 = "text/html; charset=utf-8"
_SAFE = "/,:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response before it is framed.

    `modified` is None where the page says something else every time.
    """

    status: int
    content_type: str
    body: bytes
    modified: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, kw_only=True)
class Newsroom:
    """One site: what it has published, and how often each page was asked for."""

    spec: Spec
    timeline: Timeline
    base: str = ""
    words: Material = field(init=False)
    _stories: list[Story] = field(init=False, default_factory=list)
    _paths: dict[str, int] = field(init=False, default_factory=dict)
    _views: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        """Take the words of the site's language."""
        self.words = material(self.spec.language)

    def revision(self, path: str, second: float) -> Revision | None:
        """Return what an article's page holds, or None if there is no such page."""
        self._publish(second)
        known = quote(unquote(path), safe=_SAFE)
        index = self._paths.get(known)
        return None if index is None else self._revise(index, known, second)

    def live(self, second: float) -> list[Revision]:
        """Return the articles that can be read, newest first."""
        self._publish(second)
        revised = [self._revise(i, path, second) for path, i in self._paths.items()]
        return [r for r in reversed(revised) if r.presence is Presence.LIVE]

    def answer(self, path: str, second: float) -> Answer:
        """Answer a request for a path; an article counts it as a view."""
        if path == "/robots.txt":
            robots = self.spec.robots.format(base=self.base)
            return Answer(status=200, content_type="text/plain", body=robots.encode())
        if path in self.spec.documents:
            return self._document(path, second)
        if path in self._lists():
            return self._list(self._lists()[path], second)
        revision = self.revision(path, second)
        if revision is None or revision.presence is Presence.MISSING:
            return self._notice(404)
        if revision.presence is Presence.GONE:
            return self._notice(410)
        return self._article(revision, second)

    def _publish(self, second: float) -> None:
        """Write every article that has appeared and give it its path."""
        for index in range(len(self._stories), self.timeline.published(second)):
            story = write_story(self.words, self.spec.key, index)
            path = self.spec.article.format(
                slug=story.slug,
                section=story.section,
                id=48_000 + 13 * index,
                date=self.timeline.published_at(index),
            )
            known = quote(path, safe=_SAFE)
            if known in self._paths:
                known = f"{known.rstrip('/')}-{index}"
            self._stories.append(story)
            self._paths[known] = index

    def _revise(self, index: int, path: str, second: float) -> Revision:
        return self.timeline.revision(self._stories[index], path, second)

    def _lists(self) -> dict[str, str | None]:
        """Return the front page and the section pages."""
        pattern = self.spec.section
        named = {pattern.format(section=key): key for key in self.words.sections}
        return {"/": None, **named}

    def _document(self, path: str, second: float) -> Answer:
        template, content_type = self.spec.documents[path]
        stories = self.live(second)
        page = self._render(template, stories=stories, section=None)
        newest = max(story.modified for story in stories)
        return Answer(
            status=200, content_type=content_type, body=page.encode(), modified=newest
        )

    def _list(self, section: str | None, second: float) -> Answer:
        stories = self.live(second)
        kept = [s for s in stories if section in (None, s.story.section)][:_LISTED]
        page = self._render(f"{self.spec.key}.html", stories=kept, section=section)
        return Answer(status=200, content_type=_UTF8, body=page.encode())

    def _article(self, revision: Revision, second: float) -> Answer:
        self._views[revision.path] += 1
        others = [s for s in self.live(second) if s.path != revision.path]
        page = self._render(
            f"{self.spec.key}.html",
            stories=others,
            section=revision.story.section,
            article=revision,
            views=15 + 7 * revision.story.index + self._views[revision.path],
        )
        charset = self.spec.charsets.get(revision.story.section, "utf-8")
        page = page.replace('charset="utf-8"', f'charset="{charset}"')
        # A Shift_JIS page is told by its meta tag alone, as such pages are.
        header = (
            "text/html" if charset == "shift_jis" else f"text/html; charset={charset}"
        )
        return Answer(
            status=200,
            content_type=header,
            body=page.encode(charset, "xmlcharrefreplace"),
            modified=None if self.spec.counts_views else revision.modified,
        )

    def _notice(self, status: int) -> Answer:
        page = render("missing.html", status=status, site=self.spec)
        return Answer(status=status, content_type=_UTF8, body=page.encode())

    def _render(self, template: str, **values: object) -> str:
        given = {"article": None, "views": 0, **values}
        return render(
            template,
            site=self.spec,
            base=self.base,
            sections=self.words.sections,
            lists={key: path for path, key in self._lists().items() if key},
            **given,
        )
