"""Captures kept to be shown, and pages that do what they can to be noticed."""

from datetime import datetime, timedelta

from crawler.service.service import Service
from storage.model.exchange import Exchange
from storage.sql.captures import KeptRecords, add_capture
from storage.warc.capture import capture_records, revisit_records
from storage.warc.record import read_member
from storage.writer import Tx
from tests.crawler.web.material import NOON

PIXEL = bytes.fromhex(
    "47494638396101000100800000ff000000000021f90400000000002c00000000010001000002024401003b"
)


async def keep(
    service: Service,
    url: str,
    body: bytes,
    media: str = "text/html; charset=utf-8",
    *,
    at: datetime = NOON,
    status: int = 200,
    headers: str = "",
    again: timedelta | None = None,
) -> None:
    """Keep an answer without a link; `again` is when it was found unmodified."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {media}\r\n{headers}\r\n".encode()
    first = Exchange(
        url=url,
        started_at=at,
        elapsed=timedelta(milliseconds=9),
        request=b"GET / HTTP/1.1\r\n\r\n",
        response=head + body,
        status=status,
        headers=(("Content-Type", media),),
        body=body,
    )
    made = capture_records(first)

    def work(tx: Tx) -> None:
        number = _enter(tx, first, made)
        if again is not None:
            later = Exchange(
                url=url,
                started_at=at + again,
                elapsed=timedelta(milliseconds=9),
                request=first.request,
                response=b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
                status=304,
                headers=(("ETag", "x"),),
                body=b"",
            )
            same = revisit_records(later, read_member(made.response))
            assert same is not None
            _enter(tx, later, same, of=number)

    await service.means.writer.run(work)


def _enter(tx: Tx, seen: Exchange, made: object, of: int | None = None) -> int:
    request, response = tx.append([made.request, made.response])  # type: ignore[attr-defined]
    kept = KeptRecords(
        request=request,
        response=response,
        payload_sha256=made.payload_sha256,  # type: ignore[attr-defined]
        record_sha256=made.record_sha256,  # type: ignore[attr-defined]
        request_sha256=made.request_sha256,  # type: ignore[attr-defined]
        digest=made.digest,  # type: ignore[attr-defined]
    )
    return add_capture(
        tx.session, seen, kept, link_id=None, to_read=False, revisit_of=of
    )


def hostile(there: str) -> dict[str, str]:
    """Return pages that want to reach a host, or to act, by what they try.

    `there` is the host's address with its scheme. Each page says `still here`.
    """
    body = "<p id=words>still here</p>"
    tricks = {
        "scripts": f"<script src={there}/s.js></script><script>fetch('{there}/f');"
        f"document.title='ran'</script><img src=x onerror=\"fetch('{there}/e')\">",
        "handlers": f"<body onload=\"location='{there}/l'\"><svg onload=fetch('{there}/v')>",
        "javascript URLs": "<a id=go href=\"javascript:document.title='ran'\">go</a>"
        "<a href='java\tscript:document.title=1'>x</a>",
        "styles": f"<style>@import '{there}/i.css'; @import url({there}/u.css);"
        f"body{{background:url({there}/b.png)}} p{{background:u\\72l({there}/esc.png);"
        f'background-image:image-set("{there}/set.png" 1x);cursor:url({there}/c.cur),auto}}'
        f"@font-face{{font-family:f;src:url({there}/f.woff)}} p{{font-family:f}}"
        f"</style><p style='background:url({there}/inline.png)'>x",
        "sheets": f"<link rel=stylesheet href={there}/l.css><link rel='preload' as=image"
        f" href={there}/p.png><link rel=prefetch href={there}/pf><link rel=icon"
        f" href={there}/icon.png><link rel=dns-prefetch href={there}><link"
        f" rel=preconnect href={there}><link rel=modulepreload href={there}/m.js>"
        f"<link rel=manifest href={there}/w.json><link rel=prerender href={there}/pr>",
        "images": f"<img src={there}/a.png srcset='{there}/b.png 2x, {there}/c.png 3x'>"
        f"<picture><source srcset={there}/d.png><img src={there}/e.png></picture>"
        f"<table background={there}/t.png><tr><td background={there}/td.png>x</table>"
        f"<input type=image src={there}/in.png><img lowsrc={there}/low.png"
        f" longdesc={there}/long dynsrc={there}/dyn.avi>",
        "refresh": f"<meta http-equiv=refresh content='0;url={there}/r'>"
        f"<meta http-equiv='Set-Cookie' content='a=b'>",
        "base": f"<base href={there}/ target=_top><img src=rel.png><a href=x>x</a>",
        "frames": f"<iframe src={there}/f></iframe><iframe srcdoc='<img src={there}/d>'>"
        f"</iframe><object data={there}/o></object><embed src={there}/em><applet"
        f" code={there}/ap></applet><portal src={there}/po></portal><fencedframe>"
        f"</fencedframe><iframe src='data:text/html,<script>fetch(\"{there}\")</script>'></iframe>",
        "vector images": f"<svg><image href={there}/i.png /><use href={there}/u.svg#x />"
        f"<style>p{{background:url({there}/s.png)}}</style><script>document.title=1"
        f"</script><foreignObject><img src={there}/fo.png></foreignObject><a"
        f" xlink:href='javascript:alert(1)'>x</a></svg>"
        f"<math href={there}/m><mtext></p><img src={there}/mt></math>",
        "media": f"<video poster={there}/p.png src={there}/v.mp4 autoplay></video><audio"
        f" src={there}/a.mp3 autoplay></audio><video><source src={there}/s.mp4><track"
        f" default src={there}/t.vtt></video>",
        "forms": f"<form id=f action={there}/post method=post><input name=a autofocus>"
        f"<button formaction={there}/b>b</button></form><isindex action={there}>",
        "pings": f"<a id=go href=#x ping={there}/ping>go</a>",
        "malformed": f"<p title='</p><img src={there}/m1.png>'>a<img/src={there}/m2.png"
        f"/onerror=fetch('{there}')//><<img src={there}/m3.png><im<img src={there}/m4.png>"
        f"<style><!--</style><img src={there}/m5.png>--></style><noscript><p title="
        f'"</noscript><img src={there}/m6.png>"></noscript><template><img'
        f" src={there}/m7.png></template><textarea></textarea><img src={there}/m8.png>"
        f"<title></title><img src={there}/m9.png></title><xmp><img src={there}/m10></xmp>"
        f'<svg></p><style><a id="</style><img src={there}/m11.png>">',
        "comments": f"<!--><img src={there}/c1.png>--><!--[if IE]><img src={there}/c2>"
        f"<![endif]--><![CDATA[<img src={there}/c3>]]><?xml-stylesheet href='{there}/x'?>",
        "shadow roots": f"<div><template shadowrootmode=open><img src={there}/sh.png>"
        f"</template></div><x-y is=z onclick=1><slot name=a></slot></x-y>",
        "encoded": f"<img src='&#104;ttp:{there[5:]}/en.png'><a href='&#106;avascript:1'>"
        f"a</a><img src='\t{there}/ws.png'><img src='{there[5:]}/scheme.png'>",
    }
    return {
        name: f"<!doctype html><html><head><title>{name}</title></head>{text}{body}"
        for name, text in tricks.items()
    }
