"""What the text of a setting may be: each as a pattern, and in words. Pure."""

from collections.abc import Mapping

#: The end of a text; Python's `$` alone also stands before a last newline.
_END = r"$(?!\n)"
ONE_LINE = r"^[^\x00-\x1f\x7f]*" + _END
#: How a source may be named.
NAME = r"^[\w][\w .&'()+-]{0,79}" + _END
#: A product's name in a User-Agent.
PRODUCT = r"^[A-Za-z][A-Za-z0-9_-]{0,39}" + _END
LANGUAGE = r"^[a-z]{2,3}" + _END
#: A file of SQLite, or a server in libpq's words; nothing is a file in the folder.
DATABASE = r"^(sqlite:///.+|postgres(ql)?://.+)?" + _END
#: An object store and what stands before each name there; a folder that is shared.
STORE = (
    r"^((s3|gs|az)://[A-Za-z0-9][A-Za-z0-9._-]*(/[^\s?#]*)?|file:///[^\s?#]+)?" + _END
)
ENDPOINT = r"^https?://[A-Za-z0-9.\-\[\]:]+(/[^\s?#]*)?" + _END
#: A host, with a port where it is not the usual one, as a Host header has it.
HOST = r"^[A-Za-z0-9.\-\[\]:]{1,255}" + _END
MAIL_SERVER = r"^[A-Za-z0-9_.:-]{1,253}" + _END
#: As headers and servers take it: no names, no quoting, ASCII.
MAIL_ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}" + _END
EVENT_TYPE = r"^[a-z.*]{1,40}$"  # the API's engine has no way to say _END

IN_WORDS: Mapping[str, str] = {
    ONE_LINE: "write it on one line, without control characters",
    NAME: (
        "begin with a letter, a digit or _; behind it blanks and . & ' ( ) + - may stand "
        "too, 80 characters in all"
    ),
    PRODUCT: "write a letter, then letters, digits, - and _, 40 characters in all",
    LANGUAGE: "write the code of a language, such as id or fil",
    DATABASE: "write sqlite:///file or postgresql://host/name",
    STORE: "write s3://bucket/prefix, gs://…, az://… or file:///folder",
    ENDPOINT: "write an address such as https://store.example:9000",
    HOST: "write a host's name or address, with its port if need be: news.example:8443",
    MAIL_SERVER: "write a mail server's name or address",
    MAIL_ADDRESS: "write a mail address and nothing else: desk@news.example",
    EVENT_TYPE: "write a type of events such as source.degraded, or source.*",
}
