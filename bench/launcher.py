"""Starts one command and tells what it cost: run by itself, with nothing loaded that would count as the command's.

A child inherits the peak memory of whoever started it, so a large process cannot measure a small one.

    python -I -S launcher.py OUTPUT COMMAND [ARGUMENT ...]    the command's output goes to a file; one line of JSON out
"""

import os
import sys
import time

if __name__ == "__main__":
    output, command = sys.argv[1], sys.argv[2:]
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, output, write, 0o600)]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    status = os.waitstatus_to_exitcode(status)
    sys.stdout.write(
        f'{{"wall": {wall}, "cpu": {usage.ru_utime + usage.ru_stime}, "peak": {peak}, "status": {status}}}\n'
    )
