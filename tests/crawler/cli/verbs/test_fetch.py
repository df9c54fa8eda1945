import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from crawler.demo.server import NewsWeb
from tests.crawler.cli.conftest import Command

PAGE = """<!doctype html><html lang="en"><head><title>Mill reopens - Courier</title>
<link rel="canonical" href="https://courier.example/mill"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Mill reopens</h1>
<p>The old mill at the upper weir has opened its doors again after eleven years.</p>
<p>Visitors can see the great wheel turn on Sundays, as long as there is water.</p>
<p>Its owners have spent a legacy on the roof and mean to grind flour by autumn.</p>
</article></body></html>"""


@contextmanager
def said(answer: bytes) -> Iterator[str]:
    """Say the same to whoever asks, and hang up; but there is no robots.txt."""

    class Saying(StreamRequestHandler):
        def handle(self) -> None:
            asked = self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            is_robots = asked.startswith(b"GET /robots.txt")
            missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            self.wfile.write(missing if is_robots else answer)

    with ThreadingTCPServer(("127.0.0.1", 0), Saying) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/mill"
        finally:
            server.shutdown()


@pytest.fixture
def mill(tmp_path: Path) -> Path:
    path = tmp_path / "mill.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    text = (
        "Mill reopens\n\nThe old mill has opened its doors again after eleven years of "
        "rest, and its owners mean to grind flour by autumn if the roof holds.\n"
    )
    path.write_text(text, encoding="utf-8")
    return path


def test_a_url_is_printed_as_title_and_text_and_explained(
    kliping: Command, web: NewsWeb, article: str
) -> None:
    site = next(site for site in web.sites if site.key == "wordpress")
    revision = next(r for r in web.articles(site) if site.url(r.path) == article)

    done = kliping("fetch", "--explain", article)

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == revision.title
    assert revision.paragraphs[0] in done.out
    for heading in ("Verdict: article", "Fields:", "Removed lines: "):
        assert heading in done.out


def test_several_inputs_make_one_json_list_in_their_order(
    kliping: Command, story: Path, pages: dict[str, str]
) -> None:
    closed = pages["closed"]

    done = kliping("fetch", "--from-text", "-f", "json", story, closed, story)

    documents = json.loads(done.out)
    assert done.code == 1
    assert [d["input"] for d in documents] == [str(story), closed, str(story)]
    assert [d["exit_code"] for d in documents] == [0, 6, 0]


def test_every_input_has_its_json_line_and_what_is_no_article_its_code(
    kliping: Command, article: str, pages: dict[str, str]
) -> None:
    codes = {
        "failing": 5,
        "busy": 9,
        "loop": 5,
        "lure": 11,
        "closed": 6,
        "soft_404": 8,
        "bot_wall": 7,
    }

    urls = [article, *(pages[habit] for habit in codes)]
    done = kliping("fetch", *urls, "-f", "jsonl")

    document = done.rows[0]
    assert done.code == 1
    assert [row["input"] for row in done.rows] == urls
    assert [row["exit_code"] for row in done.rows[1:]] == list(codes.values())
    assert len(done.err.splitlines()) == len(codes)
    assert (document["verdict"]["kind"], document["status"]) == ("article", 200)
    assert document["provenance"]["title"]["winner"]["value"] == document["title"]


def test_one_input_that_fails_ends_with_its_own_code_and_says_why_in_one_line(
    kliping: Command, pages: dict[str, str]
) -> None:
    done = kliping("fetch", pages["closed"])

    assert (done.code, done.out) == (6, "")
    assert done.err.startswith(f"kliping: {pages['closed']}: robots.txt says ")
    assert len(done.err.splitlines()) == 1


def test_markup_in_a_file_or_on_stdin_is_read_without_a_network(
    kliping: Command, mill: Path
) -> None:
    address = "https://courier.example/x"
    words = ("fetch", mill, "-", "-f", "md", "--url", address)

    done = kliping(*words, input=PAGE.encode())

    assert (done.code, done.err) == (0, "")
    assert done.out.count("# Mill reopens\n\nThe old mill at the upper weir") == 2
    assert done.out.count('url: "https://courier.example/mill"') == 2
    assert "Home" not in done.out


@pytest.mark.parametrize(
    "saved",
    [
        PAGE.encode("utf-16"),
        gzip.compress(PAGE.encode()),
        f"saved by hand\n{PAGE}".encode(),
    ],
    ids=["utf-16", "gzip", "words before"],
)
def test_saved_pages_are_known_by_what_is_in_them(
    kliping: Command, tmp_path: Path, saved: bytes
) -> None:
    (tmp_path / "saved").write_bytes(saved)

    done = kliping("fetch", tmp_path / "saved")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Mill reopens\n")


@pytest.mark.parametrize("flags", [(), ("--from-text",)])
def test_what_is_no_text_is_no_article(
    kliping: Command, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    (tmp_path / "picture").write_bytes(bytes(range(256)) * 40)

    done = kliping("fetch", *flags, tmp_path / "picture")

    assert (done.code, done.out) == (8, "")
    assert "not text" in done.err


def test_a_feed_is_no_article_but_may_be_watched(
    kliping: Command, web: NewsWeb
) -> None:
    site = next(site for site in web.sites if site.feeds)
    feed = site.url(site.feeds[0])

    done = kliping("fetch", feed)

    assert (done.code, done.out) == (8, "")
    assert f"a feed, not a page); it lists articles: `kliping source add {feed}`" in (
        done.err
    )


def test_what_came_without_http_has_no_status(
    kliping: Command, mill: Path, story: Path
) -> None:
    page = kliping("fetch", mill, "--explain")
    text = kliping("fetch", "--from-text", story, "--explain")

    assert "Verdict: article" in page.out
    assert "status" not in f"{page.out}{text.out}"


def test_what_came_by_http_has_its_status(kliping: Command, article: str) -> None:
    assert "  status 200\n" in kliping("fetch", article, "--explain").out


@pytest.mark.parametrize(
    ("status", "length", "lack"),
    [
        ("200 OK", 900, "HTTP 200, cut short (disconnect)"),
        ("206 Partial Content", 0, "HTTP 206, a part of the page alone"),
    ],
)
def test_what_came_of_a_cut_page_is_printed_and_said_to_be_cut(
    kliping: Command, status: str, length: int, lack: str
) -> None:
    body = PAGE.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n"
    head += f"Content-Length: {len(body) + length}\r\n\r\n"
    with said(head.encode() + body) as url:
        done = kliping("fetch", url)

    assert (done.code, done.out.splitlines()[0]) == (4, "Mill reopens")
    assert done.err == f"kliping: {url}: {lack}\n"


@pytest.mark.parametrize("flags", [(), ("--save",)], ids=["printed", "saved"])
@pytest.mark.parametrize(
    ("answer", "code", "why"),
    [
        (b"HTTP/1.1 302 \r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 5, "in a loop"),
        (b"HTTP/1.1 302 \r\nContent-Length: 0\r\n\r\n", 5, "HTTP 302"),
        (b"", 4, "hung up without a response"),
        (b"HTTP/1.1 200 \r\nContent-Length: 9\r\n\r\n<p>", 4, "cut short"),
        (
            b"HTTP/1.1 200 \r\nContent-Encoding: zstd\r\nContent-Length: 1\r\n\r\n(",
            4,
            "unknown content coding zstd",
        ),
    ],
    ids=["loop", "no location", "nothing", "cut", "coding"],
)
def test_a_fault_ends_alike_whether_it_is_saved_or_not(
    kliping: Command, flags: tuple[str, ...], answer: bytes, code: int, why: str
) -> None:
    with said(answer) as url:
        done = kliping("fetch", *flags, url)

    assert (done.code, done.out) == (code, "")
    assert why in done.err


def test_a_password_in_a_url_is_not_repeated(kliping: Command) -> None:
    done = kliping("fetch", "http://mill:flour@mill.example/")

    assert done.code == 2
    assert "user information in a URL" in done.err
    assert "flour" not in done.err


def test_a_page_that_is_not_there_is_told_by_its_status_alone(
    kliping: Command, web: NewsWeb
) -> None:
    missing = web.sites[0].url("/no/such/page-4711")

    done = kliping("fetch", missing)

    assert (done.code, done.err) == (5, f"kliping: {missing}: HTTP 404\n")


def test_a_missing_file_harms_no_other(
    kliping: Command, mill: Path, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.html"

    done = kliping("fetch", missing, mill)

    assert (done.code, done.out.splitlines()[0]) == (1, "Mill reopens")
    assert done.err == f"kliping: {missing}: neither a URL (https://…) nor a file\n"


def test_output_of_nothing_leaves_a_standing_file(
    kliping: Command, tmp_path: Path
) -> None:
    (tmp_path / "out.txt").write_text("before")

    done = kliping("fetch", tmp_path / "missing.html", "-o", tmp_path / "out.txt")

    assert (done.code, (tmp_path / "out.txt").read_text()) == (2, "before")


def test_a_private_address_is_refused_unless_it_is_allowed(
    kliping: Command, config: Path, article: str
) -> None:
    config.write_text("policy: {ports: [80]}\n", encoding="utf-8")

    assert kliping("fetch", article).code == 11


def test_a_closed_port_is_a_network_error(kliping: Command, free_tcp_port: int) -> None:
    done = kliping("fetch", f"http://127.0.0.1:{free_tcp_port}/a")

    assert done.code == 4
    assert done.err.startswith("kliping: http://127.0.0.1:")


def test_urls_on_stdin_are_fetched_line_by_line(
    kliping: Command, pages: dict[str, str]
) -> None:
    closed = pages["closed"]
    lines = f"# mine\n{closed}\n\n{closed}\n".encode()

    done = kliping("fetch", "-", "-f", "jsonl", input=lines)

    assert [row["input"] for row in done.rows] == [closed, closed]


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (b"some prose\n", "line 1 is no URL"),
        (b"", "empty"),
    ],
)
def test_what_is_neither_markup_nor_urls_is_a_usage_error(
    kliping: Command, given: bytes, hint: str
) -> None:
    done = kliping("fetch", "-", input=given)

    assert done.code == 2
    assert hint in done.err


def test_plain_text_is_read_when_asked_to(kliping: Command, story: Path) -> None:
    done = kliping("fetch", "--from-text", story, "-f", "json")

    document = json.loads(done.out)
    assert document["title"] == "Mill reopens"
    assert document["blocks"][0]["text"].startswith("The old mill has opened")


def test_several_texts_are_parted_by_a_rule(kliping: Command, story: Path) -> None:
    done = kliping("fetch", "--from-text", story, story)

    first, second = done.out.split("-" * 72)
    assert first.strip() == second.strip()


def test_a_name_that_is_neither_url_nor_file_is_a_usage_error(kliping: Command) -> None:
    done = kliping("fetch", "courier.example/mill")

    assert done.code == 2
    assert done.err == (
        "kliping: courier.example/mill: no file, and a URL begins with https:// or "
        "http://\n"
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("https://a.example/a story", "white space, backslash or control character"),
        ("ftp://a.example/story", "not an http or https URL"),
        ("https://", "not a URL"),
        ("story.txt", "neither a URL (https://…) nor a file"),
    ],
    ids=["white space", "another scheme", "no host", "a file's name"],
)
def test_a_name_that_looks_like_a_url_is_told_why_it_is_none(
    kliping: Command, name: str, why: str
) -> None:
    done = kliping("fetch", name)

    assert (done.code, done.err) == (2, f"kliping: {name}: {why}\n")


def test_an_empty_name_is_a_usage_error(kliping: Command) -> None:
    done = kliping("fetch", "")

    assert (done.code, done.err) == (
        2,
        "kliping: an empty argument is neither a URL nor a file\n",
    )


@pytest.mark.parametrize("verb", ["fetch", "explain"])
@pytest.mark.parametrize("url", ["not a url", "ftp://a.example/", "", "a.example"])
def test_a_file_is_from_a_url(
    kliping: Command, mill: Path, verb: str, url: str
) -> None:
    done = kliping(verb, mill, "--url", url)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"kliping: --url {url}: ")


def test_a_folder_is_a_usage_error(kliping: Command, tmp_path: Path) -> None:
    assert kliping("fetch", tmp_path).code == 2


def test_output_goes_into_a_file_whole(
    kliping: Command, story: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.html"

    done = kliping("fetch", "--from-text", story, "-f", "html", "-o", target)

    assert (done.code, done.out) == (0, "")
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [p.name for p in tmp_path.glob("*.part")] == []


def test_output_into_a_missing_folder_is_refused_before_anything_is_fetched(
    kliping: Command, mill: Path, tmp_path: Path
) -> None:
    done = kliping("fetch", mill, "-o", tmp_path / "no" / "out.txt")

    assert done.code == 2


def test_save_archives_what_it_prints_and_waits_for_the_turn_of_a_host(
    kliping: Command, web: NewsWeb
) -> None:
    site = web.sites[0]
    urls = [site.url(revision.path) for revision in web.articles(site)[:2]]

    done = kliping("fetch", "--save", "-f", "jsonl", *urls)

    assert done.code == 0
    assert [(r["state"], r["change"]) for r in done.rows] == [("archived", "first")] * 2
    for row in done.rows:
        assert kliping("show", str(row["article_id"])).out.startswith(row["title"])


def test_save_archives_what_it_can(kliping: Command, article: str, mill: Path) -> None:
    done = kliping("fetch", "--save", "-f", "jsonl", mill, article)

    assert [row["exit_code"] for row in done.rows] == [2, 0]
    assert done.rows[1]["state"] == "archived"


def test_save_says_why_a_page_was_not_archived(
    kliping: Command, pages: dict[str, str]
) -> None:
    done = kliping("fetch", "--save", pages["closed"])

    assert done.code == 6
    assert "robots" in done.err


def test_save_refuses_what_was_not_fetched_and_makes_no_archive(
    kliping: Command, mill: Path, tmp_path: Path
) -> None:
    done = kliping("fetch", "--save", mill)

    assert (done.code, (tmp_path / "archive").exists()) == (2, False)
    assert "only what is fetched can be archived" in done.err
