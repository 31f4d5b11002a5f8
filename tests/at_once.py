"""Works that happen at the same instant, each in its own thread and on its own connection."""

from collections.abc import Callable
from threading import Barrier, Thread

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
