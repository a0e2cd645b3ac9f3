"""Keys that processes share: made once, by whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from threading import Barrier

from sqlalchemy import Engine

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import secret_keys


def test_a_key_that_nobody_asked_for_is_not_known(engine: Engine) -> None:
    with reading(engine) as connection:
        assert secret_keys.known(connection, "cursors") is None


def test_a_key_is_made_once_and_then_the_same_for_all(engine: Engine) -> None:
    with writing(engine) as connection:
        assert secret_keys.shared(connection, "cursors", lambda: "first") == "first"
        assert secret_keys.shared(connection, "cursors", lambda: "second") == "first"
    with reading(engine) as connection:
        assert secret_keys.known(connection, "cursors") == "first"


def test_keys_of_two_names_are_two(engine: Engine) -> None:
    with writing(engine) as connection:
        assert [secret_keys.shared(connection, name, partial(str, name)) for name in ("a", "b")] == ["a", "b"]


def test_of_many_who_ask_first_all_get_one_key(engine: Engine) -> None:
    together, numbers = Barrier(4), count()

    def ask(_number: int) -> str:
        together.wait(10)
        with writing(engine) as connection:
            return secret_keys.shared(connection, "cursors", lambda: str(next(numbers)))

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1
