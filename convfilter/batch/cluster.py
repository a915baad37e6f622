"""The engine that is a Dask cluster: the same tasks, done by the same worker processes.

Nothing but paths, kernels and options travels; pictures are read and written where the work is
done, which is what `there` says.
"""

import logging
import os
import pickle
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from convfilter import __version__
from convfilter.batch.perform import Reply, Treatment, failure
from convfilter.batch.targets import Task
from convfilter.batch.there import (
    dismiss,
    join_there,
    make_piece_there,
    perform_there,
    version_there,
)
from convfilter.batch.undisturbed import undisturbed
from convfilter.errors import ConvfilterError, UsageError
from convfilter.parts import Offer, Piece
from convfilter.pictures.decoding import STREAMED_BYTES
from convfilter.temporary import discard, temporary_name

CONNECT_SECONDS = 30
"""Time limit for the scheduler to answer, and for a first worker to be there."""

ANSWER_SECONDS = 10
"""Time limit for the workers to end what they are doing; one that hangs holds nobody up."""

LOOPBACK = "127.0.0.1"

LOGGERS = ("distributed", "distributed.client", "distributed.gc")
"""Dask's loggers, some of which it gives levels of their own."""

SHARED_BYTES = STREAMED_BYTES
"""Pictures with at least this many bytes of samples are split among workers."""

OFFERED_BYTES = SHARED_BYTES // 4
"""Files of at least this size may hold that many bytes of samples, compressed."""

PIECES_A_THREAD = 2
"""A split picture has several pieces for each thread: some threads take longer than others."""


class Cluster:
    """A Dask cluster.

    Parameters
    ----------
    scheduler
        Its address; None starts a cluster within this process, which nobody else can reach.
    count
        Tasks that a cluster of this machine works on at a time.

    Raises
    ------
    ConvfilterError
        If Dask is not installed, or there is no scheduler, no worker, or a worker without
        this very version of the package.
    """

    repeats = True

    def __init__(self, scheduler: str | None, count: int) -> None:
        self._token = uuid.uuid4().hex
        self._treatment = b""
        self._timeout: float | None = None
        self._put_together: set[str] = set()
        distributed = _import_distributed()
        if scheduler:
            _check_address(scheduler)
        self._local = None if scheduler else _local_cluster(distributed, count)
        self._client = _connect(distributed, scheduler or self._local)
        try:
            self._check_workers()
        except BaseException:
            self.close()
            raise
        self.concurrency = sum(self._client.nthreads().values())
        self.capacity = 2 * self.concurrency

    def start(self, treatment: Treatment, timeout: float | None) -> None:
        """Say what is done to every file, and in how many seconds at most."""
        self._treatment, self._timeout = pickle.dumps(treatment), timeout

    def submit(self, task: Task) -> "DaskPromise":
        """Have a task performed; once more if its Dask worker is lost."""
        if task.existing == "refuse":
            # Nothing was there before. What is there later, a lost worker may have written.
            task = replace(task, existing="compare")
        if task.source.bytes >= OFFERED_BYTES:
            with suppress(OSError):  # which who does the task will tell
                return self._submit_shared(task)
        return DaskPromise(self._submit(perform_there, task), task)

    def _submit_shared(self, task: Task) -> "DaskPromise":
        """Have a task performed by several, or by the first if it cannot be shared."""
        path = os.path.join(os.path.dirname(task.output), temporary_name())
        # Nobody else makes it: what comes too late finds none, and leaves none behind.
        open(path, "xb").close()
        self._put_together.add(path)
        offer = Offer(SHARED_BYTES, path)
        offered = self._submit(perform_there, replace(task, share=offer))
        count = PIECES_A_THREAD * self.concurrency
        pieces = (replace(task, share=Piece(path, n, count)) for n in range(count))
        made = [self._submit(make_piece_there, piece, offered) for piece in pieces]
        joined = self._submit(join_there, task, offered, made, path)
        # Not before the reply is here: if it is lost, all is done again.
        return DaskPromise(joined, task, partial(self._discard, path))

    def _submit(self, do: Callable[..., Reply], task: Task, *before: Any) -> Any:
        arguments = *before, self._token, self._treatment, task, self._timeout
        return self._client.submit(do, *arguments, pure=False)

    def _discard(self, path: str) -> None:
        discard(path)
        self._put_together.discard(path)

    def withdraw(self, promises: "Iterable[DaskPromise]") -> None:
        """Leave everything: nobody can tell what has been begun."""

    def close(self) -> None:
        """End the processes of this batch everywhere, and leave the cluster."""
        with undisturbed():
            with suppress(Exception):  # it may be the cluster that is gone
                self._client.run(
                    dismiss, self._token, on_error="ignore", callback_timeout=ANSWER_SECONDS
                )
            dismiss(self._token)
            for path in list(self._put_together):
                self._discard(path)
            self._client.close(timeout=2)
            if self._local:
                self._local.close(timeout=2)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise ConvfilterError(
                "the cluster has no worker", None, "start some: dask worker ADDRESS --nthreads 2"
            ) from None
        try:
            found = self._client.run(version_there, callback_timeout=CONNECT_SECONDS)
            versions = set(found.values())
        except TimeoutError:
            raise ConvfilterError(
                "a worker of the cluster does not answer",
                f"it was waited for {CONNECT_SECONDS} seconds",
                "end it, or start it again",
            ) from None
        except Exception as error:
            raise ConvfilterError(
                "a worker of the cluster has no convfilter",
                str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
                f"on every machine: pip install convfilter=={__version__}",
            ) from None
        if versions != {__version__}:
            raise ConvfilterError(
                f"the workers have convfilter {', '.join(sorted(versions))}",
                f"this is {__version__}, and results might differ",
                f"on every machine: pip install convfilter=={__version__}",
            )


class DaskPromise:
    """A future of Dask; losing its worker again and again is a failed file.

    Parameters
    ----------
    tidy_up
        What is left to do when the reply is here.
    """

    def __init__(self, future: Any, task: Task, tidy_up: Callable[[], None] | None = None) -> None:
        self._future = future
        self._task = task
        self._tidy_up = tidy_up

    def result(self) -> Reply:
        """Wait for the reply.

        Raises
        ------
        ConvfilterError
            If the cluster itself is lost.
        """
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker

        try:
            reply: Reply = self._future.result()
        except KilledWorker as error:
            cause = f"{error.allowed_failures + 1} Dask workers were lost with it"
            lost = ConvfilterError(f"{self._task.input} was given up", cause)
            return failure(lost)
        except FutureCancelledError:
            raise ConvfilterError("the cluster was lost", "its scheduler has ended") from None
        finally:
            if self._tidy_up:
                self._tidy_up()
        return reply

    def cancelled(self) -> bool:
        """Never: nothing is withdrawn, and what is cancelled has lost its cluster."""
        return False

    def add_done_callback(self, call: Callable[[Any], object]) -> None:
        """Call when there is a result."""
        self._future.add_done_callback(call)


def _import_distributed() -> Any:
    try:
        import dask
        import distributed
    except ImportError:
        raise ConvfilterError(
            "Dask is not installed", None, "pip install 'convfilter[dask]'"
        ) from None
    # What happens to workers is told by the files that fail.
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # No web pages of scheduler and worker.
    dask.config.set({"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []})
    return distributed


def _check_address(address: str) -> None:
    if urlsplit(address).scheme not in ("tcp", "tls") or not urlsplit(address).netloc:
        raise UsageError(
            f"{address} is no address of a scheduler", None, "write tcp://host:8786 or tls://…"
        )


def exposure(address: str) -> str | None:
    """Say what is unsafe about a scheduler's address, if anything is."""
    parts = urlsplit(address)
    if parts.scheme == "tls" or parts.hostname in ("localhost", "::1"):
        return None
    if (parts.hostname or "").startswith("127."):
        return None
    return f"{address} is not encrypted: who reaches it can run programs there; tls:// is safe"


def _local_cluster(distributed: Any, count: int) -> Any:
    return distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=count,
        processes=False,
        # Even without pages there is a server for them: at least nobody outside reaches it.
        dashboard_address=f"{LOOPBACK}:0",
        worker_dashboard_address=f"{LOOPBACK}:0",
        memory_limit=0,
    )


def _connect(distributed: Any, address: Any) -> Any:
    try:
        return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else None
        raise ConvfilterError(
            f"no scheduler answers at {address}", reason, "start one: dask scheduler"
        ) from None
