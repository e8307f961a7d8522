import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from sentiment.serving import Limits, MicroBatcher

ANY_TEXT = st.text(st.characters(), max_size=20)  # lone surrogates included
REQUESTS = st.lists(st.lists(ANY_TEXT, max_size=5), max_size=8)
LIMITS = st.builds(
    Limits,
    max_batch_tokens=st.integers(1, 60),
    max_wait_seconds=st.sampled_from([0.0, 0.0005]),
    max_waiting_tokens=st.integers(1, 60),
)


def mirror(texts):
    """A function whose answers tell their texts apart."""
    return [text[::-1] for text in texts]


@given(st.lists(REQUESTS, max_size=6), LIMITS)
def test_every_caller_gets_its_own_answers_in_order(requests_of_callers, limits):
    with closing(MicroBatcher(mirror, len, limits)) as batcher, ThreadPoolExecutor(6) as threads:
        callers = [
            threads.submit(lambda requests: [batcher(texts) for texts in requests], requests)
            for requests in requests_of_callers
        ]
        answers = [caller.result() for caller in callers]
    assert answers == [[mirror(texts) for texts in requests] for requests in requests_of_callers]


@given(REQUESTS, st.integers(1, 60))
def test_every_task_gets_its_own_answers(requests, max_batch_tokens):
    async def ask(batcher):
        return await asyncio.gather(*(batcher.call_async(texts) for texts in requests))

    with closing(MicroBatcher(mirror, len, Limits(max_batch_tokens, 0.0))) as batcher:
        assert asyncio.run(ask(batcher)) == [mirror(texts) for texts in requests]


@given(st.lists(st.tuples(st.lists(ANY_TEXT, max_size=5), st.booleans())), LIMITS)
def test_a_request_is_either_cancelled_or_answered_whoever_else_gives_up(requests, limits):
    with closing(MicroBatcher(mirror, len, limits)) as batcher:
        futures = []
        for texts, gives_up in requests:
            futures.append(batcher.submit(texts, timeout_seconds=None))
            if gives_up:
                futures[-1].cancel()
    for (texts, gives_up), future in zip(requests, futures, strict=True):
        assert (gives_up and future.cancelled()) or future.result(0) == mirror(texts)


@given(REQUESTS, LIMITS)
def test_exactly_the_requests_that_fail_raise(requests, limits):
    def refuse_zeros(texts):
        if any("0" in text for text in texts):
            raise ArithmeticError
        return mirror(texts)

    with closing(MicroBatcher(refuse_zeros, len, limits)) as batcher:
        futures = [batcher.submit(texts, timeout_seconds=None) for texts in requests]
    for texts, future in zip(requests, futures, strict=True):
        if any("0" in text for text in texts):
            assert isinstance(future.exception(0), ArithmeticError)
        else:
            assert future.result(0) == mirror(texts)
