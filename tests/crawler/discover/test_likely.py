import pytest

from crawler.discover.likely import article_score, looks_like_article

SITE = "https://news.example.org"

ARTICLES = [
    ("/post/old-mill-reopens-after-ten-years", ""),
    ("/2026/11/22/old-mill-reopens/", "Old mill reopens"),
    ("/local/20261122/mill-4711.html", "Mill"),
    ("/news/2026/1122/48013.html", "朝市に新しい店が並ぶ"),
    ("/berita/read/4711234/kincir-tua-dibuka", "Kincir tua kembali dibuka untuk umum"),
    ("/story.php?id=4711234", "Old mill reopens after ten quiet years"),
    ("/ar/news/48013/%D8%A7%D9%84%D8%B3%D9%88%D9%82-%D8%A7%D9%84%D9%82%D8%AF%D9%8A%D9%85", "السوق القديم يفتح أبوابه"),
    ("/archives/2146078", "Old mill reopens after ten quiet years"),
    ("/archives/51234567.html", "朝市に新しい店が並ぶ"),
    ("/News/front/archives/2024/10/16/2003825372", "Old mill reopens"),
    ("/ideas/archive/2020/08/old-mill-reopens/614321/", "Old mill reopens"),
    ("/blog/archives/2019/04/windmill.html", "A mill of paper is built"),
    ("/artikel/muehle-dreht-sich-wieder", "Die alte Mühle dreht sich wieder"),
]  # fmt: skip

OTHERS = [
    ("/", "Mill News, all the news of the valley and the hills"),
    ("/local", "Local"),
    ("/local/politics/", "Politics"),
    ("/tag/old-mill-and-other-sights/", "Old mill and other sights"),
    ("/category/2026/news", "News"),
    ("/author/somebody-with-a-name", "Somebody with a name"),
    ("/about/our-history-since-1923-4711", "Our history since the beginning"),
    ("/media/2026/11/22/old-mill-reopens.jpg", "Old mill reopens after ten years"),
    ("/files/2026/11/22/annual-report-of-the-mill.pdf", "Annual report of the mill"),
    ("/page/2/", "Older posts from the archive of the valley"),
    ("/archives/", "All that was ever published in the archive"),
    ("/archives/2024", "Stories of the whole year of 2024 in the archive"),
    ("/archives/2024-05.html", "Stories of May 2024 in the archive"),
    ("/archives/202405", "Stories of May 2024 in the archive"),
    ("/archive/2024/05/21/", "Stories of 21 May 2024 in the archive"),
    ("/archives/cat_123.html", "All of our local news in the archive"),
    ("/archives/category/local-news-of-mills", "All of our local news in the archive"),
    ("/local/2", "2"),
    ("/contact-us", "Contact us"),
]


@pytest.mark.parametrize(("path", "text"), ARTICLES)
def test_an_article_is_likely(path: str, text: str) -> None:
    assert looks_like_article(SITE + path, text)


@pytest.mark.parametrize(("path", "text"), OTHERS)
def test_a_list_or_service_is_not(path: str, text: str) -> None:
    assert not looks_like_article(SITE + path, text)


def test_a_headline_counts_for_more_than_a_word() -> None:
    url = f"{SITE}/local/old-mill-reopens"

    assert article_score(url, "Old mill reopens after ten quiet years") > article_score(
        url, "More"
    )
