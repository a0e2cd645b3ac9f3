"""For those who run gunicorn themselves: `gunicorn -c deploy/gunicorn.conf.py scim_bridge.wsgi:app`.

The values are the package's own; `--bind` and every other option on the command line still win. Run
`scim-bridge db upgrade` before it and `scim-bridge worker` beside it: the web alone calls nobody.
"""

from scim_bridge.web.gunicorn_settings import options

globals().update(options("127.0.0.1:8080"))
