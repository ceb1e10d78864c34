#!/usr/bin/env bash
# A RabbitMQ of our own for the tests that need one: rabbitmq.sh start FOLDER | stop FOLDER
#
# Everything is in FOLDER, on loopback and on ports of its own, so that a RabbitMQ of the system is not disturbed.
# "start" prints its address, with a password that production would accept.
set -euo pipefail

# The scripts in /usr/sbin change to the account of the system's RabbitMQ; these run as whoever calls them.
programs=/usr/lib/rabbitmq/bin
wait_seconds=90

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

answers() {
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

configure() {
    cat >"$folder/rabbitmq.conf" <<END
listeners.tcp.default = 127.0.0.1:$port
default_user = linernotes
default_pass = $password
END
    : >"$folder/enabled_plugins"
    # The cookie of HOME lets nodes and tools talk to each other: this node has its own.
    export HOME=$folder
    export ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$epmd_port
    export RABBITMQ_NODENAME=linernotes@localhost
    export RABBITMQ_CONF_ENV_FILE=/dev/null
    export RABBITMQ_CONFIG_FILE=$folder/rabbitmq.conf
    export RABBITMQ_ENABLED_PLUGINS_FILE=$folder/enabled_plugins
    export RABBITMQ_MNESIA_BASE=$folder/data RABBITMQ_LOG_BASE=$folder/logs
    export RABBITMQ_PID_FILE=$folder/server.pid
    export RABBITMQ_DIST_PORT=$dist_port
    export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
}

start() {
    mkdir -p "$folder"
    # Started again, it has the address that its clients know.
    [[ -s $folder/ports ]] || echo "$(free_port) $(free_port) $(free_port)" >"$folder/ports"
    read -r port dist_port epmd_port <"$folder/ports"
    [[ -s $folder/password ]] || od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$folder/password"
    password=$(<"$folder/password")
    configure
    # Started here, because the one that Erlang starts by itself is not ours to find and stop.
    setsid epmd -port "$epmd_port" </dev/null >"$folder/epmd.log" 2>&1 &
    echo $! >"$folder/epmd.pid"
    setsid "$programs/rabbitmq-server" </dev/null >"$folder/server.log" 2>&1 &
    echo $! >"$folder/starter.pid"
    wait_for_start
    echo "amqp://linernotes:$password@127.0.0.1:$port//"
}

wait_for_start() {
    for ((second = 0; second < wait_seconds; second++)); do
        if answers "$port"; then return; fi
        if ! kill -0 "$(cat "$folder/starter.pid")" 2>/dev/null; then break; fi
        sleep 1
    done
    tail -n 30 "$folder/server.log" >&2
    echo "RabbitMQ did not start; its logs are in $folder" >&2
    stop
    exit 1
}

stop() {
    for name in server starter epmd; do
        if [[ -s $folder/$name.pid ]]; then end "$(cat "$folder/$name.pid")"; fi
        rm -f "$folder/$name.pid"
    done
}

end() {
    kill "$1" 2>/dev/null || return 0
    for ((tenth = 0; tenth < 200; tenth++)); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$1" 2>/dev/null || true
}

folder=${2:?usage: rabbitmq.sh start|stop FOLDER}
case $1 in
    start) start ;;
    stop) stop ;;
    *) echo "usage: rabbitmq.sh start|stop FOLDER" >&2; exit 2 ;;
esac
