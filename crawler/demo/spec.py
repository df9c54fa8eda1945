"""The seven news sites: where their articles, lists and feeds are."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """How a site is built.

    Attributes:
        key: Its name in file names and logs.
        article: Path of an article, with `{slug}`, `{id}`, `{section}`, `{date}`.
        section: Path of a section page, with `{section}`.
        documents: Path -> (template, content type) of feeds and sitemaps.
        feeds: Paths its operator would put into a configuration; so are
            `sitemaps` and `sections`.
        chunked: Whether pages come chunked rather than with their length.
        counts_views: Whether a page's view counter grows at every request.
        charsets: Section -> charset of its articles, where not UTF-8.
        interface: The language of its menus, where not that of its text.
    """

    key: str
    name: str
    language: str
    article: str
    section: str
    documents: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    robots: str = "User-agent: *\nDisallow: /suche\n"
    chunked: bool = False
    counts_views: bool = True
    charsets: Mapping[str, str] = field(default_factory=dict)
    interface: str | None = None


_XML = "application/xml; charset=utf-8"
_RSS = "application/rss+xml; charset=utf-8"

SPECS = (
    Spec(
        key="wix",
        name="Seruling Kabar",
        language="id",
        interface="de",
        article="/post/{slug}",
        section="/blog/categories/{section}",
        documents={
            "/blog-feed.xml": ("wix_feed.xml", "text/xml; charset=utf-8"),
            "/sitemap.xml": ("wix_index.xml", _XML),
            "/blog-posts-sitemap.xml": ("sitemap.xml", _XML),
            "/blog-categories-sitemap.xml": ("sections_sitemap.xml", _XML),
        },
        feeds=("/blog-feed.xml",),
        robots="User-agent: *\nAllow: /\nSitemap: {base}/sitemap.xml\n",
        chunked=True,
    ),
    Spec(
        key="wordpress",
        name="Harbour Mills Courier",
        language="en",
        article="/{date:%Y/%m/%d}/{slug}/",
        section="/category/{section}/",
        documents={
            "/feed/": ("wordpress_feed.xml", _RSS),
            "/wp-sitemap.xml": ("wordpress_index.xml", _XML),
            "/wp-sitemap-posts-post-1.xml": ("sitemap.xml", _XML),
            "/wp-sitemap-taxonomies-category-1.xml": ("sections_sitemap.xml", _XML),
        },
        feeds=("/feed/",),
        sitemaps=("/wp-sitemap.xml",),
        robots="User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\nSitemap: {base}/wp-sitemap.xml\n",
    ),
    Spec(
        key="portal",
        name="Diario Montelirio",
        language="es",
        article="/{section}/{date:%Y%m%d}/{slug}-{id}.html",
        section="/{section}/",
        documents={
            "/rss/portada.xml": ("portal_feed.xml", _RSS),
            "/news-sitemap.xml": ("news_sitemap.xml", _XML),
        },
        feeds=("/rss/portada.xml",),
        sitemaps=("/news-sitemap.xml",),
        robots="User-agent: *\nCrawl-delay: 1\nDisallow: /buscar/\nSitemap: {base}/news-sitemap.xml\n",
        chunked=True,
    ),
    Spec(
        key="bote",
        name="Altwieser Bote",
        language="de",
        article="/{section}/{slug}-{id}",
        section="/{section}",
        documents={"/sitemap-artikel.xml": ("sitemap.xml", _XML)},
        sitemaps=("/sitemap-artikel.xml",),
        robots="# Altwieser Bote\nUser-agent: *\nDisallow: /suche\nSitemap: {base}/sitemap-artikel.xml\n",
        counts_views=False,
    ),
    Spec(
        key="gazette",
        name="La Gazette de Sauveroche",
        language="fr",
        article="/article/{section}/{slug},{id}.html",
        section="/rubrique/{section}",
        sections=("/", "/rubrique/ville", "/rubrique/nature"),
        counts_views=False,
    ),
    Spec(
        key="shiomihara",
        name="汐見原新聞",
        language="ja",
        article="/news/{date:%Y/%m%d}/{id}.html",
        section="/news/{section}/",
        documents={
            "/atom.xml": ("atom.xml", "application/atom+xml; charset=utf-8"),
        },
        feeds=("/atom.xml",),
        charsets={"bunka": "shift_jis", "keizai": "euc_jp"},
        chunked=True,
    ),
    Spec(
        key="waha",
        name="صحيفة واحة النسيم",
        language="ar",
        article="/ar/news/{id}/{slug}",
        section="/ar/{section}",
        documents={"/rss.xml": ("arabic_feed.xml", "text/xml; charset=utf-8")},
        feeds=("/rss.xml",),
        counts_views=False,
    ),
)
