"""Pages as the platforms of news sites build them, around any of our stories.

Each has what its platform puts around a story: share bars, related posts, author
boxes, comment forms, counters. Written by us after the platforms' public markup.
"""

import json
from collections.abc import Callable, Mapping
from html import escape

from tests.quality.stories import Story

Builder = Callable[[Story], str]

PUBLISHED = "2026-03-03T08:15:00+01:00"
SITE = "Harbour Lamp"
_OTHERS = (
    "Old tram returns to the hill after nine years",
    "Bakery on the square wins a prize for dark bread",
    "School choir sings in the empty swimming pool",
    "Two villages share a snow plough and a driver",
)
PLATFORMS: dict[str, Builder] = {}


def _platform(build: Builder) -> Builder:
    PLATFORMS[build.__name__.removeprefix("_")] = build
    return build


def _paragraphs(story: Story, form: str = "<p>%s</p>") -> str:
    return "\n".join(form % escape(line, quote=False) for line in story.paragraphs)


def _related(form: str = "<li><a href='/story/{n}'>{title}</a></li>") -> str:
    return "".join(
        form.format(n=n, title=title) for n, title in enumerate(_OTHERS, start=4712)
    )


def _menu() -> str:
    return "".join(f"<a href='/{x}'>{x.title()}</a> " for x in ("news", "life", "sea"))


def _jsonld(story: Story, kind: str = "NewsArticle", **more: object) -> str:
    said: Mapping[str, object] = {
        "@context": "https://schema.org",
        "@type": kind,
        "headline": story.title,
        "datePublished": PUBLISHED,
        "author": {"@type": "Person", "name": story.author},
        "publisher": {"@type": "Organization", "name": SITE},
        **more,
    }
    content = json.dumps(said, ensure_ascii=False)
    return f'<script type="application/ld+json">{content}</script>'


def _og(story: Story, *, kind: str = "article") -> str:
    return (
        f'<meta property="og:title" content="{escape(story.title)}">'
        f'<meta property="og:type" content="{kind}">'
        f'<meta property="og:site_name" content="{SITE}">'
    )


def _document(story: Story, head: str, body: str, *, generator: str = "") -> str:
    named = f'<meta name="generator" content="{generator}">' if generator else ""
    return (
        f'<!doctype html><html lang="{story.language}"><head><meta charset="utf-8">'
        f"<title>{escape(story.title)} - {SITE}</title>{named}{head}</head>{body}</html>"
    )


@_platform
def _wordpress(story: Story) -> str:
    meta = f'<meta property="article:published_time" content="{PUBLISHED}">'
    return _document(
        story,
        _og(story) + meta,
        f"""<body class="single single-post wp-embed-responsive"><header class="site-header">
<a href="/" rel="home">{SITE}</a><nav class="main-navigation">{_menu()}</nav></header>
<main id="primary" class="site-main"><article id="post-4711" class="post type-post status-publish">
<header class="entry-header"><h1 class="entry-title">{story.title}</h1><div class="entry-meta">
<time class="entry-date published" datetime="{PUBLISHED}">3 March 2026</time><span class="author vcard">
<a class="url fn n" rel="author" href="/author/a">{story.author}</a></span></div></header>
<div class="entry-content">{_paragraphs(story)}</div>
<footer class="entry-footer"><a href="/c/1" rel="category tag">{story.section}</a></footer></article>
<nav class="post-navigation"><a rel="prev" href="/story/1">{_OTHERS[0]}</a></nav>
<div id="comments" class="comments-area"><div id="respond"><h3>Leave a Reply</h3><form><textarea></textarea>
</form></div></div></main><aside class="widget-area"><ul>{_related()}</ul></aside></body>""",
        generator="WordPress 6.8",
    )


@_platform
def _jetpack(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story, "BlogPosting"),
        f"""<body class="post-template-default single"><div id="page"><article class="post hentry">
<h1 class="entry-title">{story.title}</h1><div class="entry-content">{_paragraphs(story)}
<div class="sharedaddy sd-sharing-enabled"><div class="robots-nocontent sd-block sd-social"><h3 class="sd-title">
Share this:</h3><ul><li class="share-facebook"><a href="?share=facebook">Facebook</a></li></ul></div></div>
<div id="jp-relatedposts" class="jp-relatedposts"><h3 class="jp-relatedposts-headline"><em>Related</em></h3>
<ul>{_related()}</ul></div></div></article><div class="wpcnt"></div></div></body>""",
        generator="WordPress 6.8",
    )


@_platform
def _tagdiv(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story),
        f"""<body class="td-standard-pack single-post"><div id="td-outer-wrap"><div class="td-header-wrap">{_menu()}
</div><div class="td-main-content-wrap"><article class="post td-post-template-default"><div class="td-post-header">
<ul class="td-category"><li><a href="/c/1">{story.section}</a></li></ul><header class="td-post-title">
<h1 class="entry-title">{story.title}</h1><div class="td-module-meta-info"><div class="td-post-author-name">
<a href="/author/a">{story.author}</a></div><span class="td-post-date"><time class="entry-date" datetime="{PUBLISHED}">
3 March 2026</time></span><div class="td-post-views"><span class="td-nr-views-4711">1204</span></div></div></header>
</div><div class="td-post-sharing">Facebook Twitter</div><div class="td-post-content tagdiv-type">{_paragraphs(story)}
</div><footer><div class="td-post-next-prev"><a href="/story/1">{_OTHERS[0]}</a></div></footer></article>
<div class="td_block_wrap td_block_related_posts"><h4>RELATED ARTICLES</h4><ul>{_related()}</ul></div></div></div></body>""",
        generator="WordPress 6.8",
    )


@_platform
def _jnews(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story),
        f"""<body class="single jnews"><div class="jeg_viewport"><div class="jeg_header">{_menu()}</div><div class=
"jeg_content jeg_singlepage"><div class="entry-header"><h1 class="jeg_post_title">{story.title}</h1><div class=
"jeg_meta_container"><div class="jeg_meta_author"><span class="meta_text">by</span> <a href="/author/a">{story.author}
</a></div></div></div><div class="jeg_share_top_container"><div class="jeg_share_stats">16 SHARES 204 VIEWS</div></div>
<div class="entry-content no-share"><div class="content-inner">{_paragraphs(story)}<div class="jnews_inline_related_post
"><h3>Read also</h3><a href="/story/1">{_OTHERS[0]}</a></div></div></div><div class="jnews_related_post_container"><ul>
{_related()}</ul></div></div></div></body>""",
        generator="WordPress 6.8",
    )


@_platform
def _elementor(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story),
        f"""<body class="elementor-default elementor-template-full-width"><div data-elementor-type="header">{_menu()}
</div><div data-elementor-type="single-post" class="elementor elementor-99 post"><section class="elementor-section">
<div class="elementor-container"><div class="elementor-column"><div class="elementor-widget-wrap"><div class=
"elementor-element elementor-widget elementor-widget-theme-post-title"><h1 class="elementor-heading-title">{story.title}
</h1></div><div class="elementor-element elementor-widget elementor-widget-theme-post-content"><div class=
"elementor-widget-container">{_paragraphs(story)}</div></div><div class="elementor-element elementor-widget
elementor-widget-share-buttons"><div class="elementor-grid"><span>Facebook</span><span>WhatsApp</span></div></div>
<div class="elementor-widget elementor-widget-posts"><article class="elementor-post"><h3><a href="/story/1">{_OTHERS[0]}
</a></h3></article></div></div></div></div></section></div></body>""",
        generator="Elementor 3.30",
    )


@_platform
def _blogger(story: Story) -> str:
    body = "<br /><br />\n".join(story.paragraphs)
    return _document(
        story,
        _og(story) + _jsonld(story, "BlogPosting"),
        f"""<body><div class="main section"><div class="widget Blog"><div class="blog-posts hfeed"><div class="date-outer">
<h2 class="date-header"><span>Tuesday, March 3, 2026</span></h2><div class="post hentry uncustomized-post-template">
<h3 class="post-title entry-title">{story.title}</h3><div class="post-body entry-content" id="post-body-4711">{body}
<div style="clear: both;"></div></div><div class="post-footer"><span class="post-author vcard">Posted by <span class="fn">
{story.author}</span></span><span class="post-labels">Labels: <a href="/l" rel="tag">{story.section}</a></span></div></div>
</div></div><div id="blog-pager"><a href="/story/1">Older Post</a></div></div></div><div class="sidebar section"><div class=
"widget PopularPosts"><ul>{_related()}</ul></div></div></body>""",
        generator="blogger",
    )


@_platform
def _ghost(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story, "Article"),
        f"""<body class="post-template"><div class="gh-viewport"><header class="gh-navigation">{_menu()}</header><main class=
"gh-main"><article class="gh-article post"><header class="gh-article-header"><h1 class="gh-article-title">{story.title}</h1>
</header><section class="gh-content gh-canvas">{_paragraphs(story)}<div class="kg-card kg-signup-card"><h3>Get the lamp by
mail</h3><p>Subscribe</p></div></section></article><section class="gh-container gh-comments"><h2>Member discussion</h2>
</section><section class="gh-container is-grid"><h2>Read more</h2><div class="gh-feed">{_related()}</div></section></main>
</div></body>""",
        generator="Ghost 6.0",
    )


@_platform
def _substack(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story),
        f"""<body><div class="main-menu">{_menu()}</div><div class="single-post"><article class="typography newsletter-post
post"><div class="post-header"><h1 class="post-title published">{story.title}</h1></div><div class="available-content">
<div dir="auto" class="body markup">{_paragraphs(story)}<div class="subscription-widget-wrap"><p class="cta-caption">Harbour
Lamp is a reader-supported publication.</p><form><input type="email"></form></div></div></div><div class="post-footer">
<a class="like-button">12</a></div></article><div class="comments-page"><h4>Discussion about this post</h4></div></div>
</body>""",
    )


@_platform
def _wix(story: Story) -> str:
    form = '<p class="_3bJYT"><span class="B2EFF"><span>%s</span></span></p>'
    return _document(
        story,
        _og(story) + _jsonld(story, "BlogPosting"),
        f"""<body><div id="SITE_CONTAINER"><header id="SITE_HEADER">{_menu()}</header><main><article data-hook="post"><div
data-hook="post-metadata"><span data-hook="user-name">{story.author}</span><span data-hook="time-ago">3. März</span><span
data-hook="time-to-read">2 Min. Lesezeit</span></div><h1 data-hook="post-title">{story.title}</h1><div data-hook=
"post-description"><div data-hook="rcv-block1">{_paragraphs(story, form)}</div></div><div data-hook="post-footer"><span
data-hook="view-count">16 Ansichten</span><span data-hook="comments-count">0 Kommentare</span></div></article><section
data-hook="recent-posts">{_related()}</section></main></div></body>""",
        generator="Wix.com Website Builder",
    )


@_platform
def _arc(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story),
        f"""<body><div id="fusion-app"><nav class="b-header-nav-chain">{_menu()}</nav><main class="b-article-main"><h1 class=
"b-headline">{story.title}</h1><div class="b-byline"><span>By</span> <a href="/author/a">{story.author}</a></div><article
class="b-article-body">{_paragraphs(story, '<p class="c-paragraph">%s</p>')}<div class="b-interstitial-link"><a href=
"/story/1">{_OTHERS[0]}</a></div></article><div class="b-more-from">{_related()}</div></main></div><script>
window.Fusion=window.Fusion||{{}};Fusion.globalContent={{"type":"story"}}</script></body>""",
    )


@_platform
def _drupal(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story),
        f"""<body class="path-node page-node-type-article"><div class="dialog-off-canvas-main-canvas"><header>{_menu()}
</header><main role="main"><div class="region region-content"><div class="block block-system block-page-title-block"><h1><span
class="field field--name-title">{story.title}</span></h1></div><article role="article" about="/story" class="node
node--type-article"><div class="node__content"><div class="clearfix text-formatted field field--name-body
field--type-text-with-summary field__item">{_paragraphs(story)}</div><div class="field field--name-field-tags"><div class=
"field__label">Tags</div><a href="/t">{story.section}</a></div></div></article></div></main><aside class="region
region-sidebar"><ul>{_related()}</ul></aside></div></body>""",
        generator="Drupal 11 (https://www.drupal.org)",
    )


@_platform
def _joomla(story: Story) -> str:
    return _document(
        story,
        _jsonld(story),
        f"""<body class="site com_content view-article"><div class="container-header">{_menu()}</div><main><div class="com-content-article
item-page"><div class="page-header"><h1>{story.title}</h1></div><dl class="article-info text-muted"><dt
class="article-info-term">Details</dt><dd class="createdby">Written by: <span>{story.author}</span></dd><dd class="hits">
Hits: 204</dd></dl><div class="com-content-article__body">{_paragraphs(story)}</div><nav class="pagenavigation"><a href=
"/story/1">Prev</a></nav></div></main><div class="moduletable"><ul class="mostread">{_related()}</ul></div></body>""",
        generator="Joomla! - Open Source Content Management",
    )


@_platform
def _brightspot(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story),
        f"""<body class="Page-body ArticlePage-body"><header class="Page-header">{_menu()}</header><div class="ArticlePage-main">
<div class="ArticlePage-headlineContainer"><h1 class="ArticlePage-headline">{story.title}</h1><div class="ArticlePage-byline">
<a href="/author/a">{story.author}</a></div></div><div class="ArticlePage-articleBody"><div class="RichTextArticleBody
RichTextBody">{_paragraphs(story)}</div></div><div class="ArticlePage-actions"><ul><li>Facebook</li><li>Email</li></ul>
</div></div><div class="PageListRightRailA">{_related()}</div></body>""",
    )


@_platform
def _squarespace(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story, "Article"),
        f"""<body class="collection-type-blog view-item"><header class="Header">{_menu()}</header><main><article class="BlogItem
hentry"><div class="BlogItem-title-wrapper"><h1 class="entry-title">{story.title}</h1></div><div class="sqs-layout
sqs-grid-12 columns-12" data-type="item"><div class="row sqs-row"><div class="col sqs-col-12"><div class="sqs-block
html-block sqs-block-html"><div class="sqs-block-content">{_paragraphs(story, '<p style="white-space:pre-wrap;">%s</p>')}
</div></div></div></div></div><section class="BlogItem-comments"><div class="squarespace-comments">Comments (0)</div>
</section></article><nav class="BlogItem-pagination"><a href="/story/1">{_OTHERS[0]}</a></nav></main></body>""",
    )


@_platform
def _medium(story: Story) -> str:
    return _document(
        story,
        _og(story) + _jsonld(story),
        f"""<body><div id="root"><div class="a b c"><div class="d e">{_menu()}</div><article><div class="l"><section><div><div
class="ab ca"><h1 data-testid="storyTitle" class="pw-post-title">{story.title}</h1><div class="bm"><a data-testid="authorName"
href="/@a">{story.author}</a><span data-testid="storyReadTime">2 min read</span></div><div class="pw-multi-vote-count">
<button>31</button></div>{_paragraphs(story, '<p class="pw-post-body-paragraph mk ml">%s</p>')}</div></div></section></div>
</article><div class="ab"><h2>More from the harbour</h2>{_related("<div><h3><a href='/story/{n}'>{title}</a></h3></div>")}
</div></div></div></body>""",
    )


@_platform
def _next(story: Story) -> str:
    state = {
        "props": {
            "pageProps": {
                "article": {
                    "title": story.title,
                    "author": story.author,
                    "publishedAt": PUBLISHED,
                    "body": _paragraphs(story),
                }
            }
        }
    }
    content = json.dumps(state, ensure_ascii=False).replace("</", "<\\/")
    return _document(
        story,
        _og(story) + _jsonld(story),
        f"""<body><div id="__next"><header>{_menu()}</header><main><div class="spinner"></div></main></div><script
id="__NEXT_DATA__" type="application/json">{content}</script></body>""",
    )
