"""Scrapy, trafilatura and SQLite, as a tutorial has them: the usual way to do this.

Run by an environment that has both: `python scrapy_spider.py FEEDS DATABASE AT_ONCE`,
where FEEDS is a file of feeds' addresses, one a line. robots.txt is obeyed, one request
at a time goes to a host and none waits.
"""

import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import scrapy
import trafilatura
from scrapy import Request
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

_COMMIT_EVERY = 100

Article = dict[str, str | None]


class Articles(scrapy.Spider):
    """Reads feeds, then the articles they link."""

    name = "articles"
    feeds: tuple[str, ...] = ()

    async def start(self) -> AsyncIterator[Request]:
        for url in self.feeds:
            yield Request(url, callback=self.parse_feed)

    def parse_feed(self, response: Response) -> Iterator[Request]:
        for link in response.xpath("//item/link/text()").getall():
            yield Request(link, callback=self.parse_article)

    def parse_article(self, response: Response) -> Iterator[Article]:
        found = trafilatura.bare_extraction(
            response.text, url=response.url, with_metadata=True
        )
        if found is not None:
            yield {
                "url": response.url,
                "title": found.title,
                "text": found.text,
                "author": found.author,
                "date": found.date,
            }


class Keep:
    """Writes articles into SQLite."""

    def open_spider(self, spider: scrapy.Spider) -> None:  # noqa: ARG002
        self.sql = sqlite3.connect(sys.argv[2])
        self.sql.execute(
            "CREATE TABLE article (url TEXT PRIMARY KEY, title, text, author, date)"
        )
        self.kept = 0

    def process_item(self, item: Article, spider: scrapy.Spider) -> Article:  # noqa: ARG002
        self.sql.execute(
            "INSERT INTO article VALUES (:url, :title, :text, :author, :date)", item
        )
        self.kept += 1
        if self.kept % _COMMIT_EVERY == 0:
            self.sql.commit()
        return item

    def close_spider(self, spider: scrapy.Spider) -> None:  # noqa: ARG002
        self.sql.commit()
        self.sql.close()


def main() -> None:
    """Crawl to the end."""
    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": int(sys.argv[3]),
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": 0,
            "LOG_LEVEL": "INFO",
            "TELNETCONSOLE_ENABLED": False,
            "ITEM_PIPELINES": {Keep: 100},
        }
    )
    feeds = tuple(Path(sys.argv[1]).read_text(encoding="utf-8").split())
    process.crawl(Articles, feeds=feeds)
    process.start()


if __name__ == "__main__":
    main()
