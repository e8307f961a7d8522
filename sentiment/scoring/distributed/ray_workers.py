"""Workers on Ray Data: an actor each, which is begun again when it dies, and so is the part that it had."""

import logging
import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sentiment.config import PredictConfig
from sentiment.errors import ConfigError, OutputError, SentimentError, needing_extra
from sentiment.scoring.distributed.parts import Part

if TYPE_CHECKING:
    import pyarrow as pa

Found = TypeVar("Found")

_ENVIRONMENT: Final = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
"""Nothing is reported to anybody, and Ray's core keeps off the terminal; what a user has set stays."""

_FAULT_TOLERANCE: Final = {"max_restarts": -1, "max_task_retries": 3}
"""Workers come back as often as they die; a part that its workers die of is given up after four times."""


def import_ray() -> Any:
    """Import Ray with its usage reports off.

    Raises:
        MissingExtraError: It is not installed.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with needing_extra("--engine ray", "ray"):
        import ray
        import ray.data
    return ray


@contextmanager
def connect_to_cluster() -> Iterator[None]:
    """Use the cluster that there is (RAY_ADDRESS), or start one on this machine for the block.

    Raises:
        ConfigError: No cluster answers at RAY_ADDRESS.
    """
    ray = import_ray()
    if ray.is_initialized():
        yield
        return
    handler = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    except ConnectionError as error:
        raise ConfigError(
            f"RAY_ADDRESS {os.environ.get('RAY_ADDRESS')}: no Ray cluster answers, or it asks for a token.",
            remedy="Start one with ray start --head, set RAY_AUTH_MODE=token where it has one, or unset "
            "RAY_ADDRESS to score on this machine.",
        ) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)  # Ray has put its own in place
    try:
        yield
    finally:
        ray.shutdown()


def run_on_workers(
    config: PredictConfig, open_work: Callable[[], Callable[[Part], Found]], parts: Sequence[Part]
) -> Iterator[tuple[Part, Found]]:
    """Have workers do something with each part; gives each part with what came of it, as they get done.

    Args:
        config: How many workers, and what they run on.
        open_work: Called once in each worker; gives what is called with each part.
        parts: Not none.

    Raises:
        SentimentError: What a worker raised.
        ConfigError: The cluster has nothing that workers could have.
        OutputError: Workers died of one part again and again.
    """
    ray = import_ray()
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = not config.quiet and sys.stderr.isatty()
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    resource, workers = plan_workers(config, ray.cluster_resources())
    with warnings.catch_warnings():
        # Ray 2.60 says that these options will go, and has nothing in their place.
        warnings.simplefilter("ignore", ray.util.annotations.RayDeprecationWarning)
        answers = ray.data.from_items(
            [asdict(part) for part in parts], override_num_blocks=len(parts)
        ).map_batches(
            Worker,
            fn_constructor_args=(open_work,),
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(
                size=min(workers, len(parts)), max_tasks_in_flight_per_actor=1
            ),
            **{f"num_{resource.lower()}s": 1},
            **_FAULT_TOLERANCE,
        )
    try:
        for batch in answers.iter_batches(batch_size=None, prefetch_batches=0, batch_format="pyarrow"):
            for answer in batch.to_pylist():
                yield parts[answer["number"]], _unpack(answer["found"])
    except ray.exceptions.RayActorError as error:
        raise OutputError(
            "workers died of one part again and again.",
            f"It was tried {_FAULT_TOLERANCE['max_task_retries'] + 1} times; mostly they lack memory.",
            "Take fewer --workers a machine, or smaller parts with --part-rows.",
        ) from error


def plan_workers(config: PredictConfig, resources: Mapping[str, float]) -> tuple[str, int]:
    """Give what each worker has one of, `CPU` or `GPU`, and how many workers there shall be.

    Args:
        config: As asked.
        resources: What the cluster has now; `--workers` may count on machines to come.

    Raises:
        ConfigError: It has none, and no number of workers is named.
    """
    has_gpu = resources.get("GPU", 0) >= 1
    resource = "GPU" if config.device == "cuda" or (config.device == "auto" and has_gpu) else "CPU"
    workers = config.workers or int(resources.get(resource, 0))
    if not workers:
        raise ConfigError(
            f"--device {config.device}: the cluster has no {resource}.",
            remedy="Add a machine that has, take another --device, or say with --workers how many will come.",
        )
    return resource, workers


def _unpack(answer: bytes) -> Any:
    found = pickle.loads(answer)
    if isinstance(found, SentimentError):
        raise found
    return found


class Worker:
    """Do something with parts that come as rows of a table, in a process of Ray's.

    Deliberate failures are answers: what is raised here Ray would print with its whole traceback.

    Args:
        open_work: Called before the first part; gives what is called with each.
    """

    def __init__(self, open_work: Callable[[], Callable[[Part], Any]]) -> None:
        self._open_work = open_work
        self._work: Callable[[Part], Any] | None = None

    def __call__(self, batch: "pa.Table") -> "pa.Table":
        """Give the number of each part, and what was found, pickled."""
        import pyarrow

        parts = [Part(**row) for row in batch.to_pylist()]
        answers = [pickle.dumps(self._do(part)) for part in parts]
        return pyarrow.table(
            {"number": [part.number for part in parts], "found": pyarrow.array(answers, pyarrow.binary())}
        )

    def _do(self, part: Part) -> Any:
        try:
            if self._work is None:
                self._work = self._open_work()
            return self._work(part)
        except SentimentError as error:
            return error
