#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder is built: what the grader needs gets
# installed, and a user is made that submissions run as. Nothing is downloaded later.
set -e -u -o pipefail

autograder=${AUTOGRADER:-/autograder}
user=${GRADER_USER:-grader}
source=$autograder/source
export DEBIAN_FRONTEND=noninteractive

new_enough() {
    "$1" -c 'import sys, tkinter, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
        2> /dev/null
}

install() {
    apt-get install -y -q --no-install-recommends "$@"
}

apt-get update -q
install python3 python3-venv python3-tk xvfb fonts-dejavu procps ca-certificates

python=python3
if ! new_enough "$python"; then # Ubuntu 22.04 has 3.10
    install software-properties-common
    add-apt-repository -y ppa:deadsnakes/ppa
    apt-get update -q
    install python3.12 python3.12-venv python3.12-tk
    python=python3.12
    new_enough "$python"
fi

# course.py puts the packages into .venv when it first needs them: now.
"$python" "$source/course.py" grade --help > /dev/null

if [ "$(id -u)" = 0 ]; then
    id "$user" > /dev/null 2>&1 || useradd --create-home --shell /usr/sbin/nologin "$user"
    chmod -R go=u-w "$source" # everyone may read it, root alone may change it
fi
