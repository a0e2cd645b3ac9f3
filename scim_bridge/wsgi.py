"""What gunicorn imports when it is run by hand: `gunicorn -c deploy/gunicorn.conf.py scim_bridge.wsgi:app`."""

from scim_bridge.bootstrap import web_app

app = web_app()
