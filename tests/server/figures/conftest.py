"""An app with the templates of the service, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

import server
from server.web import templates


@pytest.fixture(scope="session")
def app() -> Flask:
    """An app that has the templates of the service."""
    app = Flask("server", root_path=str(Path(server.__file__).parent))
    templates.attach(app)
    return app
