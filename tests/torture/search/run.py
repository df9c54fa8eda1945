"""Recall and precision of 960 queries in twelve languages, on both databases.

Each query is also asked of FTS5 alone, as a bare MATCH of the same tokens, to see
what everything around it costs.
"""

import argparse
import random
import time
from collections import defaultdict
from statistics import mean, median, quantiles

from sqlalchemy import Engine, text
from sqlmodel import Session

from storage.search.query import read_query
from storage.sql.search import search_best
from tests.torture.search.collection import Asked, documents, queries
from tests.torture.search.filling import archives, enter
from tests.torture.search.languages import LANGUAGES

RECALL, PRECISION = 0.99, 0.95
_ALL = 200
_SMOKE_WORDS, _WORDS = 4, 20

_BARE = text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :asked"
    " ORDER BY rowid DESC LIMIT 200"
)


def run(args: argparse.Namespace, _rng: random.Random) -> dict[str, object]:
    """Ask all queries; broken is what falls short of the promise."""
    words = _SMOKE_WORDS if args.smoke else _WORDS
    figures: dict[str, object] = {}
    broken: list[str] = []
    answers: dict[str, list[frozenset[int]]] = {}
    with archives() as engines:
        for name, engine in engines.items():
            with Session(engine) as session:
                asked, articles = _fill(session, words)
                session.commit()
            found, took = _ask(engine, asked)
            answers[name] = found
            scores, lowest = _scores(asked, found)
            bare = _bare(engines["sqlite"], asked)
            figures[name] = {
                "queries": len(asked),
                "articles": articles,
                **scores["all"],
                "languages": {code: scores[code] for code in scores if code != "all"},
                **_times(took, bare),
            }
            broken += [f"{name}: {line}" for line in lowest]
    different = sum(a != b for a, b in zip(*answers.values(), strict=True))
    if different:
        broken.append(f"{different} queries are answered differently")
    return {**figures, "different": different, "broken": broken}


def _fill(session: Session, words: int) -> tuple[list[tuple[str, Asked]], int]:
    """Archive all documents; return the queries by language, with ids as answers."""
    asked: list[tuple[str, Asked]] = []
    articles = 0
    for language in LANGUAGES:
        found = documents(language, words)
        ids = [enter(session, one.title, one.text, language.code) for one in found]
        articles += len(ids)
        for one in queries(language, found, words):
            answers = frozenset(ids[place] for place in one.answers)
            asked.append((language.code, Asked(one.query, answers)))
    return asked, articles


def _ask(
    engine: Engine, asked: list[tuple[str, Asked]]
) -> tuple[list[frozenset[int]], list[float]]:
    """Return the answers to each query, of all languages, and its seconds."""
    found, took = [], []
    with Session(engine) as session:
        for _, one in asked:
            begun = time.perf_counter()
            hits = search_best(session, one.query, limit=_ALL).hits
            took.append(time.perf_counter() - begun)
            found.append(frozenset(hit.article.id for hit in hits))
    return found, took


def _bare(engine: Engine, asked: list[tuple[str, Asked]]) -> list[float]:
    took = []
    with engine.connect() as connection:
        for _, one in asked:
            terms = read_query(one.query).terms
            match = " AND ".join(f'"{" ".join(term.tokens)}"' for term in terms)
            begun = time.perf_counter()
            connection.execute(_BARE, {"asked": match}).all()
            took.append(time.perf_counter() - begun)
    return took


def _times(took: list[float], bare: list[float]) -> dict[str, float]:
    middle, high = median(took), quantiles(took, n=20)[-1]
    return {
        "p50_ms": round(middle * 1000, 2),
        "p95_ms": round(high * 1000, 2),
        "p50_of_bare_match": round(middle / median(bare), 1),
        "p95_of_bare_match": round(high / quantiles(bare, n=20)[-1], 1),
    }


def _scores(
    asked: list[tuple[str, Asked]], found: list[frozenset[int]]
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Return mean recall and precision by language and of all, and what is too low."""
    recalls: dict[str, list[float]] = defaultdict(list)
    precisions: dict[str, list[float]] = defaultdict(list)
    for (code, one), got in zip(asked, found, strict=True):
        right = len(got & one.answers)
        for group in (code, "all"):
            recalls[group].append(right / len(one.answers))
            precisions[group].append(right / len(got) if got else 0.0)
    scores = {
        group: {
            "recall": round(mean(recalls[group]), 4),
            "precision": round(mean(precisions[group]), 4),
        }
        for group in recalls
    }
    lowest = [
        f"{group} {kind} {score[kind]}"
        for group, score in scores.items()
        for kind, least in (("recall", RECALL), ("precision", PRECISION))
        if score[kind] < least
    ]
    return scores, lowest
