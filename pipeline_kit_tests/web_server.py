"""Dagster's web server in this process, without a daemon."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import dagster as dg
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceLoadTarget
from dagster_webserver.app import create_app_from_workspace_process_context

from pipeline_kit_tests.graphql import WebServer
from pipeline_kit_tests.waiting import wait_for


@contextmanager
def web_server(instance: dg.DagsterInstance, target: WorkspaceLoadTarget) -> Iterator[WebServer]:
    """The UI of an instance and of a code location, which starts runs at once."""
    with WorkspaceProcessContext(instance, target) as context:
        app = create_app_from_workspace_process_context(context)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none"))
        thread = Thread(target=server.run)
        thread.start()
        try:
            wait_for("the web server", lambda: server.started)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield WebServer(port)
        finally:
            server.should_exit = True
            thread.join()
