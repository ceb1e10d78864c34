"""How large a file with a collection may be: for the site, and for nginx in front of it."""

import re
from pathlib import Path

from apps.collections.api.importing import MOST_BYTES

NGINX = Path(__file__).parents[3] / "deploy" / "nginx" / "linernotes.conf"


def test_nginx_lets_through_what_the_site_takes():
    blocks = re.findall(r"location ~ (\S+) \{([^}]*client_max_body_size ([0-9]+)m[^}]*)\}", NGINX.read_text())

    for path in ("/api/user/collection/import", "/collection/import/"):
        (megabytes,) = (int(size) for pattern, _, size in blocks if re.search(pattern, path))
        assert megabytes * 1024**2 == MOST_BYTES
