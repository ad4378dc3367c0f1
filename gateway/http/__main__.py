"""Runs the HTTP door and the projection: `python -m gateway.http`."""

from __future__ import annotations

from gateway.http.auth import check_exposure, load_token
from gateway.http.server import run
from gateway.http.settings import GatewaySettings
from runtime.refusal import refusals
from runtime.settings import RuntimeSettings
from runtime.tasks import run as run_loop
from runtime.telemetry import set_up_logs


def main() -> None:
    """Serve until SIGTERM or SIGINT; end with one clear line where it cannot."""
    with refusals():
        runtime, settings = RuntimeSettings(), GatewaySettings()
        set_up_logs(runtime, process="gateway")
        check_exposure(settings)
        run_loop(run(runtime, settings, load_token(settings, runtime.home)))


if __name__ == "__main__":
    main()
