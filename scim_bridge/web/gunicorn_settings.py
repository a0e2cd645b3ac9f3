"""How gunicorn runs the web: one set of values for `scim-bridge web` and for `deploy/gunicorn.conf.py`.

Plain values only: it starts nothing and reads no environment.
"""


def options(bind: str) -> dict[str, object]:
    """Give gunicorn's settings, by their own names, for a server at `bind` (HOST:PORT).

    Times are seconds. The numbers are those of the operations reference, "Operations".
    """
    return {
        "bind": bind,
        "worker_class": "gthread",
        "workers": 2,
        "threads": 8,
        "timeout": 60,
        "graceful_timeout": 40,
        "max_requests": 5000,
        "max_requests_jitter": 500,
        # Entra's filters make long addresses; 8190 is the most that gunicorn takes.
        "limit_request_line": 8190,
        # Query strings hold e-mail addresses, and gunicorn's access log would write them down.
        "accesslog": None,
        # gunicorn's own control socket wants a writable home directory, which a locked-down service lacks.
        "control_socket_disable": True,
    }
