# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What conf/quickstart says, and how it waits: one line a step, its output in a log, a deadline for each.

bold='' green='' red='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi
step_pid=''
# Set when something went wrong that its logs explain.
keep_logs=no

say() { printf '%s\n' "$*"; }
heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# give_up TEXT: could not run.
give_up() {
    printf '%squickstart: %s%s\n' "$red" "$*" "$plain" >&2
    exit 2
}

# failed TEXT: ran, and something was not as it should be.
failed() {
    keep_logs=yes
    printf '%squickstart: %s%s\n' "$red" "$*" "$plain" >&2
    exit 1
}

# step SECONDS LOG TEXT COMMAND...: runs the command with its output in LOG, shows that it lives, ends it at the
# deadline, and gives up with the log's end when it fails.
step() {
    local limit=$1 log=$2 text=$3 begun=$SECONDS passed status=0 told=0
    shift 3
    printf '  %s ' "$text"
    timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null &
    step_pid=$!
    while kill -0 "$step_pid" 2>/dev/null; do
        passed=$((SECONDS - begun))
        if [[ -t 1 ]]; then
            printf '\r  %s %s ' "$text" "$(show_time "$passed")"
        elif ((passed >= told + 20)); then
            told=$passed
            printf '%s ' "$(show_time "$passed")"
        fi
        sleep 0.2
    done
    wait "$step_pid" || status=$?
    step_pid=''
    passed=$(show_time $((SECONDS - begun)))
    [[ -t 1 ]] && printf '\r  %s ' "$text"
    if [[ $status == 0 ]]; then
        printf '%sdone%s (%s)\n' "$green" "$plain" "$passed"
        return
    fi
    printf '%sfailed%s (%s)\n' "$red" "$plain" "$passed"
    tail -n 25 "$log" | sed 's/^/    /' >&2
    keep_logs=yes
    [[ $status == 124 ]] && give_up "not done within $(show_time "$limit")"
    give_up "exit status $status; the whole log: $log"
}

show_time() {
    if (($1 < 60)); then
        printf '%d s' "$1"
    else
        printf '%d min %02d s' $(($1 / 60)) $(($1 % 60))
    fi
}

end_step() {
    [[ -n $step_pid ]] || return 0
    kill "$step_pid" 2>/dev/null || true
    wait "$step_pid" 2>/dev/null || true
    step_pid=''
}

# wait_until SECONDS COMMAND...: true as soon as the command is, false at the deadline.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}
