"""A server that leaves processes everywhere: argv[1] is the folder in which each writes its pid.

`worker` stays in the group; `daemon` leaves group and session and loses its parent; `bare` drops its environment too, but only
after it has been seen as a child; the leader ignores SIGTERM when argv[2] is `stubborn`.
"""

import os
import signal
import sys
import time

folder = sys.argv[1]


def tell(name: str) -> None:
    with open(os.path.join(folder, name + ".aside"), "w") as file:
        file.write(str(os.getpid()))
    os.rename(os.path.join(folder, name + ".aside"), os.path.join(folder, name))


def stay(name: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tell(name)
    time.sleep(600)
    os._exit(0)


if len(sys.argv) > 3 and sys.argv[3] == "bare":
    stay("bare")
if os.fork() == 0:
    stay("worker")
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    stay("daemon")
if os.fork() == 0:
    os.setsid()
    time.sleep(1)
    os.execve(sys.executable, [sys.executable, *sys.argv[:2], "plain", "bare"], {})
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
tell("leader")
while True:
    time.sleep(600)
