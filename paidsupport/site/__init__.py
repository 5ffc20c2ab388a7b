"""The demo app under its documented name: `flask --app paidsupport.site`. It lives in `paidsupport.demo`."""

from paidsupport.demo import create_app

__all__ = ["create_app"]
