"""Jobs and kept answers as rows, on both databases."""

from datetime import timedelta

from sqlmodel import Session

from storage.sql.answers import (
    Answer,
    Asked,
    claim_key,
    forget_answers,
    keep_answer,
    release_key,
)
from storage.sql.jobs import (
    JobKind,
    JobState,
    Outcome,
    add_job,
    begin_job,
    find_job,
    finish_job,
    forget_jobs,
    job_bytes,
    list_jobs,
    note_progress,
    open_jobs,
    outlived_jobs,
)
from storage.sql.tables import TakedownRow
from tests.storage.material import NOON

HOUR = timedelta(hours=1)
DONE = Outcome(state=JobState.DONE, result={"articles": 1}, file="1.csv", size=7)


def test_a_job_goes_from_waiting_to_its_end_and_stays_there(session: Session) -> None:
    job = add_job(session, JobKind.EXPORT, {"form": "csv"}, "me", NOON)

    assert begin_job(session, job.id, NOON)
    note_progress(session, job.id, 3, 9)
    session.expire_all()
    (under_way,) = open_jobs(session)
    assert finish_job(session, job.id, DONE, NOON + HOUR)
    assert not finish_job(session, job.id, Outcome(state=JobState.FAILED), NOON)
    assert not begin_job(session, job.id, NOON)
    session.expire_all()
    done = find_job(session, job.id)

    assert (under_way.state, under_way.done, under_way.total) == ("running", 3, 9)
    assert done is not None
    assert (done.state, done.tries, done.result) == ("done", 1, {"articles": 1})
    assert (open_jobs(session), job_bytes(session)) == ([], 7)
    assert [one.id for one in list_jobs(session, kind=JobKind.EXPORT)] == [job.id]
    assert list_jobs(session, state=JobState.FAILED) == []


def test_no_number_is_given_twice(session: Session) -> None:
    """A client may still ask for the file of a job that a takedown removed."""
    first = add_job(session, JobKind.EXPORT, {}, "me", NOON)
    finish_job(session, first.id, DONE, NOON)
    forget_jobs(session, [first.id])

    assert add_job(session, JobKind.EXPORT, {}, "you", NOON).id > first.id


def test_a_job_is_outlived_by_time_or_by_a_takedown(session: Session) -> None:
    old = add_job(session, JobKind.EXPORT, {}, "", NOON)
    new = add_job(session, JobKind.EXPORT, {}, "", NOON + 2 * HOUR)
    finish_job(session, old.id, DONE, NOON)
    finish_job(session, new.id, DONE, NOON + 2 * HOUR)
    session.expire_all()

    by_time = outlived_jobs(session, NOON + HOUR)
    add_takedown(session)
    by_takedown = outlived_jobs(session, NOON)
    forget_jobs(session, [old.id])

    assert [one.id for one in by_time] == [old.id]
    assert [one.id for one in by_takedown] == [old.id]
    assert [one.id for one in list_jobs(session)] == [new.id]


def add_takedown(session: Session) -> None:
    session.add(
        TakedownRow(
            name="t",
            depth="hide",
            ground="law",
            state="standing",
            requested_at=NOON + HOUR,
        )
    )
    session.flush()


def test_a_key_is_claimed_once_until_it_is_let_go(session: Session) -> None:
    asked = Asked(path="/v1/fetch", sha256="1")
    when = {"at": NOON, "since": NOON - HOUR}
    answer = Answer(status=201, headers={"Location": "/"}, body=b"\0x")

    first = claim_key(session, "a", "k", asked, **when)
    others = claim_key(session, "b", "k", asked, **when)
    in_work = claim_key(session, "a", "k", asked, **when)
    keep_answer(session, "a", "k", answer)
    session.expire_all()
    again = claim_key(session, "a", "k", asked, **when)
    release_key(session, "b", "k")
    freed = claim_key(session, "b", "k", asked, **when)

    assert (first, others, freed) == (None, None, None)
    assert in_work is not None
    assert (in_work.is_same, in_work.answer) == (True, None)
    assert again is not None
    assert again.answer == answer


def test_answers_that_may_quote_what_was_taken_down_are_forgotten(
    session: Session,
) -> None:
    when = {"at": NOON, "since": NOON - HOUR}
    paths = ("/v1/fetch", "/v1/takedowns")
    for path in paths:
        claim_key(session, "", path, Asked(path=path, sha256="1"), **when)
        keep_answer(session, "", path, Answer(status=200, headers={}, body=b""))
    add_takedown(session)

    forget_answers(session, NOON - HOUR)

    session.expire_all()
    left = [
        claim_key(session, "", path, Asked(path=path, sha256="1"), **when)
        for path in paths
    ]
    assert [one is not None for one in left] == [False, True]
