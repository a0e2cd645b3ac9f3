"""gunicorn's values: every name is one that gunicorn knows, and every value one that it takes."""

from gunicorn.config import Config

from scim_bridge.web.gunicorn_settings import options


def test_gunicorn_takes_every_value():
    config = Config()
    for name, value in options("127.0.0.1:8080").items():
        config.set(name, value)
    assert config.address == [("127.0.0.1", 8080)]


def test_addresses_with_people_in_them_are_not_logged():
    assert options("127.0.0.1:8080")["accesslog"] is None


def test_there_is_time_to_finish_a_request_before_the_end():
    settings = options("127.0.0.1:8080")
    assert 0 < settings["graceful_timeout"] < settings["timeout"]
