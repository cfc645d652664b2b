"""The desk, where people sign in with their token and change the graph by forms: `/desk`."""

from flask import Flask

from server.desk import add, forms, moved, sessions, signing, texts

blueprints = (signing.blueprint, forms.blueprint, texts.blueprint, add.blueprint)


def attach(app: Flask) -> None:
    """Let the pages of an app lead to the desk, and show at the desk who has signed in."""
    sessions.attach(app)
    moved.attach(app)


__all__ = ["attach", "blueprints"]
