"""How much each sign counts for a headline.

Fitted by `tests/quality/fit_titles.py` on annotated pages, every site judged by
weights fitted without it; `feed`, `hook`, `rule` and `site` are set by hand, and so
is `ld_news`: what a news article's structured data calls its headline is the
publisher's own where no other evidence speaks (0.93 fitted; 1.2 to 2 do alike).
"""

# Who says it: ld (JSON-LD headline; ld_news: of a NewsArticle), og, twitter, title (the
# window's), part_title (a part of it), h1 (the first that may be one), hook, feed, rule,
# heading (a visible one that nobody claims). Where it stands: seen_h1, seen_h2, near (the
# story's start). Its shape: tiny, short, pipe, dash (still in it), site, affix (follows a
# separator in the window's title). Whom it agrees with: shorter_front (ends another),
# title_cover, slug_share, slug_cover (words shared with the window's title, the address).
WEIGHTS = {
    "affix": -0.44,
    "dash": -0.67,
    "feed": 0.3,
    "h1": 0.5,
    "heading": -1.36,
    "hook": 0.2,
    "ld": 0.75,
    "ld+h1": -0.4,
    "ld+title": -0.65,
    "ld_news": 1.6,
    "ld_news+h1": -0.49,
    "ld_news+og": 0.69,
    "near": 0.53,
    "og": 1.08,
    "og+title": 0.47,
    "part_title": 0.68,
    "pipe": -0.72,
    "rule": 100.0,
    "seen_h1": 0.75,
    "seen_h2": 0.93,
    "short": -0.48,
    "shorter_front": 0.86,
    "site": -1.0,
    "slug_cover": 0.57,
    "slug_share": 0.44,
    "tiny": -0.96,
    "title": -0.41,
    "title_cover": 0.62,
    "twitter": -0.25,
}
