"""What every gunicorn of ours has in common; it reads this file from the folder that it starts in."""

# Threads, since requests wait for the stores; a process for each core.
worker_class = "gthread"
# Bytes: the most that gunicorn allows. A name in a query may have 2,000 characters, each of nine bytes there.
limit_request_line = 8190
# Seconds for which an idle connection stays open.
keepalive = 15
control_socket_disable = True
