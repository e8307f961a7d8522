"""Locks on open files, where the system has them."""


def try_lock(file: int) -> bool | None:
    """Lock an open file (its descriptor) for oneself until it is closed, without waiting.

    Returns:
        True: locked. False: somebody else has locked it. None: there are no locks here (Windows, some network
        file systems), and nobody can tell.
    """
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True
