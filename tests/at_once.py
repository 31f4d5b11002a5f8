"""Works that happen at the same instant, each in its own thread and on its own connection."""

from collections.abc import Callable
from threading import Barrier, Thread
from time import monotonic, sleep

from django.db import connection


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """Start all works together; give the errors with which some ended."""
    start, errors = Barrier(len(works)), list[Exception]()

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def until_another_waits(seconds: float = 20) -> None:
    """Return once some connection waits for what another holds; fails after `seconds`."""
    limit = monotonic() + seconds
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
            assert monotonic() < limit, "nobody waits"
            sleep(0.01)
