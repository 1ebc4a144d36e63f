"""A program under test that does what its cases are called, for tests of the other side.

A case whose id has a word in it makes the program misbehave in that way, once it comes to the
case; every other case retires with RAX set to the case's number. Modes on the command line concern
the program as a whole.
"""
import json
import os
import signal
import sys
import time

modes = sys.argv[1:]
record = None


def say(line):
    if record:
        record.write(line + "\n")
        record.flush()
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def observation(number, **members):
    members = members or {
        "kind": "retired", "registers": {"RAX": hex(number)}, "others": "state", "memory": []}
    say(json.dumps({"observation": {"number": number, **members}}))


def first_time(name):
    """Whether this is the first time, over all programs, that `name` comes up."""
    try:
        os.close(os.open(os.path.join(os.environ["MEMORY"], name), os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False


def run(case):
    number, name = case["number"], case["id"]
    if "hang" in name:
        time.sleep(3600)
    if "flaky" in name and first_time("flaky"):
        os._exit(3)
    if "dies" in name:
        sys.stderr.write("first words\nlast words\n")
        sys.stderr.flush()
        os._exit(7)
    if "leaves" in name:
        os._exit(0)
    if "silent" in name:
        return
    if "stranger" in name:
        observation(number + 1000000)
    elif "unknown-register" in name:
        observation(number, kind="retired", registers={"R99": "0x1"}, others="state")
    elif "nonsense" in name:
        say("Segmentation fault")
    elif "not-utf8" in name:
        sys.stdout.buffer.write(b'{"observation":"\xff\xfe"}\n')
        sys.stdout.flush()
    elif "closes" in name:
        os.close(1)
        time.sleep(3600)
    elif "cannot" in name:
        observation(number, kind="not-applicable", remark="no such instruction here")
    else:
        observation(number)
    if "twice" in name:
        observation(number)
    if "forever" in name:
        while True:
            observation(number)


def main():
    global record
    if "children" in modes:
        child = os.fork()
        if child == 0:
            time.sleep(3600)
        with open(os.path.join(os.environ["MEMORY"], "child"), "w") as out:
            out.write(str(child))
    if "record" in modes:
        record = open(os.path.join(os.environ["MEMORY"], "record"), "a")
    with open(os.path.join(os.environ["MEMORY"], "starts"), "a") as out:
        out.write("started\n")
    if "mute" in modes:
        time.sleep(3600)
    if "stderr" in modes:
        sys.stderr.write("x" * 99 + "\n" + "y" * 100000 + "\n")
        sys.stderr.flush()
    hello = {"protocol": 1, "name": "made up", "version": "1.2", "vendors": ["svm"]}
    for mode in modes:
        if mode.startswith("{"):
            hello.update(json.loads(mode))
    cases = []
    for line in sys.stdin:
        if record:
            record.write(line)
        message = json.loads(line)
        if "hello" in message:
            if "banner" in modes:
                say("Welcome")
            if "refuse" in modes:
                say(json.dumps({"refuse": {"reason": "too old"}}))
                return
            if "dies-at-once" in modes:
                sys.stderr.write("no licence\n")
                sys.exit(5)
            say(json.dumps({"hello": hello}))
            if "deaf" in modes and not first_time("deaf"):
                time.sleep(3600)
        elif "case" in message:
            if "backwards" in modes:
                cases.insert(0, message["case"])
            else:
                run(message["case"])
        elif "end" in message:
            for case in cases:
                run(case)
            cases = []
            if "endless" not in modes:
                say(json.dumps({"end": message["end"]}))


if "stubborn" in modes:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
main()
